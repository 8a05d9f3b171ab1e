using WgMonitor.Collector.Framing;
using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Relp;

/// <summary>The commands of RELP that a client may send.</summary>
internal enum RelpCommand
{
    /// <summary>Letters that are no command of this version.</summary>
    Unknown,
    Open,
    Syslog,
    Close,
    Abort,
}

/// <summary>
/// Finds RELP frames in the bytes of a connection. A wrong byte ends the connection, as the specification asks: what is not acknowledged is sent again.
/// </summary>
/// <remarks>
/// librelp/doc/relp.md, RELP FRAME:
/// <code>
/// 1 open 85 relp_version=0 LF relp_software=… LF commands=syslog LF
/// 2 syslog 130 &lt;7&gt;Nov 22 12:00:00 … LF
/// 3 close 0 LF                                                          TXNR SP COMMAND SP DATALEN [SP DATA] LF
/// </code>
/// Numbers have 1 to 9 digits, a command 1 to 32 letters. Holds no byte and allocates nothing.
/// </remarks>
internal sealed class RelpFramer(int messageBytesMax) : IFramer
{
    private const int DigitsMax = 9;
    private const int CommandBytesMax = 32;

    /// <summary>Passing more than this over is no service to anybody.</summary>
    private const int SkipBytesMax = 1 << 20;

    private bool begun;

    // Data and trailer of a message that is too long, still to come.
    private int skip;

    /// <summary>Of the last frame.</summary>
    public int TransactionNumber { get; private set; }

    /// <summary>Of the last frame.</summary>
    public RelpCommand Command { get; private set; }

    /// <inheritdoc/>
    public int LookMax => messageBytesMax + DigitsMax + CommandBytesMax + DigitsMax + 4;

    /// <inheritdoc/>
    public bool IsInsideFrame => skip > 0;

    /// <inheritdoc/>
    public FrameStep Next(ReadOnlySpan<byte> input, bool isFinal)
    {
        if (input.IsEmpty) return FrameStep.More;
        if (!begun && ConnectionOpening.Look(input, isFinal, SyslogFraming.Lines) is { Kind: FrameStepKind.Close } opening) return opening;
        begun = true;
        return skip > 0 ? PassLongMessage(input) : NextFrame(input, isFinal);
    }

    private FrameStep NextFrame(ReadOnlySpan<byte> input, bool isFinal)
    {
        if (!TryNumber(input, out var number, out var at, out var refusal)) return refusal ?? Cut(input, isFinal);
        var letters = input[at..];
        var length = letters[..Math.Min(letters.Length, CommandBytesMax + 1)].IndexOfAnyExcept(Letters);
        if (length < 0) return letters.Length > CommandBytesMax ? Violation : Cut(input, isFinal);
        if (length == 0 || letters[length] != ' ') return Violation;
        if (!TryDataLength(letters[(length + 1)..], out var dataLength, out var digits, out refusal)) return refusal ?? Cut(input, isFinal);
        at += length + 1 + digits;

        TransactionNumber = number;
        Command = CommandOf(letters[..length]);
        if (dataLength == 0) return input[at] == '\n' ? FrameStep.Frame(at + 1, at, 0) : Violation;
        if (input[at++] != ' ') return Violation;
        if (dataLength > messageBytesMax) return BeginLongMessage(at, dataLength);
        if (input.Length - at <= dataLength) return Cut(input, isFinal);
        return input[at + dataLength] == '\n' ? FrameStep.Frame(at + dataLength + 1, at, dataLength) : Violation;
    }

    private static FrameStep Violation => FrameStep.Close(CloseReason.RelpProtocol);

    private static FrameStep Cut(ReadOnlySpan<byte> input, bool isFinal) =>
        isFinal ? FrameStep.Refused(LineOutcome.RejectedIncompleteFrame, input.Length, 0, input.Length) : FrameStep.More;

    /// <summary>False with a refusal, or without one when only bytes are missing.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> input, out int value, out int consumed, out FrameStep? refusal)
    {
        var kind = OctetCount.Read(input, DigitsMax, out value, out var digits);
        consumed = digits + 1;
        var wrong = kind == OctetCountKind.Invalid || (kind == OctetCountKind.Complete && input[digits] != ' ');
        refusal = wrong ? Violation : null;
        return kind == OctetCountKind.Complete && !wrong;
    }

    private static bool TryDataLength(ReadOnlySpan<byte> input, out int value, out int digits, out FrameStep? refusal)
    {
        var kind = OctetCount.Read(input, DigitsMax, out value, out digits);
        refusal = kind == OctetCountKind.Invalid ? FrameStep.Close(CloseReason.FrameLength) : null;
        return kind == OctetCountKind.Complete;
    }

    /// <summary>Only a message can be passed over; it is acknowledged behind its last byte.</summary>
    private FrameStep BeginLongMessage(int start, int dataLength)
    {
        if (Command != RelpCommand.Syslog || dataLength > SkipBytesMax) return FrameStep.Close(CloseReason.FrameLength);
        skip = dataLength + 1;
        return FrameStep.Skip(start);
    }

    private FrameStep PassLongMessage(ReadOnlySpan<byte> input)
    {
        var passed = Math.Min(skip, input.Length);
        skip -= passed;
        if (skip > 0) return FrameStep.Skip(passed);
        return input[passed - 1] == '\n' ? FrameStep.Refused(LineOutcome.RejectedOversize, passed, 0, Math.Min(passed - 1, SampleRing.BytesMax)) : Violation;
    }

    private static readonly System.Buffers.SearchValues<byte> Letters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static RelpCommand CommandOf(ReadOnlySpan<byte> letters) =>
        letters.SequenceEqual("syslog"u8) ? RelpCommand.Syslog
        : letters.SequenceEqual("open"u8) ? RelpCommand.Open
        : letters.SequenceEqual("close"u8) ? RelpCommand.Close
        : letters.SequenceEqual("abort"u8) ? RelpCommand.Abort
        : RelpCommand.Unknown;
}
