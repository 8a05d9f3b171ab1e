namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>What goes on in the fleet that an operator would want to know, each for the first time within two minutes and again every five.</summary>
internal static class FleetIncidents
{
    private const int SuppressedLinesMax = 60;

    private static readonly TimeSpan Again = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BootTime = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan SilenceTime = TimeSpan.FromSeconds(50);

    public static void Plan(FleetStory story)
    {
        story.Plan(TimeSpan.FromSeconds(5), now => Roam(story, now));
        story.Plan(TimeSpan.FromSeconds(12), now => Scan(story, now));
        story.Plan(TimeSpan.FromSeconds(20), now => Forge(story, now));
        story.Plan(TimeSpan.FromSeconds(32), now => Reboot(story, now));
        story.Plan(TimeSpan.FromSeconds(50), now => FallSilent(story, now));
    }

    /// <summary>A phone leaves its Wi-Fi: its next packet comes from another address, every fourth time by IPv6.</summary>
    private static void Roam(FleetStory story, TimeSpan now)
    {
        // A mute host's phones roam too, but nobody would see it.
        var phones = story.Hosts.Where(host => !host.IsMute).SelectMany(host => host.Peers.Where(peer => peer is { Nature: PeerNature.Phone, Keypair: not null }).Select(peer => (host, peer))).ToArray();
        if (phones.Length > 0)
        {
            var (host, peer) = phones[story.Random.Next(phones.Length)];
            var before = peer.Endpoint;
            peer.Endpoint = story.Random.Next(4) == 0 ? story.Endpoints.V6() : story.Endpoints.Mobile();
            story.Tell(now, $"the phone that is peer {peer.Number} of {host.Name} changes its network: {before} -> {peer.Endpoint}");
            host.Print(now, KernelText.KeepaliveReceived(peer.Number, peer.Endpoint));
        }

        story.Plan(now + TimeSpan.FromSeconds(10 + story.Random.Next(15)), later => Roam(story, later));
    }

    /// <summary>Somebody without a key knocks faster than the kernel's rate limit lets it print: ten lines, and later how many were swallowed.</summary>
    private static void Scan(FleetStory story, TimeSpan now)
    {
        var host = story.Hosts[0];
        var from = story.Endpoints.Mobile();
        var swallowed = story.Random.Next(10, SuppressedLinesMax);
        story.Tell(now, $"a scanner at {from} knocks at {host.Name}; its kernel prints 10 lines and suppresses {swallowed}");
        for (var i = 0; i < 10; i++) host.Print(now, KernelText.MacInvalid(from));
        story.Plan(now + TimeSpan.FromSeconds(5), later =>
        {
            host.Suppress(later, swallowed);
            host.Print(later, KernelText.MacInvalid(from));
        });
        story.Plan(now + Again, later => Scan(story, later));
    }

    /// <summary>Somebody who reaches the syslog port claims over UDP that a peer of a host that sends over TCP has moved.</summary>
    private static void Forge(FleetStory story, TimeSpan now)
    {
        var host = story.Hosts[0];
        var victim = host.Peers.FirstOrDefault(peer => peer.Nature == PeerNature.Site) ?? host.Peers[0];
        story.Tell(now, $"a forged line over UDP says that peer {victim.Number} of {host.Name} moved to 198.51.100.66");
        // Without a kernel stamp, as newer rsyslogs send: a stranger does not know the host's uptime.
        story.Forge(now, host.Name, KernelText.KeepaliveReceived(victim.Number, "198.51.100.66:4444"));
        story.Plan(now + Again, later => Forge(story, later));
    }

    /// <summary>A host boots: the same peers under other numbers. Nobody moved, and no alert should say so.</summary>
    private static void Reboot(FleetStory story, TimeSpan now)
    {
        var host = story.Hosts[story.Hosts.Count > 1 ? 1 : 0];
        story.Tell(now, $"{host.Name} reboots; its peers get other numbers");
        host.IsMute = true;
        host.Reboot(now, story.Random);
        story.Plan(now + BootTime, later =>
        {
            host.IsMute = false;
            host.SetUp(later);
            foreach (var peer in host.Peers) story.Begin(later, host, peer);
        });
        story.Plan(now + Again, later => Reboot(story, later));
    }

    /// <summary>The syslog daemon of the last host hangs for a while; the kernel's lines of that time are lost.</summary>
    private static void FallSilent(FleetStory story, TimeSpan now)
    {
        var host = story.Hosts[^1];
        story.Tell(now, $"the syslog daemon of {host.Name} hangs for {SilenceTime.TotalSeconds:0} s");
        host.IsMute = true;
        story.Plan(now + SilenceTime, later =>
        {
            host.IsMute = false;
            story.Tell(later, $"the syslog daemon of {host.Name} sends again");
        });
        story.Plan(now + Again, later => FallSilent(story, later));
    }
}
