using System.Globalization;
using System.Text;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>
/// An alert and its deliveries as named fields. The same fields stand in the outbox entry and in the alert's hash; a field is never renamed or
/// re-typed. Names of delivery fields hold a colon, which names of alert fields and of routes do not.
/// </summary>
public static class AlertCodec
{
    /// <summary>Field of the hash and of the entry that holds the id.</summary>
    public const string IdField = "alert";

    /// <summary>The alert's fields in fixed order.</summary>
    public static EventField[] Encode(AlertRecord alert)
    {
        List<EventField> fields =
        [
            EventField.Of(IdField, alert.Id),
            EventField.Of("kind", alert.Kind),
            EventField.Of("rule", alert.Rule),
            EventField.Of("host", alert.Host),
            EventField.Of("epoch", alert.Peer.Epoch),
            EventField.Of("peer", alert.Peer.Number),
            EventField.Of("interface", alert.Interface),
            EventField.Of("old", alert.OldEndpoint.ToString()),
            EventField.Of("new", alert.NewEndpoint.ToString()),
            EventField.Of("change", Word(alert.Change)),
            EventField.Of("at", alert.At),
            EventField.Of("received", alert.Received),
            EventField.Of("causes", string.Join(',', alert.Causes)),
            EventField.Of("evidence", EventNames.Of(alert.Evidence)),
            EventField.Of("certainty", Word(alert.Certainty)),
            EventField.Of("complete", alert.Complete ? "1" : "0"),
            EventField.Of("trust", TrustWords.Of(alert.Trust)),
        ];
        if (alert.Unproven) fields.Add(EventField.Of("unproven", "1"));
        if (alert.Name is not null) fields.Add(EventField.Of("name", alert.Name));
        if (alert.PublicKey is not null) fields.Add(EventField.Of("public_key", alert.PublicKey));
        if (alert.Gap is { } gap)
        {
            fields.Add(EventField.Of("gap", GapWord(gap.Kind)));
            fields.Add(EventField.Of("gap_from", gap.From));
            fields.Add(EventField.Of("gap_to", gap.To));
            fields.Add(EventField.Of("gap_lines", gap.Lines));
        }
        return [.. fields];
    }

    /// <summary>Why lines are missing, as it stands in fields, in alerts and in the API: <c>collector-outage</c>.</summary>
    public static string GapWord(GapKind kind) => kind switch
    {
        GapKind.LinesSuppressed => "lines-suppressed",
        GapKind.KeypairsMissing => "keypairs-missing",
        GapKind.HostSilent => "host-silent",
        GapKind.CollectorOutage => "collector-outage",
        GapKind.LinesDropped => "lines-dropped",
        GapKind.HistoryRewound => "history-rewound",
        GapKind.EntriesTrimmed => "entries-trimmed",
        _ => "unknown",
    };

    private static Gap? DecodeGap(IReadOnlyDictionary<string, string> fields, StreamId cause)
    {
        if (!fields.TryGetValue("gap", out var word) || !TryNumber(fields, "gap_from", out long from) || !TryNumber(fields, "gap_to", out long to)) return null;
        if (!TryNumber(fields, "gap_lines", out long lines)) return null;
        return new(Enum.GetValues<GapKind>().FirstOrDefault(kind => GapWord(kind) == word), from, to, lines, new(cause.Milliseconds, cause.Sequence));
    }

    /// <summary>The fields of one route's delivery.</summary>
    public static EventField[] Encode(DeliveryRecord delivery) =>
    [
        EventField.Of($"{delivery.Route}:state", Word(delivery.State)),
        EventField.Of($"{delivery.Route}:attempts", delivery.Attempts),
        EventField.Of($"{delivery.Route}:reason", delivery.Reason),
        EventField.Of($"{delivery.Route}:at", delivery.At),
    ];

