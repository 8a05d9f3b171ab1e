namespace WgMonitor.Notifier;

/// <summary>What became of one attempt to send an alert; one of the records below.</summary>
internal abstract record ChannelOutcome
{
    private ChannelOutcome() { }

    /// <summary>The receiver took it.</summary>
    public sealed record Delivered : ChannelOutcome
    {
        /// <summary>The only value.</summary>
        public static Delivered Value { get; } = new();
    }

    /// <summary>Not taken, or not known to be; worth another try.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="RetryAfter">How long the receiver asks to be left alone; null if it did not say.</param>
    public sealed record Retry(DeliveryReason Reason, TimeSpan? RetryAfter = null) : ChannelOutcome;

    /// <summary>Refused for good.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="IsGone">The receiver wants nothing any more: the route rests until the process starts again.</param>
    public sealed record Rejected(DeliveryReason Reason, bool IsGone = false) : ChannelOutcome;
}
