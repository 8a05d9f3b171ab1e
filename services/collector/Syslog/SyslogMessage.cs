namespace WgMonitor.Collector.Syslog;

/// <summary>
/// One syslog message taken apart, as views into the received bytes: valid only as long as the receive buffer is not used again.
/// </summary>
public ref struct SyslogMessage
{
    /// <summary>Priority of a message that came without <c>&lt;PRI&gt;</c>.</summary>
    public const int PriorityUnknown = -1;

    /// <summary>Facility of kernel messages, RFC 5424 section 6.2.1.</summary>
    public const int FacilityKernel = 0;

    /// <summary>Facility times eight plus severity, 0 to 191, or <see cref="PriorityUnknown"/>.</summary>
    public int Priority { get; internal set; }

    public readonly int Facility => Priority < 0 ? PriorityUnknown : Priority >> 3;

    /// <summary>The header's time; says itself how far it can be used.</summary>
    public SyslogTimestamp Time { get; internal set; }

    /// <summary>HOSTNAME as sent, not validated; empty when it is missing or <c>-</c>.</summary>
    public ReadOnlySpan<byte> Host { get; internal set; }

    /// <summary>The host was taken from <c>Message forwarded from HOST:</c>: a relay's word on somebody else.</summary>
    public bool Relayed { get; internal set; }

    /// <summary>APP-NAME or TAG without colon and process number; empty when it is missing or <c>-</c>.</summary>
    public ReadOnlySpan<byte> AppName { get; internal set; }

    /// <summary>What follows the header, blanks on the left and line ends on the right removed.</summary>
    public ReadOnlySpan<byte> Text { get; internal set; }

    /// <summary>The text with the tag in front as it was sent: a line printed without a program name may have its own first word taken for one.</summary>
    public ReadOnlySpan<byte> TaggedText { get; internal set; }
}
