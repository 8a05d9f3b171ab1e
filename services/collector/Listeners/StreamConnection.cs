using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using WgMonitor.Collector.Framing;
using WgMonitor.Collector.Relp;
using WgMonitor.Collector.Tls;
using WgMonitor.Events;

namespace WgMonitor.Collector.Listeners;

/// <summary>
/// One accepted connection from its first byte to its end: PROXY header where one is due, TLS handshake, frames to the pipeline. The sender is not read while
/// there is no room, so nothing is dropped for want of it.
/// </summary>
internal sealed class StreamConnection : IDisposable
{
    // A sender whose side is closed can take the last acknowledgements, but need not be waited for.
    private static readonly TimeSpan LastAnswersMax = TimeSpan.FromSeconds(5);

    // When the collector stops: how long the line may be silent before it counts as drained.
    private static readonly TimeSpan StopSilence = TimeSpan.FromMilliseconds(50);

    private const int Open = -1;

    private readonly ConnectionContext context;
    private readonly ListenOptions options;
    private readonly CollectorPipeline pipeline;
    private readonly RelpSenders senders;
    private readonly TlsHandshake? handshake;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource ended = new();

    // Watch and shutdown close connections that may be ending by themselves at that moment.
    private readonly Lock ending = new();
    private bool disposed;
    private volatile bool stopping;
    private volatile bool answersOnly;
    private volatile PipeReader? reading;
    private int closing = Open;
    private long unfinishedBytes;

    // Timestamps of what the watch looks at; 0 is not.
    private long unfinishedSince;
    private long writingSince;
    private long closedByPeerSince;
    private long lastFrame;
    private volatile bool waitsForRoom;

    public StreamConnection(
        ConnectionContext context, FrameSource source, ListenOptions options, CollectorPipeline pipeline, RelpSenders senders, TlsHandshake? handshake, TimeProvider time)
    {
        this.context = context;
        this.options = options;
        this.pipeline = pipeline;
        this.senders = senders;
        this.handshake = handshake;
        this.time = time;
        Source = source;
        Peer = source;
        lastFrame = time.GetTimestamp();
    }

    /// <summary>Who sends, as far as it is known by now.</summary>
    public FrameSource Source { get; private set; }

    /// <summary>The other end of the socket, which may be a proxy.</summary>
    public FrameSource Peer { get; }

    /// <summary>When the bytes in hand were read, Unix microseconds.</summary>
    public long ReceivedMicroseconds { get; private set; }

    /// <summary>More on why it ended, for the log; null when the reason says it all.</summary>
    public string? Detail { get; private set; }

