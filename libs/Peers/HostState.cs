using System.Collections.Immutable;
using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>
/// All that is concluded from the lines of one host so far. Immutable; <see cref="HostFold"/> makes the next one.
/// Times are Unix microseconds of the host's clock as its kernel stamps tell it; 0 is never.
/// </summary>
public sealed record HostState
{
    public required string Host { get; init; }

    /// <summary>The load of the module that is running, and how it would be noticed that another one began.</summary>
    public EpochTrack Epoch { get; init; } = EpochTrack.First;

    /// <summary>Kernel stamps against wall time.</summary>
    public KernelClock Clock { get; init; }

    /// <summary>What is known of lines that the kernel printed and nobody saw.</summary>
    public LineLoss Loss { get; init; } = LineLoss.None;

    /// <summary>When lines are missing, or may be, and why.</summary>
    public GapLog Gaps { get; init; } = GapLog.None;

    /// <summary>Peers of the running epoch, and gone ones for a bounded time.</summary>
    public ImmutableDictionary<PeerId, PeerState> Peers { get; init; } = ImmutableDictionary<PeerId, PeerState>.Empty;

    /// <summary>
    /// Peers set or removed since somebody emptied this, some of them more than once: whoever stores states writes these and need not
    /// compare thousands. No part of what is known of the host.
    /// </summary>
    public ImmutableStack<PeerId> Changed { get; init; } = [];

    public ImmutableDictionary<string, InterfaceState> Interfaces { get; init; } =
        ImmutableDictionary<string, InterfaceState>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Gone peers in the order they went.</summary>
    public ImmutableQueue<GonePeer> Gone { get; init; } = [];

    public int GoneCount { get; init; }

    /// <summary>First sessions of responders that wait for a repeated attempt which would show that they failed, oldest first.</summary>
    public ImmutableQueue<SessionCandidate> Candidates { get; init; } = [];

    public HandshakeTrouble Trouble { get; init; }

    /// <summary>When the latest line of the log was received, by the clock of the collector that did.</summary>
    public long HeardAt { get; init; }

    /// <summary>Latest time of any line of the host.</summary>
    public long LastLineAt { get; init; }

    public long Lines { get; init; }

    /// <summary>Trust of the latest line.</summary>
    public TrustLevel Trust { get; init; }

    /// <summary>The lowest trust of any line of the running epoch; the highest level before the first line.</summary>
    public TrustLevel TrustLowest { get; init; } = TrustLevel.TlsClientCert;

    /// <summary>Peer numbers not followed because of <see cref="FoldLimits.PeersMax"/>.</summary>
    public long PeersRefused { get; init; }

    /// <summary>Lines printed before the running boot, which arrived after it began.</summary>
    public long StaleLines { get; init; }

    public static HostState Of(string host) => new() { Host = host };

    /// <summary>The peer of the running epoch with this number, gone or not.</summary>
    public PeerState? Current(ulong number) => Peers.GetValueOrDefault(new PeerId(Epoch.Number, number));

    /// <summary>Without the entries of the log that made things known: the same for the same events under other IDs.</summary>
    public HostState WithoutCauses() => this with
    {
        Peers = Peers.SetItems(Peers.Select(peer => KeyValuePair.Create(peer.Key, peer.Value with { Cause = default }))),
        Gaps = Gaps with { All = [.. Gaps.All.Select(gap => gap with { Cause = default })] },
    };
}

/// <param name="Peer">Who.</param>
/// <param name="At">Since when it is gone.</param>
public readonly record struct GonePeer(PeerId Peer, long At);

/// <param name="Peer">Whose session.</param>
/// <param name="Keypair">The keypair derived.</param>
/// <param name="At">When it was derived.</param>
public readonly record struct SessionCandidate(PeerId Peer, ulong Keypair, long At);
