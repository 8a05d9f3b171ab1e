using System.Buffers.Text;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace WgMonitor.Collector.Relp;

/// <summary>What is answered to a frame.</summary>
internal enum RelpResponse
{
    /// <summary>To a message: <c>200 OK</c>.</summary>
    Ok,

    /// <summary>To <c>open</c>: what this server can do.</summary>
    Offers,

    /// <summary>A hint, to nothing: this server goes away.</summary>
    ServerClose,

    /// <summary>To <c>close</c>: nothing more will come.</summary>
    Closed,

    /// <summary>To a frame that RELP does not allow here: <c>500</c>, and the end of the connection.</summary>
    Error,
}

/// <summary>
/// The answers that one connection still owes, in order of the frames: a bounded queue between the reader of frames and the writer of answers. An answer
/// to an event waits until the event is safe; all that may go by then goes in one write.
/// </summary>
/// <remarks>
/// One reader calls <see cref="Add"/>, <see cref="Release"/> and <see cref="WaitForRoomAsync"/>, one writer runs <see cref="RunAsync"/>. Waiting for an event to be safe
/// makes its batch go out at once, so the reader releases answers only when it has no more input or half of the queue is used.
/// </remarks>
internal sealed class RelpResponses(CollectorPipeline pipeline, PipeWriter output, int windowMax, Action<bool> writing, TimeProvider time)
{
    /// <summary>Written without asking whether the receiver keeps up.</summary>
    private const int UnflushedBytesMax = 8 << 10;

    private const int ResponseBytesMax = 128;

    // The batches of one window go out together and are safe at about the same time: a sender that gets its window back in pieces sends pieces.
    private static readonly TimeSpan TogetherMax = TimeSpan.FromMilliseconds(3);

    /// <summary>As stream.partitions has it.</summary>
    private const int PartitionsMax = 256;

    private readonly record struct Owed(int TransactionNumber, RelpResponse Response, EventPosition Position);

    private readonly Owed[] owed = new Owed[windowMax];
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<bool> room = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Answers ever added, released for writing, and written; the reader writes the first two, the writer the last.
    private long added;
    private long released;
    private long written;

    /// <summary>Answers owed.</summary>
    public int Count => (int)(added - Volatile.Read(ref written));

    public bool HasRoom => Count < windowMax;

    /// <summary>Adds an answer; there is room.</summary>
    /// <param name="transactionNumber">Of the frame.</param>
    /// <param name="response">What to say.</param>
    /// <param name="position">The event that has to be safe before; number 0 when the frame became none.</param>
    public void Add(int transactionNumber, RelpResponse response, EventPosition position = default)
    {
        owed[added % windowMax] = new(transactionNumber, response, position);
        added++;
        if (added - released >= windowMax / 2) Release();
    }

    /// <summary>What was added until now may be waited for and written.</summary>
    public void Release()
    {
        if (released == added) return;
        Volatile.Write(ref released, added);
        wake.Writer.TryWrite(true);
    }

    /// <summary>Nothing will be added any more; <see cref="RunAsync"/> ends when all is written.</summary>
    public void Complete()
    {
        Release();
        wake.Writer.TryComplete();
    }

    /// <summary>Ends when an answer can be added again.</summary>
    public async Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        Release();
        while (!HasRoom) await room.Reader.ReadAsync(cancellationToken);
    }

    /// <summary>Writes the answers until <see cref="Complete"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await wake.Reader.WaitToReadAsync(cancellationToken))
        {
            wake.Reader.TryRead(out _);
            for (var target = Volatile.Read(ref released); written < target; target = Volatile.Read(ref released)) await WriteAsync(target, cancellationToken);
        }
    }

    private async Task WriteAsync(long target, CancellationToken cancellationToken)
    {
        Hurry(target, cancellationToken);
        var unflushed = 0;
        while (written < target)
        {
            var next = owed[written % windowMax];
            if (next.Position.Number > 0)
            {
                var safe = pipeline.WaitDurableAsync(next.Position, cancellationToken);
                if (!safe.IsCompletedSuccessfully)
                {
                    if (unflushed > 0)
                    {
                        await safe.WaitAsync(TogetherMax, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        if (!safe.IsCompleted) unflushed = await FlushAsync(unflushed, cancellationToken);
                    }
                    await safe;
                }
            }
            unflushed += Write(next);
            Volatile.Write(ref written, written + 1);
            room.Writer.TryWrite(true);
            if (unflushed >= UnflushedBytesMax) unflushed = await FlushAsync(unflushed, cancellationToken);
        }
        await FlushAsync(unflushed, cancellationToken);
    }

    /// <summary>
    /// Events of several partitions are waited for one after the other, but their batches shall go out together: asks for the newest of each, once.
    /// </summary>
    private void Hurry(long target, CancellationToken cancellationToken)
    {
        Span<bool> asked = stackalloc bool[PartitionsMax];
        for (var n = target - 1; n > written; n--)
        {
            var position = owed[n % windowMax].Position;
            if (position.Number == 0 || asked[position.Partition]) continue;
            asked[position.Partition] = true;
            _ = pipeline.WaitDurableAsync(position, cancellationToken);
        }
    }

    private async ValueTask<int> FlushAsync(int unflushed, CancellationToken cancellationToken)
    {
        if (unflushed == 0) return 0;
        writing(true);
        await output.FlushAsync(cancellationToken);
        writing(false);
        return 0;
    }

    /// <summary>Returns the number of bytes.</summary>
    private int Write(Owed answer)
    {
        var text = answer.Response switch
        {
            RelpResponse.Offers => " rsp 61 200 OK\nrelp_version=0\nrelp_software=wgmonitor\ncommands=syslog\n"u8,
            RelpResponse.ServerClose => " serverclose 0\n"u8,
            RelpResponse.Closed => " rsp 0\n0 serverclose 0\n"u8,
            RelpResponse.Error => " rsp 23 500 command not allowed\n0 serverclose 0\n"u8,
            _ => " rsp 6 200 OK\n"u8,
        };
        var span = output.GetSpan(ResponseBytesMax);
        Utf8Formatter.TryFormat(answer.TransactionNumber, span, out var digits);
        text.CopyTo(span[digits..]);
        output.Advance(digits + text.Length);
        return digits + text.Length;
    }
}
