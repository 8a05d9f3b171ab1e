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
/// <param name="Spool">What waits on disk; null without a spool.</param>
/// <param name="Samples">The latest lines that were refused or not understood, escaped.</param>
public sealed record CollectorResponse(
    string Id, string Machine, DateTimeOffset? Started, DateTimeOffset? Written, string Durability, string LossWindow, CollectorLines Lines, IReadOnlyList<CollectorListener> Listeners,
    CollectorSpoolStatus? Spool, IReadOnlyList<SampleResponse> Samples)
{
    public static CollectorResponse Of(CollectorStatus status) => new(
        status.Id, status.Machine, PeerResponse.Time(status.StartedAt), PeerResponse.Time(status.WrittenAt), status.Durability, LossWindowOf(status.Durability), status.Lines, status.Listeners, status.Spool,
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
