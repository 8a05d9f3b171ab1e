using WgMonitor.Events;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>Writes alerts to the log of the process, as one line with named values each.</summary>
internal sealed class LogChannel(ILogger logger) : IAlertChannel
{
    /// <inheritdoc/>
    public Task<ChannelOutcome> SendAsync(AlertRecord alert, CancellationToken cancellationToken)
    {
        if (alert.IsOfHost)
        {
            NotifierLog.HostAlert(logger, alert.Id, alert.Rule, AlertText.Summary(alert), alert.Host, AlertText.Time(alert.At), TrustWords.Of(alert.Trust), alert.Cause.ToString());
            return Task.FromResult<ChannelOutcome>(ChannelOutcome.Delivered.Value);
        }
        NotifierLog.Alert(
            logger, alert.Id, alert.Rule, AlertText.Summary(alert), alert.PeerName, alert.OldEndpoint.ToString(), alert.NewEndpoint.ToString(),
            AlertCodec.Word(alert.Change), AlertText.Time(alert.At), AlertCodec.Word(alert.Certainty), TrustWords.Of(alert.Trust), alert.Complete, alert.Cause.ToString());
        return Task.FromResult<ChannelOutcome>(ChannelOutcome.Delivered.Value);
    }
}
