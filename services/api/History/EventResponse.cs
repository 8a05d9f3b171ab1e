using System.Buffers.Text;
using System.Text;
using WgMonitor.Api.Peers;
using WgMonitor.Events;
using WgMonitor.ReadModel.History;

namespace WgMonitor.Api.History;

/// <summary>An entry of the event log as the API tells it. Times are UTC.</summary>
/// <param name="Id">Position in its partition.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Event">Name and version.</param>
/// <param name="Host">Host that printed the line.</param>
/// <param name="At">When it happened.</param>
/// <param name="Received">When the collector received it.</param>
/// <param name="Uptime">The kernel's stamp, seconds since boot; null without one.</param>
/// <param name="Interface">Device; null where the line names none.</param>
/// <param name="Peer">The kernel's number of the peer; null where the line names none.</param>
/// <param name="Endpoint">As printed.</param>
/// <param name="Trust">What the transport proved of the sender: udp (nothing), tcp, tls or tls-client-cert.</param>
/// <param name="Fields">The further fields of the event, by their names in the log.</param>
public sealed record EventResponse(
    string Id, int Partition, string Event, string Host, DateTimeOffset? At, DateTimeOffset? Received, double? Uptime, string? Interface, ulong? Peer, string? Endpoint, string Trust,
    IReadOnlyDictionary<string, string> Fields)
{
    public static EventResponse Of(LoggedEvent logged)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in logged.Entry.Fields) known[Encoding.UTF8.GetString(field.Name.Span)] = Encoding.UTF8.GetString(field.Value.Span);
        return new(
            logged.Entry.Id.ToString(), logged.Partition, Take(known, "event") ?? "", Take(known, "host") ?? "", Time(Take(known, "at")), Time(Take(known, "received")),
            Number(Take(known, "uptime")) / 1e6, Take(known, "interface"), (ulong?)Number(Take(known, "peer")), Take(known, "endpoint"),
            TrustWords.Of(TrustWords.Parse(Encoding.UTF8.GetBytes(Take(known, "trust") ?? ""))), known);
    }

    private static string? Take(Dictionary<string, string> fields, string name) => fields.Remove(name, out var value) && value.Length > 0 ? value : null;

    private static DateTimeOffset? Time(string? microseconds) => Number(microseconds) is > 0 and < 253_402_300_800_000_000 and var number ? PeerResponse.Time(number) : null;

    // Digits only: what somebody else wrote there is no number of ours.
    private static long? Number(string? text) =>
        text is not null && char.IsAsciiDigit(text[0]) && Utf8Parser.TryParse(Encoding.ASCII.GetBytes(text), out long number, out var used) && used == text.Length ? number : null;
}
