using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Framing;

/// <summary>
/// Finds syslog messages in the bytes of a TCP or TLS connection, octet-counted or as lines. Which of the two is decided once, by the first byte:
/// guessing it a message is what other receivers were broken by. A length that cannot be one ends the connection; nothing is ever found again by guessing.
/// </summary>
/// <remarks>
/// RFC 6587 sections 3.4.1 and 3.4.2, RFC 5425 section 4.3:
/// <code>
/// 123 &lt;7&gt;Nov 22 12:00:00 …      MSG-LEN SP MSG, MSG-LEN begins with a digit other than 0
/// &lt;7&gt;Nov 22 12:00:00 … LF       and CR LF; the last line may lack its LF
/// </code>
/// The result does not depend on how the bytes are split over reads. Holds no byte and allocates nothing.
/// </remarks>
internal sealed class SyslogFramer(SyslogFramingRules rules) : IFramer
{
    /// <summary>99,999 is above every message; a sixth digit is an attack or a misunderstanding.</summary>
    private const int DigitsMax = 5;

    /// <summary>LF, CR or NUL that some senders put behind a counted message without counting it.</summary>
    private const int StraysMax = 2;

    /// <summary>Messages of length 0 that a connection may send.</summary>
    private const int ZeroLengthsMax = 3;

    private enum State
    {
        Undecided,
        Counted,
        Lines,

        /// <summary>In a line that is too long.</summary>
        LongLine,

        /// <summary>Nothing more is read.</summary>
        Failed,
    }

    private readonly int messageBytesMax = rules.MessageBytesMax;
    private readonly byte delimiter = rules.Delimiter == LineDelimiter.Nul ? (byte)0 : (byte)'\n';
    private State state;
    private bool firstLineSeen;
    private int strays;
    private int zeroLengths;

    // Bytes of a counted message that is too long, still to come.
    private int skip;

    /// <inheritdoc/>
    public bool IsInsideFrame => skip > 0 || state == State.LongLine;

    /// <inheritdoc/>
    public int LookMax => messageBytesMax + StraysMax + DigitsMax + 2;

    /// <inheritdoc/>
    public FrameStep Next(ReadOnlySpan<byte> input, bool isFinal)
    {
        if (state == State.Failed) return FrameStep.Close(CloseReason.FrameLength);
        if (input.IsEmpty) return FrameStep.More;
        if (state == State.Undecided)
        {
            if (ConnectionOpening.Look(input, isFinal, rules.Framing) is { } opening) return opening;
            var counted = rules.Framing == SyslogFraming.OctetCounted || (rules.Framing == SyslogFraming.Auto && char.IsAsciiDigit((char)input[0]));
            state = counted ? State.Counted : State.Lines;
        }
        return state switch
        {
            State.Counted => NextCounted(input, isFinal),
            State.LongLine => PassLongLine(input),
            _ => NextLine(input, isFinal),
        };
    }

    private FrameStep NextCounted(ReadOnlySpan<byte> input, bool isFinal)
    {
        if (skip > 0)
        {
            var passed = Math.Min(skip, input.Length);
            skip -= passed;
            return FrameStep.Skip(passed);
        }
        if (strays < StraysMax && input[0] is (byte)'\n' or (byte)'\r' or 0)
        {
            strays++;
            return FrameStep.Skip(1);
        }
        var kind = OctetCount.Read(input, DigitsMax, out var length, out var digits);
        if (kind == OctetCountKind.Invalid || (input[0] == '0' && digits > 1)) return FrameStep.Close(CloseReason.FrameLength);
        if (kind == OctetCountKind.Cut) return isFinal ? Incomplete(input, input.Length) : FrameStep.More;
        if (input[digits] != ' ') return FrameStep.Close(CloseReason.FrameLength);
        var start = digits + 1;
        return length == 0 ? RefuseZeroLength(start) : NextMessage(input, start, length, isFinal);
    }

    private FrameStep NextMessage(ReadOnlySpan<byte> input, int start, int length, bool isFinal)
    {
        if (length > messageBytesMax)
        {
            skip = length;
            strays = 0;
            return FrameStep.Refused(LineOutcome.RejectedOversize, start, start, Math.Min(input.Length - start, SampleRing.BytesMax));
        }
        if (input.Length - start < length) return isFinal ? Incomplete(input, start) : FrameStep.More;
        strays = 0;
        return FrameStep.Frame(start + length, start, length);
    }

    private FrameStep RefuseZeroLength(int consumed)
    {
        strays = 0;
        if (++zeroLengths == ZeroLengthsMax) state = State.Failed;
        return FrameStep.Refused(LineOutcome.RejectedFrameLength, consumed, 0, consumed);
    }

    private static FrameStep Incomplete(ReadOnlySpan<byte> input, int start) =>
        FrameStep.Refused(LineOutcome.RejectedIncompleteFrame, input.Length, start, input.Length - start);

    private FrameStep NextLine(ReadOnlySpan<byte> input, bool isFinal)
    {
        // One byte more than a line may have shows that it is too long.
        var window = input[..Math.Min(input.Length, messageBytesMax + 1)];
        var end = window.IndexOf(delimiter);
        if (end < 0)
        {
            if (window.Length > messageBytesMax)
            {
                state = State.LongLine;
                return FrameStep.Refused(LineOutcome.RejectedOversize, window.Length, 0, messageBytesMax);
            }
            if (!isFinal) return FrameStep.More;
        }
        var line = end < 0 ? input : window[..end];
        if (!firstLineSeen && ConnectionOpening.ForeignProtocol(line) is { } foreign) return FrameStep.Close(foreign);
        firstLineSeen = true;
        var start = rules.LeadingBlank && line.StartsWith(" <"u8) ? 1 : 0;
        return FrameStep.Frame(end < 0 ? line.Length : end + 1, start, line.Length - start);
    }

    /// <summary>Up to the delimiter, wherever it stands, also as the first byte of a read.</summary>
    private FrameStep PassLongLine(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf(delimiter);
        if (end < 0) return FrameStep.Skip(input.Length);
        state = State.Lines;
        firstLineSeen = true;
        return FrameStep.Skip(end + 1);
    }
}
