using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>Why peer numbers began anew.</summary>
public enum EpochReason
{
    /// <summary>The load banner was printed.</summary>
    ModuleLoaded,

    /// <summary>Kernel stamps began anew, and this boot came after the last line seen.</summary>
    Rebooted,

    /// <summary>A peer was created with a number that is not above the highest seen.</summary>
    NumberRestarted,
}

/// <summary>What a line says about the epoch it belongs to.</summary>
internal enum EpochVerdict
{
    Running,
    ModuleLoaded,
    Rebooted,
    NumberRestarted,

    /// <summary>Printed before the running boot: it says nothing about anybody alive.</summary>
    Stale,
}

/// <summary>
/// Watches for a new load of the module: peer and keypair numbers restart there, and an old number means somebody else. Lines are lost,
/// repeated and overtake each other, so that each of the three signs has to tell a restart from a late line.
/// </summary>
/// <param name="Number">1 for the first epoch seen of the host.</param>
/// <param name="HighestPeer">Highest peer number of the epoch, 0 for none.</param>
/// <param name="HighestPeerUptime">Stamp of the line that showed it first, -1 without one.</param>
/// <param name="HighestPeerAt">Its time.</param>
/// <param name="PeerUptime">Latest stamp of a line that named a peer, -1 without one.</param>
/// <param name="Uptime">Latest stamp of the boot, -1 without one.</param>
/// <param name="FirstUptime">Lines of the boot with smaller stamps belong to the epoch before; -1 if it is not known.</param>
/// <param name="FirstAt">Time of the first line of the epoch.</param>
/// <param name="ReceivedAt">Latest time of receipt of any line.</param>
/// <param name="BootAt">When the running boot began, where the epoch began with one; else 0.</param>
public sealed record EpochTrack(
    int Number, ulong HighestPeer, long HighestPeerUptime, long HighestPeerAt, long PeerUptime, long Uptime, long FirstUptime, long FirstAt,
    long ReceivedAt, long BootAt)
{
    /// <summary>Lines of one boot overtake each other by milliseconds (134 ms at most in 80,000 recorded ones, under a flood).</summary>
    private const long Jitter = Microseconds.Second;

    /// <summary>Header times of a host may be this far apart although its lines are not; a boot takes longer than this.</summary>
    private const long BootSlack = 5 * Microseconds.Second;

    /// <summary>No datagram is later than this. Older stamps mean that a reboot went unnoticed; then nothing may be thrown away.</summary>
    internal const long LateMax = 600 * Microseconds.Second;

    /// <summary>Without kernel stamps: numbers created together may arrive shuffled this much.</summary>
    private const ulong ShuffledNumbers = 16;
    private const long ShuffledWithin = 2 * Microseconds.Second;

    public static EpochTrack First { get; } = new(1, 0, -1, 0, -1, -1, -1, 0, long.MinValue, 0);

    internal EpochVerdict Judge(WireGuardEvent e, in KernelClock clock, PeerState? known)
    {
        if (FirstAt == 0 && Number == 1) return EpochVerdict.Running;
        if (e.Header.Uptime is { } uptime && Uptime >= 0)
        {
            if (IsBeforeBoot(e.Header.At, uptime)) return EpochVerdict.Stale;
            if (IsReboot(e.Header, uptime, clock)) return EpochVerdict.Rebooted;
            if (uptime < FirstUptime && FirstUptime - uptime < LateMax) return EpochVerdict.Stale;
        }
        return e switch
        {
            ModuleLoaded when IsReload(e.Header) => EpochVerdict.ModuleLoaded,
            PeerCreated created when IsRestartedNumber(created, known) => EpochVerdict.NumberRestarted,
            _ => EpochVerdict.Running,
        };
    }

    /// <summary>A late line of the running boot has a smaller stamp too, but its boot instant is that of the others, long before the last line.</summary>
    private bool IsReboot(in EventHeader header, long uptime, in KernelClock clock)
    {
        if (uptime + BootSlack >= Uptime) return false;
        // By the host's clock, or by the collector's: a host without a battery boots with a clock that is behind.
        return header.At - uptime >= clock.BootAt + Uptime - BootSlack || header.Received - uptime >= ReceivedAt - BootSlack;
    }

    private bool IsBeforeBoot(long at, long uptime) => BootAt != 0 && at < BootAt - BootSlack && uptime > Uptime + BootSlack;

    /// <summary>A banner that comes before any peer is the epoch's own, and so is one older than the epoch's first line or repeated.</summary>
    private bool IsReload(in EventHeader header)
    {
        if (HighestPeer == 0) return false;
        if (header.Uptime is { } uptime && PeerUptime >= 0) return uptime > PeerUptime;
        return header.At > FirstAt + ShuffledWithin;
    }

    private bool IsRestartedNumber(PeerCreated e, PeerState? known)
    {
        if (HighestPeer == 0 || e.Peer > HighestPeer) return false;
        if (e.Header.Uptime is { } uptime && HighestPeerUptime >= 0) return uptime > HighestPeerUptime + Jitter;
        if (e.Header.At <= HighestPeerAt + ShuffledWithin) return known is null && HighestPeer - e.Peer > ShuffledNumbers;
        return true;
    }

    internal EpochTrack With(WireGuardEvent e)
    {
        var uptime = e.Header.Uptime ?? -1;
        var peer = e is PeerEvent named ? named.Peer : 0;
        var higher = peer > HighestPeer;
        return this with
        {
            HighestPeer = higher ? peer : HighestPeer,
            HighestPeerUptime = higher ? uptime : HighestPeerUptime,
            HighestPeerAt = higher ? e.Header.At : HighestPeerAt,
            PeerUptime = peer != 0 ? Math.Max(PeerUptime, uptime) : PeerUptime,
            Uptime = Math.Max(Uptime, uptime),
            FirstAt = FirstAt == 0 ? e.Header.At : FirstAt,
            ReceivedAt = Math.Max(ReceivedAt, e.Header.Received),
        };
    }

    internal EpochTrack Next(EpochVerdict verdict, in EventHeader header) => First with
    {
        Number = Number + 1,
        Uptime = verdict == EpochVerdict.Rebooted ? -1 : Uptime,
        FirstUptime = verdict switch
        {
            EpochVerdict.ModuleLoaded => header.Uptime ?? -1,
            EpochVerdict.NumberRestarted => (header.Uptime ?? -1) - Jitter,
            _ => -1,
        },
        ReceivedAt = ReceivedAt,
        BootAt = verdict == EpochVerdict.Rebooted ? header.At - (header.Uptime ?? 0) : BootAt,
    };
}
