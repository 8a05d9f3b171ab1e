using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>Every changed endpoint of a peer is an alert, or every changed address where changes of the port alone are not wanted.</summary>
internal sealed class EndpointChangedRule(string name, bool portChanges, TrustLevel minTrust = TrustLevel.Udp, bool suppressesUnproven = false) : IAlertRule
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool SuppressesUnproven => suppressesUnproven;

    /// <inheritdoc/>
    public AlertRecord? Judge(HostFinding finding, in EventHeader header)
    {
        if (finding is not EndpointChanged changed || (changed.Change == EndpointChange.Port && !portChanges)) return null;
        var cause = new StreamId(changed.Cause.Milliseconds, changed.Cause.Sequence);
        var peer = StateKeys.Member(changed.Host, changed.Peer);
        return new AlertRecord(
            AlertId.Of(name, peer, cause), AlertRecord.EndpointChangedKind, name, changed.Host, changed.Peer, changed.Interface, changed.Old, changed.New,
            changed.Change, changed.At, header.Received, [cause], changed.Evidence, changed.Certainty, changed.Complete)
        {
            Trust = changed.Trust,
            Unproven = changed.Trust < minTrust,
        };
    }
}
