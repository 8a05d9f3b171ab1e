using WgMonitor.Events;

namespace WgMonitor.Collector.Explain;

/// <summary>What an outcome means and what to do about it, one or two sentences for people.</summary>
public static class OutcomeMeaning
{
    /// <summary>Of every outcome there is.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="kind">Of the event, where it is one.</param>
    public static string Of(LineOutcome outcome, EventKind kind) => outcome switch
    {
        LineOutcome.Event when kind == EventKind.Unrecognized =>
            "The WireGuard module said it in words that no known version uses. It is kept as it is; please report it.",
        LineOutcome.Event => "It goes into the event log.",
        LineOutcome.IgnoredEmpty => "There is nothing in it.",
        LineOutcome.IgnoredNotKernel => "Another program than the kernel wrote it. Send lines of the program \"kernel\".",
        LineOutcome.IgnoredNotWireGuard => "The kernel wrote it, but not its WireGuard module. If only such lines come, dynamic debug is off on that host.",
        LineOutcome.IgnoredOtherImplementation => "A WireGuard outside the Linux kernel wrote it: its numbers mean nothing to the kernel's.",
        LineOutcome.IgnoredInterface => "collector.interfaces does not name its device.",
        LineOutcome.IgnoredRepeatWithoutText => "A syslog daemon folded lines and does not say which. Turn its repetition reduction off ($RepeatedMsgReduction off).",
        LineOutcome.IgnoredRepeated => "A RELP sender sent it again; the first one stands in the log.",
        LineOutcome.RejectedPriority => "<PRI> in front is missing, not closed, written with a leading zero, or above 191.",
        LineOutcome.RejectedFacility => "Its facility is not kern, and collector.syslog is \"strict\".",
        LineOutcome.RejectedVersion => "It has an RFC 5424 version other than 1.",
        LineOutcome.RejectedHeader => "Its header has no known form: <PRI>TIME HOST kernel: TEXT, or RFC 5424.",
        LineOutcome.RejectedStructuredData => "Its STRUCTURED-DATA is not closed, or stands glued to the text.",
        LineOutcome.RejectedHost => "Its host name has a character that no name has, or is longer than 255 bytes.",
        LineOutcome.RejectedControlCharacter => "It has a control character inside. Let the sender escape them.",
        LineOutcome.RejectedEncoding => "It is UTF-16 or UTF-32. Send UTF-8 or ASCII.",
        LineOutcome.RejectedOversize => "It is longer than message_bytes_max of the listener.",
        LineOutcome.RejectedUnexpectedFraming => "An octet count stands in front, which only TCP and TLS use. Over UDP leave it out.",
        LineOutcome.RejectedFrameLength => "Its octet count is 0.",
        LineOutcome.RejectedIncompleteFrame => "The connection ended before the message did.",
        LineOutcome.RejectedGrammar => "It begins like a line of the WireGuard module and does not go on like one: cut off, forged, or written into.",
        LineOutcome.RejectedInterface => "Its device name is longer than the 15 bytes that the kernel allows.",
        LineOutcome.RejectedPeer => "Its peer number is none that a kernel writes.",
        LineOutcome.RejectedEndpoint => "Its endpoint is none that a kernel writes.",
        LineOutcome.RejectedNumber => "A number in it is none that a kernel writes.",
        LineOutcome.DroppedBufferFull => "There was no room: Redis is away or too slow.",
        LineOutcome.DroppedSource => "Nobody can have sent it from that address.",
        LineOutcome.DroppedSourceNotAllowed => "collector.allow does not name its source.",
        LineOutcome.DroppedRateLimited => "Its source sent more than collector.limits allow.",
        LineOutcome.DroppedCardinality => "It names somebody new beyond collector.limits.",
        LineOutcome.DroppedInventory => "[[collector.host]] does not name its host or device, and collector.inventory is \"strict\".",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
