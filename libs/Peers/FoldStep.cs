using System.Collections.Immutable;
using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>One event on its way through the rules: the parts of the host it may change, and what was found. Lives for one call.</summary>
internal ref struct FoldStep
{
    private readonly HostState before;
    private readonly Cause cause;
    private readonly FoldLimits limits;
    private List<HostFinding>? findings;

    public FoldStep(HostState before, Cause cause, FoldLimits limits)
    {
        this.before = before;
        this.cause = cause;
        this.limits = limits;
        Epoch = before.Epoch;
        Clock = before.Clock;
        Loss = before.Loss;
        Gaps = before.Gaps;
        Peers = before.Peers;
        Changed = before.Changed;
        Interfaces = before.Interfaces;
        Gone = before.Gone;
        GoneCount = before.GoneCount;
        Candidates = before.Candidates;
        Trouble = before.Trouble;
        PeersRefused = before.PeersRefused;
        TrustLowest = before.TrustLowest;
    }

    public EpochTrack Epoch;
    public KernelClock Clock;
    public LineLoss Loss;
    public GapLog Gaps;
    public ImmutableDictionary<string, InterfaceState> Interfaces;
    public ImmutableQueue<GonePeer> Gone;
    public int GoneCount;
    public ImmutableQueue<SessionCandidate> Candidates;
    public HandshakeTrouble Trouble;
    public long PeersRefused;
    public TrustLevel TrustLowest;

    /// <summary>Of the event.</summary>
    public TrustLevel Trust;

    /// <summary>Time of the event.</summary>
    public long At;

    /// <summary>When it was received.</summary>
    public long Received;

    public readonly string Host => before.Host;
    public readonly long LastLineAt => before.LastLineAt;
    public readonly Cause Cause => cause;
    public readonly FoldLimits Limits => limits;

    public ImmutableDictionary<PeerId, PeerState> Peers { get; private set; }

    private ImmutableStack<PeerId> Changed { get; set; }

    public void Set(PeerState peer)
    {
        Peers = Peers.SetItem(peer.Id, peer);
        Changed = Changed.Push(peer.Id);
    }

    public void Remove(PeerId peer)
    {
        Peers = Peers.Remove(peer);
        Changed = Changed.Push(peer);
    }

    public void Found(HostFinding finding) => (findings ??= []).Add(finding);

    public readonly HostState Finish() => before with
    {
        Epoch = Epoch,
        Clock = Clock,
        Loss = Loss,
        Gaps = Gaps,
        Peers = Peers,
        Changed = Changed,
        Interfaces = Interfaces,
        Gone = Gone,
        GoneCount = GoneCount,
        Candidates = Candidates,
        Trouble = Trouble,
        PeersRefused = PeersRefused,
        Trust = Trust,
        TrustLowest = TrustWords.Lower(TrustLowest, Trust),
        HeardAt = Received,
        LastLineAt = Math.Max(before.LastLineAt, At),
        Lines = before.Lines + 1,
    };

    public readonly ImmutableArray<HostFinding> Findings => findings is null ? [] : [.. findings];
}
