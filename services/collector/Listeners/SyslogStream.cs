using WgMonitor.Collector.Framing;

namespace WgMonitor.Collector.Listeners;

/// <summary>Syslog over TCP or TLS: frames one way, no answer. A sender is made to wait by not being read.</summary>
internal sealed class SyslogStream(CollectorPipeline pipeline, StreamConnection connection, ListenOptions options) : IStreamProtocol
{
    private bool givenUp;

    /// <inheritdoc/>
    public IFramer Framer { get; } = new SyslogFramer(options.FramingRules);

    /// <inheritdoc/>
    public CloseReason Ended => CloseReason.Peer;

    /// <inheritdoc/>
    public bool KeepsUnread => false;

    /// <inheritdoc/>
    public FrameVerdict Take(in FrameStep step, ReadOnlySpan<byte> message)
    {
        if (step.Kind == FrameStepKind.Refused) pipeline.Refuse(step.Refusal, message, connection.ReceivedMicroseconds, connection.Source);
        else if (givenUp) pipeline.Accept(message, connection.ReceivedMicroseconds, connection.Source);
        else if (!pipeline.TryAccept(message, connection.ReceivedMicroseconds, connection.Source, out _, out _)) return FrameVerdict.NoRoom;
        return FrameVerdict.Taken;
    }

    /// <inheritdoc/>
    public Task WaitForRoomAsync(CancellationToken cancellationToken) => pipeline.WaitForRoomAsync(cancellationToken);

    /// <inheritdoc/>
    public void GiveUp() => givenUp = true;

    /// <inheritdoc/>
    public void InputRead()
    {
    }

    /// <inheritdoc/>
    public void Complete()
    {
    }

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
