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
            Field(IdField, alert.Id),
            Field("kind", alert.Kind),
            Field("rule", alert.Rule),
            Field("host", alert.Host),
            Field("epoch", Text(alert.Peer.Epoch)),
            Field("peer", Text(alert.Peer.Number)),
            Field("interface", alert.Interface),
            Field("old", alert.OldEndpoint.ToString()),
            Field("new", alert.NewEndpoint.ToString()),
            Field("change", Word(alert.Change)),
            Field("at", Text(alert.At)),
            Field("received", Text(alert.Received)),
            Field("causes", string.Join(',', alert.Causes)),
            Field("evidence", EventNames.Of(alert.Evidence)),
            Field("certainty", Word(alert.Certainty)),
            Field("complete", alert.Complete ? "1" : "0"),
        ];
        if (alert.Name is not null) fields.Add(Field("name", alert.Name));
        if (alert.PublicKey is not null) fields.Add(Field("public_key", alert.PublicKey));
        return [.. fields];
    }

    /// <summary>The fields of one route's delivery.</summary>
    public static EventField[] Encode(DeliveryRecord delivery) =>
    [
        Field($"{delivery.Route}:state", Word(delivery.State)),
        Field($"{delivery.Route}:attempts", Text(delivery.Attempts)),
        Field($"{delivery.Route}:reason", delivery.Reason),
        Field($"{delivery.Route}:at", Text(delivery.At)),
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
            Name = fields.GetValueOrDefault("name"),
            PublicKey = fields.GetValueOrDefault("public_key"),
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

    private static string Text<T>(T number) where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    private static EventField Field(string name, string value) => new(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
