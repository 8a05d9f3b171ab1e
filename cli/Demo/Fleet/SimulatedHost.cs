namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>A VPN server of the fleet: its kernel's clock and counters, and what it prints.</summary>
/// <param name="name">In the syslog header.</param>
/// <param name="overTcp">How its syslog daemon sends.</param>
/// <param name="uptime">How long it is up when the story begins.</param>
/// <param name="story">Takes the lines.</param>
internal sealed class SimulatedHost(string name, bool overTcp, TimeSpan uptime, List<FleetStep> story)
{
    private const int Debug = 7;
    private const int Warning = 4;
    private const int Information = 6;

    /// <summary>Between two lines of one handshake; a real kernel needs some tens of microseconds.</summary>
    private static readonly TimeSpan LineTime = TimeSpan.FromMicroseconds(84);

    private TimeSpan bootAt = -uptime;
    private TimeSpan lastStamp;
    private long keypairs = uptime.Ticks / TimeSpan.TicksPerMinute;

    public string Name => name;

    public List<SimulatedPeer> Peers { get; } = [];

    /// <summary>Counts boots: what was planned before the last one does not happen any more.</summary>
    public int Boot { get; private set; }

    /// <summary>Its syslog daemon sends nothing: it boots, or is broken.</summary>
    public bool IsMute { get; set; }

    /// <summary>Power on. Peers have no session and get other numbers, for the new kernel creates them in another order.</summary>
    public void Reboot(TimeSpan at, Random random)
    {
        (bootAt, lastStamp, keypairs) = (at, TimeSpan.Zero, 0);
        Boot++;
        var numbers = Enumerable.Range(1, Peers.Count).ToArray();
        random.Shuffle(numbers);
        for (var i = 0; i < numbers.Length; i++) (Peers[i].Number, Peers[i].Keypair, Peers[i].KeypairBefore) = (numbers[i], null, null);
    }

    /// <summary>The module is loaded and the interface set up.</summary>
    public void SetUp(TimeSpan at)
    {
        Print(at, KernelText.ModuleLoaded, Information);
        Print(at, KernelText.ModuleCopyright, Information);
        Print(at, KernelText.InterfaceCreated);
        foreach (var peer in Peers.OrderBy(peer => peer.Number)) Print(at, KernelText.PeerCreated(peer.Number));
    }

    /// <summary>The peer shakes hands with this host, as it does every two minutes, and confirms the new session by a keepalive.</summary>
    public void ShakeHands(TimeSpan at, SimulatedPeer peer)
    {
        Print(at, KernelText.InitiationReceived(peer.Number, peer.Endpoint));
        Print(at, KernelText.ResponseSent(peer.Number, peer.Endpoint));
        if (peer.KeypairBefore is { } old) Print(at, KernelText.KeypairDestroyed(old, peer.Number));
        (peer.KeypairBefore, peer.Keypair) = (peer.Keypair, ++keypairs);
        Print(at, KernelText.KeypairCreated(keypairs, peer.Number));
        Print(at, KernelText.KeepaliveReceived(peer.Number, peer.Endpoint));
    }

    public void Suppress(TimeSpan at, int lines) => Print(at, KernelText.Suppressed(lines), Warning);

    /// <summary>One line, unless the host is mute. Lines of one moment follow each other within microseconds.</summary>
    public void Print(TimeSpan at, string text, int severity = Debug)
    {
        var stamp = at - bootAt;
        lastStamp = stamp > lastStamp ? stamp : lastStamp + LineTime;
        if (!IsMute) story.Add(new LinePrinted(at, name, overTcp, severity, KernelText.Stamped(lastStamp, text)));
    }
}
