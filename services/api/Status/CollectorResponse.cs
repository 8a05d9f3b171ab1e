using WgMonitor.Api.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Status;

/// <summary>A collector as it says of itself. Counts are since its start.</summary>
/// <param name="Id">New at every start.</param>
/// <param name="Machine">Name of the machine it runs on.</param>
/// <param name="Started">When it started.</param>
/// <param name="Written">When it said this.</param>
/// <param name="Durability">When an accepted line is safe: memory, disk or fsync.</param>
/// <param name="LossWindow">What of the accepted lines can be lost, in words; docs/durability.md says it for every fault.</param>
/// <param name="Lines">What became of the lines: received = events + ignored + rejected + dropped.</param>
/// <param name="Listeners">Where it listens, and what the kernel dropped there.</param>
/// <param name="Connections">Of TCP, TLS and RELP senders; null from a collector of a version that did not tell.</param>
/// <param name="Spool">What waits on disk; null without a spool.</param>
/// <param name="Samples">The latest lines that were refused or not understood, escaped.</param>
public sealed record CollectorResponse(
    string Id, string Machine, DateTimeOffset? Started, DateTimeOffset? Written, string Durability, string LossWindow, CollectorLines Lines, IReadOnlyList<CollectorListener> Listeners,
    ConnectionsResponse? Connections, CollectorSpoolStatus? Spool, IReadOnlyList<SampleResponse> Samples)
{
    public static CollectorResponse Of(CollectorStatus status) => new(
        status.Id, status.Machine, PeerResponse.Time(status.StartedAt), PeerResponse.Time(status.WrittenAt), status.Durability, LossWindowOf(status.Durability), status.Lines, status.Listeners,
        status.Connections is { } connections ? ConnectionsResponse.Of(connections) : null, status.Spool,
        [.. status.Samples.Select(sample => new SampleResponse(sample.Kind, sample.Reason, sample.Source, PeerResponse.Time(sample.ReceivedAt), sample.Text))]);

    private static string LossWindowOf(string durability) => durability switch
    {
        "disk" => "the last milliseconds when the collector is killed; what the kernel had not written, when the power fails",
        "fsync" => "the last milliseconds when the collector is killed or the power fails; nothing that was acknowledged",
        _ => "what Redis does not have yet when the collector is killed; a second when Redis is",
    };
}

/// <param name="Kind">rejected, dropped or unrecognized.</param>
/// <param name="Reason">Why it was rejected or dropped; empty for unrecognized.</param>
/// <param name="Source">Who sent it, as the transport saw it.</param>
/// <param name="Received">When.</param>
/// <param name="Text">The beginning of the line; every byte but printable ASCII is \xNN. Empty for a line that was dropped unread.</param>
public sealed record SampleResponse(string Kind, string Reason, string Source, DateTimeOffset? Received, string Text);

/// <param name="Accepted">Connections that came.</param>
/// <param name="Open">Connections there are now.</param>
/// <param name="Closed">Connections that ended, by reason.</param>
/// <param name="Last">The latest end of each reason but orderly ones, newest first.</param>
public sealed record ConnectionsResponse(long Accepted, long Open, IReadOnlyDictionary<string, long> Closed, IReadOnlyList<ConnectionEndResponse> Last)
{
    public static ConnectionsResponse Of(CollectorConnections connections) => new(
        connections.Accepted, connections.Open, connections.Closed,
        [.. connections.Last.Select(end => new ConnectionEndResponse(end.Reason, end.Protocol, end.Address, end.Source, PeerResponse.Time(end.At), end.Detail))]);
}

/// <param name="Reason">Why it ended.</param>
/// <param name="Protocol">tcp, tls or relp.</param>
/// <param name="Address">Address and port of the listener.</param>
/// <param name="Source">Who connected, as the transport saw it.</param>
/// <param name="Ended">When.</param>
/// <param name="Detail">More on why, escaped; empty where the reason says it all.</param>
public sealed record ConnectionEndResponse(string Reason, string Protocol, string Address, string Source, DateTimeOffset? Ended, string Detail);
