using WgMonitor.Api.Peers;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Hosts;

/// <summary>An interval in which lines of a host are missing, or may be.</summary>
/// <param name="Cause">lines-suppressed, keypairs-missing, host-silent, collector-outage, lines-dropped, history-rewound, entries-trimmed or unknown.</param>
/// <param name="From">Everything up to here was seen.</param>
/// <param name="To">Everything from here on was seen; null while it goes on.</param>
/// <param name="Lines">Lines missing; null where nobody knows. Suppressed ones are of all the kernel's network code.</param>
/// <param name="EventId">Entry of the event log that made it known.</param>
public sealed record GapResponse(string Cause, DateTimeOffset? From, DateTimeOffset? To, long? Lines, string EventId)
{
    public static GapResponse Of(Gap gap) =>
        new(AlertCodec.GapWord(gap.Kind), PeerResponse.Time(gap.From), PeerResponse.Time(gap.To), gap.Lines == 0 ? null : gap.Lines, gap.Cause.ToString());
}