    /// <summary>False where a field is missing or does not parse; fields it does not know are passed over.</summary>
    public static bool TryDecode(IReadOnlyDictionary<string, string> fields, out AlertRecord alert)
    {
        alert = null!;
        if (!fields.TryGetValue(IdField, out var id) || !AlertId.IsWellFormed(id)) return false;
        if (!fields.TryGetValue("kind", out var kind) || !fields.TryGetValue("rule", out var rule) || !fields.TryGetValue("host", out var host)) return false;
        if (!TryNumber(fields, "epoch", out int epoch) || !TryNumber(fields, "peer", out ulong number) || !fields.TryGetValue("interface", out var device)) return false;
        if (!TryEndpoint(fields, "old", out var old) || !TryEndpoint(fields, "new", out var now) || !TryWord(fields, "change", out EndpointChange change)) return false;
        if (!TryNumber(fields, "at", out long at) || !TryNumber(fields, "received", out long received) || !TryIds(fields, out var causes)) return false;
        if (!fields.TryGetValue("evidence", out var name) || !EventNames.TryKindOf(Encoding.ASCII.GetBytes(name), out var evidence)) return false;
        if (!TryWord(fields, "certainty", out EndpointCertainty certainty) || !fields.TryGetValue("complete", out var complete)) return false;
        alert = new AlertRecord(
            id, kind, rule, host, new PeerId(epoch, number), device, old, now, change, at, received, causes, evidence, certainty, complete == "1")
        {
            // Alerts of older versions have none: nothing was proven then.
            Trust = TrustWords.Parse(Encoding.UTF8.GetBytes(fields.GetValueOrDefault("trust") ?? "")),
            Unproven = fields.GetValueOrDefault("unproven") == "1",
            Name = fields.GetValueOrDefault("name"),
            PublicKey = fields.GetValueOrDefault("public_key"),
            Gap = DecodeGap(fields, causes[^1]),
        };
        return true;
    }

    /// <summary>The deliveries that stand in an alert's hash, by name of route; incomplete ones are left out.</summary>
    public static IReadOnlyList<DeliveryRecord> DecodeDeliveries(IReadOnlyDictionary<string, string> fields)
    {
        var deliveries = new List<DeliveryRecord>();
        foreach (var name in fields.Keys.Where(name => name.EndsWith(":state", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var route = name[..^":state".Length];
            if (TryDecodeDelivery(fields, route, out var delivery)) deliveries.Add(delivery);
        }

        return deliveries;
    }

    /// <summary>The delivery of one route.</summary>
    public static bool TryDecodeDelivery(IReadOnlyDictionary<string, string> fields, string route, out DeliveryRecord delivery)
    {
        delivery = null!;
        if (!TryWord(fields, $"{route}:state", out DeliveryState state) || !TryNumber(fields, $"{route}:attempts", out int attempts)) return false;
        if (!TryNumber(fields, $"{route}:at", out long at)) return false;
        delivery = new DeliveryRecord(route, state, attempts, fields.GetValueOrDefault($"{route}:reason") ?? "", at);
        return true;
    }

    /// <summary>Names of the fields that <see cref="TryDecodeDelivery"/> reads.</summary>
    public static IReadOnlyList<string> DeliveryFields(string route) => [$"{route}:state", $"{route}:attempts", $"{route}:reason", $"{route}:at"];

    /// <summary>A value of a closed set as it stands in fields and in JSON: lower case.</summary>
    public static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static bool TryWord<T>(IReadOnlyDictionary<string, string> fields, string name, out T value) where T : struct, Enum
    {
        value = default;
        // Enum.TryParse takes numbers too; they are no words of ours.
        return fields.TryGetValue(name, out var word) && word.Length > 0 && char.IsAsciiLetterLower(word[0]) && Enum.TryParse(word, ignoreCase: true, out value);
    }

    private static bool TryNumber<T>(IReadOnlyDictionary<string, string> fields, string name, out T value) where T : struct, ISpanParsable<T>
    {
        value = default;
        return fields.TryGetValue(name, out var text) && T.TryParse(text, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryEndpoint(IReadOnlyDictionary<string, string> fields, string name, out PeerEndpoint endpoint)
    {
        endpoint = PeerEndpoint.None;
        return fields.TryGetValue(name, out var text) && (text.Length == 0 || PeerEndpoint.TryParse(Encoding.ASCII.GetBytes(text), out endpoint));
    }

    private static bool TryIds(IReadOnlyDictionary<string, string> fields, out IReadOnlyList<StreamId> ids)
    {
        var read = new List<StreamId>();
        ids = read;
        if (!fields.TryGetValue("causes", out var text)) return false;
        foreach (var part in text.Split(','))
        {
            if (!StreamId.TryParse(part, out var id)) return false;
            read.Add(id);
        }

        return true;
    }
}
