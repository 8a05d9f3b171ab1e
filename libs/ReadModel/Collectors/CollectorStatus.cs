namespace WgMonitor.ReadModel;

/// <summary>How one collector is, as it says itself every few seconds. Times are Unix microseconds; counts are since its start.</summary>
/// <param name="Id">New at every start.</param>
/// <param name="Machine">Name of the machine it runs on.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="WrittenAt">When it said this.</param>
/// <param name="Lines">What became of the lines.</param>
/// <param name="Listeners">Where it listens.</param>
/// <param name="Connections">Of its TCP, TLS and RELP senders; null from a collector of a version that did not tell.</param>
/// <param name="Durability">When an accepted line is safe: <c>memory</c> (once it stands in Redis), <c>disk</c> (once the kernel took it for the spool) or <c>fsync</c> (once the disk confirmed it).</param>
/// <param name="Spool">What waits on disk; null without a spool.</param>
/// <param name="Samples">The latest lines that were refused or not understood, newest first.</param>
public sealed record CollectorStatus(
    string Id, string Machine, long StartedAt, long WrittenAt, CollectorLines Lines, IReadOnlyList<CollectorListener> Listeners, CollectorConnections? Connections, string Durability,
    CollectorSpoolStatus? Spool, IReadOnlyList<CollectorSample> Samples)
{
    /// <summary>Samples in a status at most.</summary>
    public const int SamplesMax = 32;

    /// <summary>Listeners in a status at most.</summary>
    public const int ListenersMax = 64;
}

/// <summary>What became of the lines: received = events + ignored + rejected + dropped.</summary>
/// <param name="Received">Lines received.</param>
/// <param name="Events">Lines that became an event.</param>
/// <param name="Ignored">Good lines that are no event, by reason; reasons without a line are left out, here and below.</param>
/// <param name="Rejected">Bad lines, by reason.</param>
/// <param name="Dropped">Lines lost or kept out, by reason.</param>
/// <param name="Limits">The lines dropped for their cardinality, by limit.</param>
/// <param name="EventsAppended">Events that stand in the log.</param>
/// <param name="EventsWaiting">Events that wait to be appended.</param>
/// <param name="EventsLost">Events given up.</param>
/// <param name="FacilityMismatches">Events of lines that some program wrote, not the kernel.</param>
/// <param name="ClaimedHosts">Events whose line names another host than the one it was taken for.</param>
/// <param name="Unrecognized">Events of WireGuard lines in unknown words.</param>
public sealed record CollectorLines(
    long Received, long Events, IReadOnlyDictionary<string, long> Ignored, IReadOnlyDictionary<string, long> Rejected, IReadOnlyDictionary<string, long> Dropped,
    IReadOnlyDictionary<string, long> Limits, long EventsAppended, long EventsWaiting, long EventsLost, long FacilityMismatches, long ClaimedHosts, long Unrecognized);

/// <summary>The spool of a collector.</summary>
/// <param name="Segments">Files.</param>
/// <param name="Bytes">Size of the files.</param>
/// <param name="BytesMax">Size they may reach.</param>
/// <param name="BatchesWaiting">Batches that are not known to stand in the log.</param>
/// <param name="EventsWaiting">Their events.</param>
/// <param name="OldestSeconds">Age of the oldest.</param>
/// <param name="DamagedRecords">Records that were skipped, since the start.</param>
/// <param name="DroppedEvents">Events given up, since the start.</param>
/// <param name="WriteFailures">Writes the disk refused, since the start.</param>
/// <param name="Writable">False while the disk refuses what is written; lines are then only as safe as without a spool.</param>
/// <param name="Full">True while there is no room.</param>
public sealed record CollectorSpoolStatus(
    int Segments, long Bytes, long BytesMax, long BatchesWaiting, long EventsWaiting, double OldestSeconds, long DamagedRecords, long DroppedEvents, long WriteFailures,
    bool Writable, bool Full);

/// <summary>A listener of a collector.</summary>
/// <param name="Protocol">udp, tcp, tls or relp.</param>
/// <param name="Address">Address and port.</param>
/// <param name="SocketDrops">Datagrams that the kernel threw away because nobody fetched them in time.</param>
public sealed record CollectorListener(string Protocol, string Address, long SocketDrops);

/// <summary>Connections of TCP, TLS and RELP senders: accepted = open + closed, but for those that begin or end at this moment.</summary>
/// <param name="Accepted">Connections that came.</param>
/// <param name="Open">Connections there are now.</param>
/// <param name="Closed">Connections that ended, by reason; reasons without one are left out.</param>
/// <param name="Last">The latest end of each of these reasons, newest first; of ends without anything wrong none.</param>
public sealed record CollectorConnections(long Accepted, long Open, IReadOnlyDictionary<string, long> Closed, IReadOnlyList<CollectorConnectionEnd> Last);

/// <summary>A connection that a collector closed, or that broke.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Protocol">tcp, tls or relp.</param>
/// <param name="Address">Address and port of the listener.</param>
/// <param name="Source">Who connected, as the transport saw it.</param>
/// <param name="At">When it ended, Unix microseconds.</param>
/// <param name="Detail">More on why, printable ASCII; empty where the reason says it all.</param>
public sealed record CollectorConnectionEnd(string Reason, string Protocol, string Address, string Source, long At, string Detail);

/// <summary>A line that a collector refused or did not understand.</summary>
/// <param name="Kind">rejected, dropped or unrecognized.</param>
/// <param name="Reason">Why it was rejected or dropped; empty for unrecognized.</param>
/// <param name="Source">Who sent it, as the transport saw it.</param>
/// <param name="ReceivedAt">Unix microseconds.</param>
/// <param name="Text">The beginning of the line; every byte but printable ASCII is <c>\xNN</c>.</param>
public sealed record CollectorSample(string Kind, string Reason, string Source, long ReceivedAt, string Text)
{
    /// <summary>Kind of a line that is no event because of what it is.</summary>
    public const string Rejected = "rejected";

    /// <summary>Kind of a line that was kept out or had no room, whatever it is.</summary>
    public const string Dropped = "dropped";

    /// <summary>Kind of an event whose wording no kernel is known to print.</summary>
    public const string Unrecognized = "unrecognized";
}
