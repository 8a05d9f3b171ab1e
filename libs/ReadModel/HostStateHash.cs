using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>A host beside its peers as a hash: named fields for anybody, and <c>state</c> with all the fold knows.</summary>
public static class HostStateHash
{
    /// <summary>The named fields, in the order written.</summary>
    public static IReadOnlyList<string> FieldNames { get; } = ["host", "epoch", "last_line", "lines", "lines_suppressed", "gaps", "silent_since", "trust", "trust_lowest", "state"];

    /// <summary>All fields.</summary>
    public static EventField[] Encode(HostState host) =>
    [
        EventField.Of("host", host.Host), EventField.Of("epoch", host.Epoch.Number), EventField.Of("last_line", host.LastLineAt),
        EventField.Of("lines", host.Lines), EventField.Of("lines_suppressed", host.Loss.Suppressed),
        EventField.Of("gaps", host.Gaps.All.Length + host.Gaps.Forgotten), EventField.Of("silent_since", host.Gaps.SilentSince),
        EventField.Of("trust", TrustWords.Of(host.Trust)), EventField.Of("trust_lowest", TrustWords.Of(host.TrustLowest)), State(host),
    ];

    /// <summary>Only <c>state</c>.</summary>
    public static EventField[] EncodeState(HostState host) => [State(host)];

    /// <summary>The host with the peers given. Anybody may have written the key: false when the state is none; true with null when there is none.</summary>
    public static bool TryDecode(string host, RedisValue state, IReadOnlyCollection<PeerState> peers, out HostState? decoded)
    {
        decoded = null;
        if (state.IsNullOrEmpty) return true;
        try
        {
            var stored = JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)state).Span, StateJson.Default.StoredHost);
            if (stored is not { IsComplete: true }) return false;
            decoded = stored.ToState(host, peers);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A host of which only peers are left: numbers of an earlier epoch must not be taken for those of the running one.</summary>
    public static HostState FromPeers(string host, IReadOnlyCollection<PeerState> peers)
    {
        var nothing = HostState.Of(host);
        if (peers.Count == 0) return nothing;
        var epoch = nothing.Epoch with { Number = Math.Max(nothing.Epoch.Number, peers.Max(peer => peer.Id.Epoch)) };
        return StoredHost.Of(nothing with { Epoch = epoch }).ToState(host, peers);
    }

    private static EventField State(HostState host) =>
        new(StateJson.FieldName, JsonSerializer.SerializeToUtf8Bytes(StoredHost.Of(host), StateJson.Default.StoredHost));
}

/// <summary>The part of <see cref="HostState"/> that is not stored with the peers. Gone peers are found again from the peers themselves.</summary>
internal sealed record StoredHost(EpochTrack Epoch, KernelClock Clock, LineLoss Loss, InterfaceState[] Interfaces, SessionCandidate[] Candidates,
    HandshakeTrouble Trouble, long LastLineAt, long Lines, long PeersRefused, long StaleLines, TrustLevel Trust, TrustLevel TrustLowest,
    long HeardAt = 0, Gap[]? Gaps = null, long GapsForgotten = 0, long SilentSince = 0)
{
    public static StoredHost Of(HostState host) => new(host.Epoch, host.Clock, host.Loss, [.. host.Interfaces.Values], [.. host.Candidates],
        host.Trouble, host.LastLineAt, host.Lines, host.PeersRefused, host.StaleLines, host.Trust, host.TrustLowest,
        host.HeardAt, host.Gaps.All.IsEmpty ? null : [.. host.Gaps.All], host.Gaps.Forgotten, host.Gaps.SilentSince);

    /// <summary>False for JSON that is well-formed and lacks what every writer writes.</summary>
    [JsonIgnore]
    public bool IsComplete => Epoch is not null && Candidates is not null && Interfaces is not null && Interfaces.All(device => device?.Name is not null);

    public HostState ToState(string host, IEnumerable<PeerState> peers)
    {
        var all = peers.ToImmutableDictionary(peer => peer.Id);
        var gone = all.Values.Where(peer => peer.IsGone).OrderBy(peer => peer.GoneAt).ThenBy(peer => peer.Id.Epoch).ThenBy(peer => peer.Id.Number)
            .Select(peer => new GonePeer(peer.Id, peer.GoneAt)).ToList();
        return HostState.Of(host) with
        {
            Epoch = Epoch,
            Clock = Clock,
            Loss = Loss,
            // States of older versions have none.
            Gaps = Gaps is null && GapsForgotten == 0 && SilentSince == 0 ? GapLog.None : new([.. Gaps ?? []], GapsForgotten, SilentSince),
            HeardAt = HeardAt,
            Interfaces = Interfaces.DistinctBy(device => device.Name).ToImmutableDictionary(device => device.Name, StringComparer.Ordinal),
            Candidates = [.. Candidates],
            Trouble = Trouble,
            LastLineAt = LastLineAt,
            Lines = Lines,
            PeersRefused = PeersRefused,
            StaleLines = StaleLines,
            Trust = Trust,
            TrustLowest = TrustLowest,
            Peers = all,
            Gone = [.. gone],
            GoneCount = gone.Count,
        };
    }
}
