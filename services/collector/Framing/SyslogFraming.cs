namespace WgMonitor.Collector.Framing;

/// <summary>How messages are told apart on a stream.</summary>
public enum SyslogFraming
{
    /// <summary>A digit as first byte of a connection means octet counting for all of it, anything else lines.</summary>
    Auto,

    /// <summary><c>MSG-LEN SP MSG</c>, RFC 6587 section 3.4.1 and RFC 5425.</summary>
    OctetCounted,

    /// <summary>A delimiter after each message, RFC 6587 section 3.4.2.</summary>
    Lines,
}

/// <summary>What ends a message that is framed as a line.</summary>
public enum LineDelimiter
{
    Lf,
    Nul,
}

/// <summary>What a <see cref="SyslogFramer"/> has to know.</summary>
/// <param name="Framing">How messages are told apart.</param>
/// <param name="MessageBytesMax">Longest message; a longer one is refused and passed over.</param>
/// <param name="Delimiter">Ends a line.</param>
/// <param name="LeadingBlank">A blank before <c>&lt;PRI&gt;</c> of a line is passed over.</param>
internal sealed record SyslogFramingRules(
    SyslogFraming Framing = SyslogFraming.Auto, int MessageBytesMax = 8192, LineDelimiter Delimiter = LineDelimiter.Lf, bool LeadingBlank = false);
