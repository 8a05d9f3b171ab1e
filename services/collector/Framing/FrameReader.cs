using System.Buffers;
using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Framing;

/// <summary>What the receiver of a frame says.</summary>
internal enum FrameVerdict
{
    Taken,

    /// <summary>Not now: the same frame is to be offered again.</summary>
    NoRoom,

    /// <summary>Nothing more is wanted of this connection.</summary>
    End,
}

/// <summary>Takes one frame, or learns of one that was refused.</summary>
/// <param name="step">Of kind <see cref="FrameStepKind.Frame"/> or <see cref="FrameStepKind.Refused"/>.</param>
/// <param name="message">The message, or the sample of the refused one.</param>
internal delegate FrameVerdict FrameReceiver(in FrameStep step, ReadOnlySpan<byte> message);

/// <summary>Why handing over frames stopped.</summary>
internal enum DrainEnd
{
    /// <summary>What is left is no whole frame.</summary>
    Drained,

    /// <summary>The receiver had no room; the frame stands at the beginning of what is left.</summary>
    NoRoom,

    /// <summary>The receiver wants no more.</summary>
    Ended,

    /// <summary>The framer cannot go on.</summary>
    Closed,
}

/// <summary>
/// Hands the frames of received bytes to a receiver, in place. Only a frame that lies across two blocks of the pipe is copied, into a buffer that is
/// borrowed while there is work.
/// </summary>
internal sealed class FrameReader(IFramer framer, FrameReceiver receiver)
{
    private byte[]? gathered;

    // Found but not taken; its bytes are the first of the next call.
    private FrameStep? held;

    /// <summary>A frame was taken or refused by the last call.</summary>
    public bool Progressed { get; private set; }

    /// <summary>Hands over every whole frame.</summary>
    /// <param name="buffer">Received bytes; what is not consumed is left in it.</param>
    /// <param name="isFinal">The sender has ended.</param>
    /// <param name="reason">When closed.</param>
    public DrainEnd Drain(ref ReadOnlySequence<byte> buffer, bool isFinal, out CloseReason reason)
    {
        Progressed = false;
        while (true)
        {
            var single = buffer.IsSingleSegment;
            var end = Drain(buffer.FirstSpan, isFinal && single, out var consumed, out reason);
            buffer = buffer.Slice(consumed);
            if (end != DrainEnd.Drained || single) return end;

            var span = Gather(buffer);
            end = Drain(span, isFinal && span.Length == buffer.Length, out consumed, out reason);
            buffer = buffer.Slice(consumed);
            if (end != DrainEnd.Drained || consumed == 0) return end;
        }
    }

    /// <summary>Gives the borrowed buffer back; called before waiting for input.</summary>
    public void Release()
    {
        if (gathered is null) return;
        ArrayPool<byte>.Shared.Return(gathered);
        gathered = null;
    }

    private DrainEnd Drain(ReadOnlySpan<byte> span, bool isFinal, out int consumed, out CloseReason reason)
    {
        consumed = 0;
        reason = default;
        while (true)
        {
            // A held frame that was gathered is longer than the first block.
            if (held is { } waiting && waiting.Consumed > span.Length - consumed) return DrainEnd.Drained;
            var step = held ?? framer.Next(span[consumed..], isFinal);
            held = null;
            switch (step.Kind)
            {
                case FrameStepKind.More:
                    return DrainEnd.Drained;
                case FrameStepKind.Close:
                    reason = step.Reason;
                    return DrainEnd.Closed;
                case FrameStepKind.Skip:
                    break;
                default:
                    var verdict = receiver(step, span.Slice(consumed + step.Start, step.Length));
                    if (verdict == FrameVerdict.NoRoom)
                    {
                        held = step;
                        return DrainEnd.NoRoom;
                    }
                    Progressed = true;
                    if (verdict == FrameVerdict.End)
                    {
                        consumed += step.Consumed;
                        return DrainEnd.Ended;
                    }
                    break;
            }
            consumed += step.Consumed;
        }
    }

    private ReadOnlySpan<byte> Gather(in ReadOnlySequence<byte> buffer)
    {
        gathered ??= ArrayPool<byte>.Shared.Rent(framer.LookMax);
        var length = (int)Math.Min(buffer.Length, framer.LookMax);
        buffer.Slice(0, length).CopyTo(gathered);
        return gathered.AsSpan(0, length);
    }
}