    /// <summary>Serves the connection; returns why it ended. Weather and wrong input end it, they are no exceptions here.</summary>
    public async Task<CloseReason> RunAsync()
    {
        CloseReason reason;
        try
        {
            reason = await ServeAsync();
        }
        // Connection errors are IOExceptions; an aborted one is cancelled; a closed one may be found disposed.
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            if (unfinishedBytes > 0) RefuseIncomplete(default);
            reason = CloseReason.Reset;
        }
        return closing == Open ? reason : (CloseReason)closing;
    }

    /// <summary>Ends the connection at once.</summary>
    public void Close(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref closing, (int)reason, Open) != Open) return;
        lock (ending)
        {
            if (disposed) return;
            ended.Cancel();
        }
        context.Abort();
    }

    /// <summary>Ends the connection when what has arrived is taken. A sender that keeps what is not acknowledged is not read any more.</summary>
    public void Stop()
    {
        stopping = true;
        reading?.CancelPendingRead();
        if (reading is null) Close(CloseReason.Stopped);
    }

    /// <summary>Ends the connection unless all that is left to do is to wait for the answers it owes.</summary>
    public void CloseUnlessAnswering()
    {
        if (!answersOnly) Close(CloseReason.Stopped);
    }

    /// <summary>Marks the time in which the sender has to take answers.</summary>
    public void Writing(bool begins) => Volatile.Write(ref writingSince, begins ? time.GetTimestamp() : 0);

    /// <summary>Closes the connection when one of its times is over.</summary>
    public void Watch(long now)
    {
        if (IsOver(Volatile.Read(ref unfinishedSince), options.FrameTimeout)) Close(CloseReason.FrameTimeout);
        else if (IsOver(Volatile.Read(ref writingSince), options.FrameTimeout)) Close(CloseReason.WriteTimeout);
        else if (IsOver(Volatile.Read(ref closedByPeerSince), LastAnswersMax)) Close(CloseReason.Peer);
        else if (options.IdleTimeout > TimeSpan.Zero && !waitsForRoom && IsOver(Volatile.Read(ref lastFrame), options.IdleTimeout)) Close(CloseReason.Idle);

        bool IsOver(long since, TimeSpan limit) => since != 0 && time.GetElapsedTime(since, now) > limit;
    }

    private async Task<CloseReason> ServeAsync()
    {
        var transport = context.Transport;
        if (options.IsProxy(Peer.Address) && !await ReadProxyHeaderAsync(transport.Input)) return CloseReason.ProxyHeader;
        if (handshake is null)
        {
            Source = Source with { Trust = TrustLevel.Tcp };
            return await SpeakAsync(transport.Input, transport.Output);
        }

        await using var result = await handshake.AuthenticateAsync(transport, ended.Token);
        Detail = result.Detail;
        if (result.Stream is not { } stream) return result.Failure;
        Source = Source with { Trust = result.HasCertificate ? TrustLevel.TlsClientCert : TrustLevel.Tls, CertificateHost = result.CertificateHost };
        // Reads of no byte wait for data, so that an idle connection holds no buffer.
        var input = PipeReader.Create(stream, new(leaveOpen: true, useZeroByteReads: true));
        return await SpeakAsync(input, PipeWriter.Create(stream, new(leaveOpen: true)));
    }

    /// <summary>False when it is none. The time for a frame holds for it too.</summary>
    private async Task<bool> ReadProxyHeaderAsync(PipeReader input)
    {
        Volatile.Write(ref unfinishedSince, time.GetTimestamp());
        while (true)
        {
            var result = await input.ReadAsync(ended.Token);
            var kind = ProxyHeader.TryRead(result.Buffer, out var consumed, out var sender);
            input.AdvanceTo(result.Buffer.GetPosition(consumed), kind == ProxyHeaderKind.More ? result.Buffer.End : result.Buffer.GetPosition(consumed));
            if (kind == ProxyHeaderKind.Invalid || (kind == ProxyHeaderKind.More && result.IsCompleted)) break;
            if (kind == ProxyHeaderKind.More) continue;
            if (sender is { } found) Source = Source with { Address = found.Address, Port = found.Port };
            Volatile.Write(ref unfinishedSince, 0);
            return true;
        }
        Volatile.Write(ref unfinishedSince, 0);
        return false;
    }

    private async Task<CloseReason> SpeakAsync(PipeReader input, PipeWriter output)
    {
        IStreamProtocol protocol = options.Protocol == ListenProtocol.Relp ? new RelpSession(pipeline, senders, this, output, options, time) : new SyslogStream(pipeline, this, options);
        // The end of a RELP sender is seen also while nothing is read for want of room.
        await using var registration = protocol.KeepsUnread
            ? context.ConnectionClosed.UnsafeRegister(static state => ((StreamConnection)state!).ClosedByPeer(), this)
            : default;
        reading = input;
        if (stopping) input.CancelPendingRead();
        var answering = AnswerAsync(protocol);
        CloseReason reason;
        try
        {
            reason = await ReadAsync(input, protocol);
        }
        finally
        {
            protocol.Complete();
        }
        answersOnly = true;
        await answering;
        await output.CompleteAsync();
        return reason;
    }

    private void ClosedByPeer() => Volatile.Write(ref closedByPeerSince, time.GetTimestamp());

    private async Task AnswerAsync(IStreamProtocol protocol)
    {
        try
        {
            await protocol.RunAsync(ended.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody takes answers any more, so nothing can be acknowledged.
            Close(CloseReason.Reset);
        }
    }

    private async Task<CloseReason> ReadAsync(PipeReader input, IStreamProtocol protocol)
    {
        var frames = new FrameReader(protocol.Framer, protocol.Take);
        var silences = 0;
        while (true)
        {
            var result = await ReadAsync(input, protocol, frames);
            // The first silence is the call of Stop, the second has lasted for StopSilence.
            silences = stopping && result.IsCanceled && result.Buffer.Length == unfinishedBytes ? silences + 1 : 0;
            if (stopping && (protocol.KeepsUnread || silences == 2))
            {
                if (unfinishedBytes > 0) RefuseIncomplete(result.Buffer.FirstSpan);
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                return CloseReason.Stopped;
            }
            var (end, reason) = await DrainAsync(input, protocol, frames, result);
            if (end != DrainEnd.Drained) return end == DrainEnd.Closed ? reason : protocol.Ended;
            if (result.IsCompleted) return CloseReason.Peer;
        }
    }

    /// <summary>Waits for input. Where there is some already, other connections get their turn on this thread first.</summary>
    private async ValueTask<ReadResult> ReadAsync(PipeReader input, IStreamProtocol protocol, FrameReader frames)
    {
        var pending = input.ReadAsync(ended.Token);
        if (pending.IsCompletedSuccessfully)
        {
            await Task.Yield();
            return await pending;
        }
        protocol.InputRead();
        frames.Release();
        if (!stopping) return await pending;
        using var silence = time.CreateTimer(static state => ((PipeReader)state!).CancelPendingRead(), input, StopSilence, Timeout.InfiniteTimeSpan);
        return await pending;
    }

    private async ValueTask<(DrainEnd End, CloseReason Reason)> DrainAsync(PipeReader input, IStreamProtocol protocol, FrameReader frames, ReadResult result)
    {
        var buffer = result.Buffer;
        ReceivedMicroseconds = UnixMicroseconds.Now(time);
        var progressed = false;
        var end = frames.Drain(ref buffer, result.IsCompleted, out var reason);
        for (progressed |= frames.Progressed; end == DrainEnd.NoRoom; progressed |= frames.Progressed)
        {
            await WaitForRoomAsync(protocol);
            end = frames.Drain(ref buffer, result.IsCompleted, out reason);
        }
        var now = time.GetTimestamp();
        unfinishedBytes = end == DrainEnd.Drained ? buffer.Length : 0;
        var unfinished = end == DrainEnd.Drained && (unfinishedBytes > 0 || protocol.Framer.IsInsideFrame);
        if (progressed) Volatile.Write(ref lastFrame, now);
        if (!unfinished) Volatile.Write(ref unfinishedSince, 0);
        else if (progressed || unfinishedSince == 0) Volatile.Write(ref unfinishedSince, now);
        input.AdvanceTo(buffer.Start, buffer.End);
        return (end, reason);
    }

    /// <summary>The sender waits because of us: no time of its own runs.</summary>
    private async ValueTask WaitForRoomAsync(IStreamProtocol protocol)
    {
        Volatile.Write(ref unfinishedSince, 0);
        waitsForRoom = true;
        try
        {
            await protocol.WaitForRoomAsync(ended.Token);
        }
        catch (OperationCanceledException)
        {
            protocol.GiveUp();
        }
        waitsForRoom = false;
    }

    private void RefuseIncomplete(ReadOnlySpan<byte> sample)
    {
        unfinishedBytes = 0;
        pipeline.Refuse(LineOutcome.RejectedIncompleteFrame, sample, ReceivedMicroseconds, Source);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (ending)
        {
            disposed = true;
            ended.Dispose();
        }
    }
}
