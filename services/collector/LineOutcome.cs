namespace WgMonitor.Collector;

/// <summary>
/// What became of one received line. Closed: it is also the <c>reason</c> label of the metrics, and every line has exactly one, so that
/// received = events + ignored + rejected + dropped.
/// </summary>
public enum LineOutcome
{
    /// <summary>An event, waiting in a batch or appended.</summary>
    Event,

    /// <summary>Nothing in it, or nothing after the priority.</summary>
    IgnoredEmpty,

    /// <summary>Good syslog of another program.</summary>
    IgnoredNotKernel,

    /// <summary>A kernel line that has nothing to do with WireGuard.</summary>
    IgnoredNotWireGuard,

    /// <summary>A WireGuard that is not the Linux module: wireguard-go, boringtun, wg-quick, BSD.</summary>
    IgnoredOtherImplementation,

    /// <summary>An interface that <c>collector.interfaces</c> does not name.</summary>
    IgnoredInterface,

    /// <summary><c>last message repeated N times</c>: what was repeated is not said. Possible loss.</summary>
    IgnoredRepeatWithoutText,

    /// <summary>What a RELP sender sent again because it had not seen the acknowledgement; the line stands in the log, or will, once.</summary>
    IgnoredRepeated,

    /// <summary>Priority missing (strict), unclosed, not canonical or above 191.</summary>
    RejectedPriority,

    /// <summary>A facility other than kern (strict).</summary>
    RejectedFacility,

    /// <summary>An RFC 5424 version other than 1.</summary>
    RejectedVersion,

    /// <summary>No header of a known form.</summary>
    RejectedHeader,

    /// <summary>STRUCTURED-DATA not closed or glued to the text.</summary>
    RejectedStructuredData,

    /// <summary>A host name with a forbidden character or longer than 255 bytes.</summary>
    RejectedHost,

    /// <summary>A control character, also C1 and DEL, inside the line.</summary>
    RejectedControlCharacter,

    /// <summary>UTF-16 or UTF-32.</summary>
    RejectedEncoding,

    /// <summary>Longer than <c>message_bytes_max</c> of the listener.</summary>
    RejectedOversize,

    /// <summary>An octet count in front of a datagram.</summary>
    RejectedUnexpectedFraming,

    /// <summary>An octet count of 0.</summary>
    RejectedFrameLength,

    /// <summary>The connection ended in the middle of a message. The sender may send it again.</summary>
    RejectedIncompleteFrame,

    /// <summary>A WireGuard line that begins like a known one and does not go on like it.</summary>
    RejectedGrammar,

    /// <summary>A device name longer than the kernel allows.</summary>
    RejectedInterface,

    /// <summary>A peer number that does not fit 64 bits or is written as no kernel writes it.</summary>
    RejectedPeer,

    /// <summary>An address or port that no kernel prints.</summary>
    RejectedEndpoint,

    /// <summary>Another number of the line that does not fit or is written as no kernel writes it.</summary>
    RejectedNumber,

    /// <summary>Every buffer was full: Redis is away or too slow. The newest line is lost.</summary>
    DroppedBufferFull,

    /// <summary>A source that nobody can be: port 0, multicast, broadcast.</summary>
    DroppedSource,

    /// <summary>A source that <c>collector.allow</c> does not name; not looked at any further.</summary>
    DroppedSourceNotAllowed,

    /// <summary>More datagrams from one source than <c>collector.limits</c> allow.</summary>
    DroppedRateLimited,

    /// <summary>A new host, device or peer beyond <c>collector.limits</c>.</summary>
    DroppedCardinality,

    /// <summary>A host or device that <c>[[collector.host]]</c> does not name, with <c>inventory = "strict"</c>.</summary>
    DroppedInventory,
}

/// <summary>The four sides of the sum.</summary>
public enum LineOutcomeKind
{
    Event,
    Ignored,
    Rejected,
    Dropped,
}

/// <summary>Kind and metric label of every <see cref="LineOutcome"/>.</summary>
public static class LineOutcomes
{
    private static readonly (LineOutcomeKind Kind, string Reason)[] Outcomes =
    [
        .. Enum.GetValues<LineOutcome>().Select(outcome =>
        {
            var name = outcome.ToString();
            var kind = Enum.GetValues<LineOutcomeKind>().First(kind => name.StartsWith(kind.ToString(), StringComparison.Ordinal));
            return (kind, SnakeCase(name[kind.ToString().Length..]));
        }),
    ];

    public static int Count => Outcomes.Length;

    public static LineOutcomeKind Kind(LineOutcome outcome) => Outcomes[(int)outcome].Kind;

    /// <summary>The reason without the kind, in snake case: <c>buffer_full</c>.</summary>
    public static string Reason(LineOutcome outcome) => Outcomes[(int)outcome].Reason;

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((letter, at) => char.IsUpper(letter) && at > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
