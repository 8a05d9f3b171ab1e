using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Framing;

/// <summary>What an <see cref="IFramer"/> found at the beginning of the bytes it was given.</summary>
internal enum FrameStepKind
{
    /// <summary>Nothing can be said before more bytes come.</summary>
    More,

    /// <summary>Bytes that belong to no frame any more, to be passed over.</summary>
    Skip,

    /// <summary>A whole frame.</summary>
    Frame,

    /// <summary>A frame that can be no message; the connection goes on.</summary>
    Refused,

    /// <summary>Where frames begin is not known any more, or never was: the connection has to end.</summary>
    Close,
}

/// <summary>One step of an <see cref="IFramer"/>.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Consumed">Bytes done with, the framing included.</param>
/// <param name="Start">Of the message, or of the sample of a refused one.</param>
/// <param name="Length">Of the message, or of the sample of a refused one.</param>
/// <param name="Refusal">Why, when refused.</param>
/// <param name="Reason">Why, when the connection has to end.</param>
internal readonly record struct FrameStep(
    FrameStepKind Kind, int Consumed = 0, int Start = 0, int Length = 0, LineOutcome Refusal = default, CloseReason Reason = default)
{
    public static FrameStep More => new(FrameStepKind.More);

    public static FrameStep Skip(int consumed) => new(FrameStepKind.Skip, consumed);

    public static FrameStep Frame(int consumed, int start, int length) => new(FrameStepKind.Frame, consumed, start, length);

    public static FrameStep Refused(LineOutcome refusal, int consumed, int start, int length) => new(FrameStepKind.Refused, consumed, start, length, refusal);

    public static FrameStep Close(CloseReason reason) => new(FrameStepKind.Close, Reason: reason);
}

/// <summary>
/// Finds the frames in the bytes of one connection: a state machine that holds no byte itself. A border that two framings implement: that of syslog
/// over TCP and that of RELP.
/// </summary>
internal interface IFramer
{
    /// <summary>With so many bytes in hand no step says <see cref="FrameStepKind.More"/>.</summary>
    int LookMax { get; }

    /// <summary>The last consumed byte was not the last of its frame: the rest is passed over.</summary>
    bool IsInsideFrame { get; }

    /// <summary>Looks at bytes that begin where the last step's consumed ones ended.</summary>
    /// <param name="input">Everything received and not consumed, or at least the first <see cref="LookMax"/> bytes of it.</param>
    /// <param name="isFinal">The sender has ended and <paramref name="input"/> is all there is.</param>
    FrameStep Next(ReadOnlySpan<byte> input, bool isFinal);
}
