using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>What an alert about a host says to people.</summary>
internal static class HostAlertText
{
    /// <summary>Which host, what and since when, in one sentence.</summary>
    public static string Summary(AlertRecord alert, Gap gap)
    {
        var what = alert.Kind switch
        {
            AlertRecord.HostSilentKind => $"is silent: its last line came at {AlertText.Time(gap.From)}",
            AlertRecord.HostHeardKind => $"is heard again; it was silent since {AlertText.Time(gap.From)}",
            _ => $"has a gap from {AlertText.Time(gap.From)} to {(gap.IsOpen ? "now" : AlertText.Time(gap.To))} ({AlertCodec.GapWord(gap.Kind)}{(gap.Lines > 0 ? $", {gap.Lines} lines" : "")})",
        };
        return $"{(alert.Unproven ? "Unproven: " : "")}Host {alert.Host} {what}.";
    }

    /// <summary>What it means, and what to do.</summary>
    public static string Advice(AlertRecord alert, Gap gap) => alert.Kind switch
    {
        AlertRecord.HostSilentKind =>
            "Look at the host, its syslog daemon and what lies between; a tunnel without traffic prints nothing either. What is known of its peers may be out of date.",
        AlertRecord.HostHeardKind => "What happened meanwhile is not known, unless its syslog daemon kept the lines.",
        _ => gap.Kind switch
        {
            GapKind.LinesSuppressed => "Its kernel dropped lines: raise net.core.message_burst, or set net.core.message_cost to 0 there.",
            GapKind.KeypairsMissing => "Lines that its kernel must have printed never came: look at its rate limit and at the way here; RELP loses none.",
            GapKind.CollectorOutage => "The collector was away, and the host's transport keeps nothing: use RELP where that matters.",
            GapKind.LinesDropped => "The collector could not keep up or had no room: /api/v1/status says why.",
            GapKind.HistoryRewound => "Redis came back with less than it had taken: look at its persistence and replicas; the collector's spool sends such lines again.",
            GapKind.EntriesTrimmed => "Entries were trimmed before they were applied: a service was away for too long, or the retention is too small.",
            _ => "A newer collector gave a reason that this version does not know.",
        },
    };
}
