using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>What is known of a host beside its peers: it fell silent, it is heard again, or lines of it are missing. The alert names no peer.</summary>
internal sealed class HostRule(RuleKind kind, string name, TrustLevel minTrust = TrustLevel.Udp, bool suppressesUnproven = false) : IAlertRule
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool SuppressesUnproven => suppressesUnproven;

    /// <inheritdoc/>
    public AlertRecord? Judge(HostFinding finding, in EventHeader header) => (kind, finding) switch
    {
        (RuleKind.HostSilent, HostWentSilent silent) => Alert(AlertRecord.HostSilentKind, silent, new(GapKind.HostSilent, silent.Since, 0, 0, silent.Cause), EventKind.HostSilent, header),
        (RuleKind.HostHeard, HostHeardAgain heard) => Alert(AlertRecord.HostHeardKind, heard, new(GapKind.HostSilent, heard.Since, Math.Max(heard.Since, heard.At), 0, heard.Cause), EventKind.HostSilent, header),
        // A silence has a rule of its own.
        (RuleKind.Gap, GapOpened { Gap.Kind: not GapKind.HostSilent } opened) => Alert(AlertRecord.GapKind, opened, opened.Gap, EvidenceOf(opened.Gap.Kind), header),
        _ => null,
    };

    private AlertRecord Alert(string alertKind, HostFinding finding, Gap gap, EventKind evidence, in EventHeader header)
    {
        var cause = new StreamId(finding.Cause.Milliseconds, finding.Cause.Sequence);
        return new AlertRecord(
            AlertId.Of(name, finding.Host, cause), alertKind, name, finding.Host, default, "", PeerEndpoint.None, PeerEndpoint.None, EndpointChange.Address, finding.At, header.Received,
            [cause], evidence, EndpointCertainty.Unknown, Complete: false)
        {
            Gap = gap,
            Trust = header.Trust,
            Unproven = header.Trust < minTrust,
        };
    }

    private static EventKind EvidenceOf(GapKind kind) => kind switch
    {
        GapKind.LinesSuppressed => EventKind.NetRatelimitSuppressed,
        GapKind.KeypairsMissing => EventKind.KeypairCreated,
        GapKind.HistoryRewound => EventKind.HistoryRewound,
        GapKind.EntriesTrimmed => EventKind.EntriesTrimmed,
        _ => EventKind.LinesLost,
    };
}
