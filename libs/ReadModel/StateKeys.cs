using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>
/// Every key of the folded state of a partition. The projector's view is what people and the API read; the notifier and the base snapshot keep folds of
/// their own in views of their own, and none reads the other's.
/// </summary>
public sealed class StateKeys
{
    private readonly StreamKeys keys;
    private readonly string view;

    private StateKeys(StreamKeys keys, string view, bool hasNamedFields) => (this.keys, this.view, HasNamedFields) = (keys, view, hasNamedFields);

    /// <summary>The state that people read, in its first generation.</summary>
    public static StateKeys Projector(StreamKeys keys) => Projector(keys, 0);

    /// <summary>The same in one of its generations; see <see cref="StateGenerations"/>.</summary>
    public static StateKeys Projector(StreamKeys keys, int generation) => new(keys, generation == 0 ? "" : $"g{generation}:", true);

    /// <summary>The notifier's own memory.</summary>
    public static StateKeys Notifier(StreamKeys keys) => new(keys, "notifier:", false);

    /// <summary>What the part of the log came to that is trimmed or may be.</summary>
    public static StateKeys Base(StreamKeys keys) => new(keys, "base:", false);

    /// <summary>Others than the owner read this view, so its hashes have named fields; else only <c>state</c>.</summary>
    public bool HasNamedFields { get; }

    /// <summary>Hash: one peer, see <see cref="PeerStateHash"/>. Goes when the fold forgets the peer.</summary>
    public string Peer(int partition, string host, PeerId peer) => keys.InPartition(partition, $"{view}peer:{Member(host, peer)}");

    /// <summary>Hash: what is known of a host beside its peers, see <see cref="HostStateHash"/>.</summary>
    public string Host(int partition, string host) => keys.InPartition(partition, $"{view}host:{host}");

    /// <summary>Sorted set, all scores 0: the peers (<c>vpn-01/1/17</c>) in lexical order, for paging.</summary>
    public string PeerIndex(int partition) => keys.InPartition(partition, $"{view}peers");

    /// <summary>Sorted set, all scores 0: the hosts.</summary>
    public string HostIndex(int partition) => keys.InPartition(partition, $"{view}hosts");

    /// <summary>A peer's name in keys, in the index and in the API: <c>host/epoch/number</c>.</summary>
    public static string Member(string host, PeerId peer) => $"{host}/{peer.Epoch}/{peer.Number}";

    /// <summary>The reverse of <see cref="Member"/>.</summary>
    public static bool TryParseMember(string member, out string host, out PeerId peer)
    {
        host = "";
        peer = default;
        var parts = member.Split('/');
        if (parts.Length != 3 || !int.TryParse(parts[1], out var epoch) || !ulong.TryParse(parts[2], out var number)) return false;
        host = parts[0];
        peer = new PeerId(epoch, number);
        return host.Length > 0;
    }
}
