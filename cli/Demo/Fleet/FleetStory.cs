namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>
/// What the simulated fleet does, for ever: everyday life of all peers from the first seconds on, and the incidents of <see cref="FleetIncidents"/>.
/// Pure: the same seed gives the same story, to the byte; real time comes in only where it is sent.
/// </summary>
internal sealed class FleetStory
{
    /// <summary>Every peer has shown itself after that.</summary>
    public static readonly TimeSpan Opening = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan KeepaliveInterval = TimeSpan.FromSeconds(25);

    /// <summary>REKEY_AFTER_TIME of the protocol.</summary>
    private static readonly TimeSpan RekeyInterval = TimeSpan.FromSeconds(120);

    /// <summary>REKEY_TIMEOUT with its usual jitter.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5.2);

    private const int AttemptsMax = 20;

    private readonly PriorityQueue<Action<TimeSpan>, (TimeSpan At, long Number)> agenda = new();
    private readonly List<FleetStep> steps = [];
    private long planned;

    /// <param name="hosts">VPN servers, 1 and more: every second one sends over UDP, the first over TCP.</param>
    /// <param name="peers">Of all hosts together, at least one a host.</param>
    /// <param name="seed">Names, numbers and moments follow from it.</param>
    public FleetStory(int hosts, int peers, int seed)
    {
        Random = new(seed);
        Endpoints = new(Random);
        for (var i = 0; i < hosts; i++) Hosts.Add(new($"vpn-{i + 1:d2}", overTcp: i % 2 == 0, TimeSpan.FromSeconds(86_400 + Random.Next(5_000_000)), steps));
        for (var i = 0; i < peers; i++) AddPeer(Hosts[i % hosts], i / hosts, last: i == peers - 1 && peers > hosts);
        foreach (var host in Hosts)
        {
            foreach (var peer in host.Peers) Begin(TimeSpan.Zero, host, peer);
        }

        FleetIncidents.Plan(this);
    }

    public Random Random { get; }

    public EndpointPool Endpoints { get; }

    public List<SimulatedHost> Hosts { get; } = [];

    /// <summary>All that happens, in order, without end.</summary>
    public IEnumerable<FleetStep> Steps()
    {
        while (agenda.TryDequeue(out var act, out var moment))
        {
            act(moment.At);
            foreach (var step in steps) yield return step;
            steps.Clear();
        }
    }

    public void Plan(TimeSpan at, Action<TimeSpan> act) => agenda.Enqueue(act, (at, planned++));

    public void Tell(TimeSpan at, string sentence) => steps.Add(new Told(at, sentence));

    /// <summary>A line that no kernel printed.</summary>
    public void Forge(TimeSpan at, string host, string text) => steps.Add(new LinePrinted(at, host, OverTcp: false, Severity: 7, text));

    /// <summary>A peer's life from a boot of its host on, or from the beginning of the story.</summary>
    public void Begin(TimeSpan from, SimulatedHost host, SimulatedPeer peer)
    {
        var boot = host.Boot;
        var at = from + Random.NextDouble() * Opening;
        if (peer.Nature == PeerNature.Dead) Plan(at, now => Try(now, host, peer, boot, attempt: 1));
        else Plan(at, now => ShakeHands(now, host, peer, boot));
    }

    private void AddPeer(SimulatedHost host, int number, bool last)
    {
        var nature = last ? PeerNature.Dead : number % 4 == 3 ? PeerNature.Site : number % 5 == 4 ? PeerNature.V6Only : PeerNature.Phone;
        var endpoint = nature switch { PeerNature.Phone => Endpoints.Mobile(), PeerNature.V6Only => Endpoints.V6(), _ => Endpoints.Site() };
        host.Peers.Add(new(nature, number + 1, endpoint));
    }

    private void ShakeHands(TimeSpan now, SimulatedHost host, SimulatedPeer peer, int boot)
    {
        if (host.Boot != boot) return;
        host.ShakeHands(now, peer);
        Plan(now + RekeyInterval + Random.NextDouble() * TimeSpan.FromSeconds(2), later => ShakeHands(later, host, peer, boot));
        // Traffic decides when the first one is due: else all peers of a host that booted would speak at once and then fall silent.
        for (var at = now + (0.1 + 0.9 * Random.NextDouble()) * KeepaliveInterval; at < now + RekeyInterval; at += KeepaliveInterval) Plan(at, later => KeepAlive(later, host, peer, boot));
    }

    private static void KeepAlive(TimeSpan now, SimulatedHost host, SimulatedPeer peer, int boot)
    {
        if (host.Boot == boot) host.Print(now, KernelText.KeepaliveReceived(peer.Number, peer.Endpoint));
    }

    /// <summary>The host's own persistent keepalive asks a dead peer for a session, twenty times, and begins anew.</summary>
    private void Try(TimeSpan now, SimulatedHost host, SimulatedPeer peer, int boot, int attempt)
    {
        if (host.Boot != boot) return;
        if (attempt > AttemptsMax)
        {
            host.Print(now, KernelText.GaveUp(peer.Number, peer.Endpoint));
            Plan(now + KeepaliveInterval, later => Try(later, host, peer, boot, attempt: 1));
            return;
        }

        host.Print(now, attempt == 1 ? KernelText.KeepaliveSent(peer.Number, peer.Endpoint) : KernelText.Retrying(peer.Number, peer.Endpoint, attempt));
        host.Print(now, KernelText.InitiationSent(peer.Number, peer.Endpoint));
        Plan(now + RetryInterval, later => Try(later, host, peer, boot, attempt + 1));
    }
}
