using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>Sends alerts somewhere. One object a route, used by several senders at once.</summary>
internal interface IAlertChannel
{
    /// <summary>Tries once. Weather is an outcome; an exception other than of cancellation is a bug.</summary>
    /// <param name="alert">What to tell; the same text for the same alert every time.</param>
    /// <param name="cancellationToken">The attempt has taken too long, or the process stops.</param>
    Task<ChannelOutcome> SendAsync(AlertRecord alert, CancellationToken cancellationToken);
}
