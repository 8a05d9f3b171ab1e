namespace WgMonitor.Events;

// What is known of lines that are not in the log. No kernel line makes these: whoever on the way sees the loss appends them, to the partition of the host concerned.
// The header's times are when it was told; uptime is absent; trust is that of the host's lines before.

/// <summary>What somebody on the way knows of lines of a host that are missing, or may be.</summary>
/// <param name="Header">Host and time of telling.</param>
public abstract record CoverageEvent(EventHeader Header) : WireGuardEvent(Header);

/// <summary>A collector may have lost lines of the host: it was not there to take them, or could not keep up.</summary>
/// <param name="Header">Host and time of telling.</param>
/// <param name="Reason">One of <see cref="LossReasons"/>; another word is a newer collector's.</param>
/// <param name="Count">Lines lost; 0 where it is not known, and where the loss is not known to be of this host alone.</param>
/// <param name="From">Up to here no line was lost, Unix microseconds of the collector.</param>
/// <param name="To">From here on none was lost any more.</param>
public sealed record LinesLost(EventHeader Header, string Reason, long Count, long From, long To) : CoverageEvent(Header)
{
    public override EventKind Kind => EventKind.LinesLost;
}

/// <summary>No line of the host came for much longer than usual. The host's next line ends the silence.</summary>
/// <param name="Header">Host and time of telling.</param>
/// <param name="From">When its last line was received, Unix microseconds of the collector.</param>
/// <param name="Usual">Usual time between two groups of lines, microseconds.</param>
public sealed record HostSilent(EventHeader Header, long From, long Usual) : CoverageEvent(Header)
{
    public override EventKind Kind => EventKind.HostSilent;
}

/// <summary>Redis came back with less than it had taken: what stood in the log of this interval is gone, and nobody could send it again.</summary>
/// <param name="Header">Host and time of telling.</param>
/// <param name="From">The log is whole up to here, Unix microseconds.</param>
/// <param name="To">When it was noticed.</param>
public sealed record HistoryRewound(EventHeader Header, long From, long To) : CoverageEvent(Header)
{
    public override EventKind Kind => EventKind.HistoryRewound;
}

/// <summary>Entries were trimmed at the hard ceiling before everybody had applied them.</summary>
/// <param name="Header">Host and time of telling.</param>
/// <param name="Count">Entries, of all hosts of the partition; 0 where it is not known.</param>
/// <param name="From">Time of the first of them, Unix microseconds.</param>
/// <param name="To">Time of the last of them.</param>
public sealed record EntriesTrimmed(EventHeader Header, long Count, long From, long To) : CoverageEvent(Header)
{
    public override EventKind Kind => EventKind.EntriesTrimmed;
}

/// <summary>Why a collector lost lines: the words of <see cref="LinesLost.Reason"/>.</summary>
public static class LossReasons
{
    /// <summary>It did not run, or was killed before it had passed on what it took. Only told of hosts whose transport acknowledges nothing.</summary>
    public const string CollectorOutage = "collector-outage";

    /// <summary>The kernel threw datagrams away that nobody fetched in time; whose is not known, so it is told of every host that sends datagrams.</summary>
    public const string SocketDrops = "socket-drops";

    /// <summary>There was no room for the event while Redis was away or slow.</summary>
    public const string BufferFull = "buffer-full";

    /// <summary>The spool was full, too old or damaged.</summary>
    public const string SpoolDropped = "spool-dropped";
}
