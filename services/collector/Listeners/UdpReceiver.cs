using System.Net.Sockets;
using System.Net;
using WgMonitor.Events;

namespace WgMonitor.Collector.Listeners;

/// <summary>One socket of a UDP listener and the thread that empties it: all datagrams of one call go to the pipeline before the next call.</summary>
internal sealed class UdpReceiver
{
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    // Under load a wake-up for every datagram costs more than the datagram. What arrives meanwhile waits in the socket buffer, if that is not tiny.
    private static readonly TimeSpan PauseToGather = TimeSpan.FromMilliseconds(1);
    private const int BufferToGatherMin = 1 << 20;

    private readonly Socket socket;
    private readonly ListenOptions options;
    private readonly CollectorPipeline pipeline;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Func<FrameSource, bool> isWake;
    private readonly ManualResetEventSlim stopping;
    private readonly bool gathers;
    private readonly Thread thread;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="socket">Bound, and owned by the listener.</param>
    /// <param name="options">Of the listener.</param>
    /// <param name="pipeline">Takes the frames.</param>
    /// <param name="time">The clock of receipt.</param>
    /// <param name="logger">Of the listener.</param>
    /// <param name="isWake">Tells the sender of the empty datagram that ends the loop.</param>
    /// <param name="stopping">Set when the listener stops: nothing is waited for any more.</param>
    public UdpReceiver(
        Socket socket, ListenOptions options, CollectorPipeline pipeline, TimeProvider time, ILogger logger, Func<FrameSource, bool> isWake, ManualResetEventSlim stopping)
    {
        (this.socket, this.options, this.pipeline, this.time, this.logger, this.isWake, this.stopping) = (socket, options, pipeline, time, logger, isWake, stopping);
        // Asked here: when the thread gets to run, the listener may be disposed of.
        gathers = socket.ReceiveBufferSize >= BufferToGatherMin;
        thread = new Thread(Receive) { IsBackground = true, Name = $"udp {socket.LocalEndPoint}" };
    }

    /// <summary>It has begun and not ended.</summary>
    public bool IsAlive => thread.IsAlive;

    /// <summary>Ends with the loop.</summary>
    public Task Ended => ended.Task;

    public void Start() => thread.Start();

    private void Receive()
    {
        // One byte more than a datagram may have shows that one is too long.
        var datagrams = new ReceivedDatagrams(socket, options.MessageBytesMax + 1);
        var frames = new ReceivedFrame[datagrams.CountMax];
        var woken = false;
        while (!woken && TryReceive(datagrams, out var count))
        {
            var accepted = 0;
            for (var index = 0; index < count && !woken; index++)
            {
                var possible = datagrams.TryReadSender(index, out var source);
                var bytes = datagrams.Bytes(index);
                woken = bytes.IsEmpty && isWake(source);
                if (!woken) frames[accepted++] = new(bytes, source with { HostFrom = options.HostFrom }, RefusalOf(possible, bytes.Length));
            }
            if (accepted > 0) pipeline.AcceptAll(frames.AsSpan(0, accepted), UnixMicroseconds.Now(time));
            if (gathers && count > 1 && count < datagrams.CountMax) stopping.Wait(PauseToGather);
        }
        ended.TrySetResult();
    }

    private LineOutcome? RefusalOf(bool possible, int length)
    {
        if (!possible) return LineOutcome.DroppedSource;
        return length > options.MessageBytesMax ? LineOutcome.RejectedOversize : null;
    }

    /// <summary>False when the socket was closed; a count of 0 when one receive failed, by an ICMP error or for want of memory.</summary>
    private bool TryReceive(ReceivedDatagrams datagrams, out int count)
    {
        count = 0;
        try
        {
            count = datagrams.Receive();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        catch (SocketException exception)
        {
            if (stopping.IsSet) return false;
            CollectorLog.ReceiveFailed(logger, (IPEndPoint)socket.LocalEndPoint!, exception);
            stopping.Wait(PauseAfterError);
            return true;
        }
    }
}
