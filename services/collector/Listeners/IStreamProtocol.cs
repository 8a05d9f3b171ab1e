using WgMonitor.Collector.Framing;

namespace WgMonitor.Collector.Listeners;

/// <summary>
/// What is spoken on a stream: the framing and what becomes of a frame. A border that two protocols implement, plain syslog (<see cref="SyslogStream"/>) and
/// RELP. <see cref="StreamConnection"/> calls it, one call at a time, but for <see cref="RunAsync"/>.
/// </summary>
internal interface IStreamProtocol
{
    IFramer Framer { get; }

    /// <summary>Takes a frame, or learns of one that was refused.</summary>
    FrameVerdict Take(in FrameStep step, ReadOnlySpan<byte> message);

    /// <summary>Why <see cref="Take"/> said that it wants no more.</summary>
    CloseReason Ended { get; }

    /// <summary>What was received and not taken will be sent again, so that nothing is lost by leaving it.</summary>
    bool KeepsUnread { get; }

    /// <summary>Ends when a frame that was not taken for want of room can be offered again.</summary>
    Task WaitForRoomAsync(CancellationToken cancellationToken);

    /// <summary>There will be no room in time: frames that are still offered are dropped and counted, or left to be sent again.</summary>
    void GiveUp();

    /// <summary>All that was received is taken, and the connection waits for more.</summary>
    void InputRead();

    /// <summary>No frame will come any more.</summary>
    void Complete();

    /// <summary>Answers the sender until <see cref="Complete"/> and beyond, as long as answers are due.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
