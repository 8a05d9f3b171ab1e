using System.Text.Json.Serialization;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel.History;

/// <summary>A host in a history point, one line of JSON: all of its peers, or those that changed since the point before.</summary>
/// <param name="Host">Name.</param>
/// <param name="State">What is known of it beside its peers.</param>
/// <param name="Peers">All of them, or the changed ones.</param>
/// <param name="Removed">Those forgotten since the point before; null for none.</param>
internal sealed record HostRecord(string Host, StoredHost State, PeerState[] Peers, PeerId[]? Removed)
{
    /// <summary>The host whole.</summary>
    public static HostRecord Full(HostState host) => new(host.Host, StoredHost.Of(host), [.. host.Peers.Values], null);

    /// <summary>What of the host differs since <see cref="HostState.Changed"/> was emptied.</summary>
    public static HostRecord Delta(HostState host)
    {
        var changed = host.Changed.Distinct().ToLookup(host.Peers.ContainsKey);
        PeerId[] removed = [.. changed[false]];
        return new(host.Host, StoredHost.Of(host), [.. changed[true].Select(id => host.Peers[id])], removed.Length == 0 ? null : removed);
    }

    /// <summary>The host as a row of records makes it, the first of them whole, oldest first.</summary>
    public static HostState Merge(IReadOnlyList<HostRecord> records)
    {
        var peers = new Dictionary<PeerId, PeerState>();
        foreach (var record in records)
        {
            foreach (var peer in record.Peers) peers[peer.Id] = peer;
            foreach (var id in record.Removed ?? []) peers.Remove(id);
        }
        return records[^1].State.ToState(records[^1].Host, peers.Values);
    }
}

/// <summary>JSON of <see cref="HostRecord"/> and <see cref="HistoryRecord"/>; what has its type's default value is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(HostRecord))]
[JsonSerializable(typeof(EndpointRecord))]
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(EpochRecord))]
internal sealed partial class HistoryJson : JsonSerializerContext;
