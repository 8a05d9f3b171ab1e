using System.IO.Pipelines;
using WgMonitor.Collector.Framing;
using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Relp;

/// <summary>
/// One RELP connection: the syslog transport that acknowledges each message. Here that means: the event stands where no crash of this process loses it. What
/// is not acknowledged the sender keeps and sends again.
/// </summary>
/// <remarks>
/// librelp/doc/relp.md. <c>open</c> first, then <c>syslog</c> under transaction numbers that grow by one and wrap from 999,999,999 to 1, then <c>close</c>. Number 0 marks
/// hints, which are not answered. Answers come in order. Anything else is answered by 500 and ends the connection.
/// </remarks>
internal sealed class RelpSession : IStreamProtocol
{
    private const int TransactionNumberMax = 999_999_999;

    private readonly CollectorPipeline pipeline;
    private readonly RelpSenders senders;
    private readonly StreamConnection connection;
    private readonly RelpFramer framer;
    private readonly RelpResponses responses;
    private RelpSender? sender;
    private RepeatWatch watch;
    private int lastTransactionNumber;
    private CloseReason ended = CloseReason.Stopped;
    private bool givenUp;

    public RelpSession(CollectorPipeline pipeline, RelpSenders senders, StreamConnection connection, PipeWriter output, ListenOptions options, TimeProvider time)
    {
        this.pipeline = pipeline;
        this.senders = senders;
        this.connection = connection;
        framer = new(options.MessageBytesMax);
        responses = new(pipeline, output, options.WindowMax, connection.Writing, time);
    }

    /// <inheritdoc/>
    public IFramer Framer => framer;

    /// <inheritdoc/>
    public CloseReason Ended => ended;

    /// <inheritdoc/>
    public bool KeepsUnread => true;

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken cancellationToken) => responses.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public void InputRead() => responses.Release();

    /// <inheritdoc/>
    public void Complete()
    {
        if (sender is not null && ended == CloseReason.Stopped && responses.HasRoom) responses.Add(0, RelpResponse.ServerClose);
        responses.Complete();
        // Who says goodbye keeps nothing that it could repeat.
        sender?.Closed(nothingUnacknowledged: ended == CloseReason.Peer);
    }

    /// <inheritdoc/>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        responses.Release();
        return responses.HasRoom ? pipeline.WaitForRoomAsync(cancellationToken) : responses.WaitForRoomAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void GiveUp() => givenUp = true;

    /// <inheritdoc/>
    public FrameVerdict Take(in FrameStep step, ReadOnlySpan<byte> message)
    {
        if (step is { Kind: FrameStepKind.Refused, Refusal: LineOutcome.RejectedIncompleteFrame })
        {
            pipeline.Refuse(step.Refusal, message, connection.ReceivedMicroseconds, connection.Source);
            return FrameVerdict.Taken;
        }
        if (givenUp) return FrameVerdict.End;
        var number = framer.TransactionNumber;
        // A hint: for the human reader of a capture.
        if (number == 0) return FrameVerdict.Taken;
        if (!responses.HasRoom) return FrameVerdict.NoRoom;
        if (!IsNext(number)) return Fail(number, CloseReason.RelpTransaction);
        if (sender is not null == (framer.Command == RelpCommand.Open)) return Fail(number, CloseReason.RelpProtocol);
        return framer.Command switch
        {
            RelpCommand.Syslog => TakeMessage(step, message, number),
            RelpCommand.Open => TakeOpen(message, number),
            RelpCommand.Close => End(number, RelpResponse.Closed, CloseReason.Peer),
            RelpCommand.Abort => End(number, RelpResponse.Closed, CloseReason.Peer),
            _ => Fail(number, CloseReason.RelpProtocol),
        };
    }

    /// <summary>Some clients do not begin with 1; from then on each number is the one after the last.</summary>
    private bool IsNext(int number) =>
        lastTransactionNumber == 0 || number == (lastTransactionNumber == TransactionNumberMax ? 1 : lastTransactionNumber + 1);

    private FrameVerdict TakeMessage(in FrameStep step, ReadOnlySpan<byte> message, int number)
    {
        var position = default(EventPosition);
        if (step.Kind == FrameStepKind.Refused) pipeline.Refuse(step.Refusal, message, connection.ReceivedMicroseconds, connection.Source);
        else if (!TryTakeOnce(sender!, message, out position)) return FrameVerdict.NoRoom;
        Answer(number, RelpResponse.Ok, position);
        return FrameVerdict.Taken;
    }

    /// <summary>Takes what was not taken before; a repetition is acknowledged when the first one is safe.</summary>
    private bool TryTakeOnce(RelpSender from, ReadOnlySpan<byte> message, out EventPosition position)
    {
        var frame = senders.IdOf(from, message);
        // Two sessions of one sender at once: an old one that is still being read, and the one that repeats it.
        lock (from.Gate)
        {
            if (from.IsRepeated(frame, ref watch, out position))
            {
                pipeline.Refuse(LineOutcome.IgnoredRepeated, message, connection.ReceivedMicroseconds, connection.Source);
                return true;
            }
            if (!pipeline.TryAccept(message, connection.ReceivedMicroseconds, connection.Source, out _, out position, senders.AreStored ? frame : default)) return false;
            if (position.Number > 0) from.Add(frame, position);
            return true;
        }
    }

    /// <summary>Of the offers only the version matters: the commands of version 0 and 1 are the same to us.</summary>
    private FrameVerdict TakeOpen(ReadOnlySpan<byte> offers, int number)
    {
        foreach (var offer in offers.Split((byte)'\n'))
        {
            if (!offers[offer].TrimEnd((byte)'\r').SequenceEqual("relp_version=0"u8) && !offers[offer].TrimEnd((byte)'\r').SequenceEqual("relp_version=1"u8)) continue;
            sender = senders.Opened(connection.Source);
            Answer(number, RelpResponse.Offers, default);
            return FrameVerdict.Taken;
        }
        return Fail(number, CloseReason.RelpProtocol);
    }

    private FrameVerdict Fail(int number, CloseReason reason) => End(number, RelpResponse.Error, reason);

    private FrameVerdict End(int number, RelpResponse response, CloseReason reason)
    {
        ended = reason;
        Answer(number, response, default);
        return FrameVerdict.End;
    }

    private void Answer(int number, RelpResponse response, EventPosition position)
    {
        lastTransactionNumber = number;
        responses.Add(number, response, position);
    }
}
