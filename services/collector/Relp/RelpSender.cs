namespace WgMonitor.Collector.Relp;

/// <summary>How long one session still looks for repetitions.</summary>
internal struct RepeatWatch
{
    /// <summary>The last session that may repeat, as far as this session knows.</summary>
    public int Session;

    /// <summary>New messages in a row until it stops.</summary>
    public int Left;
}

/// <summary>
/// The last messages of one sender that became events, over all its sessions. After a broken session the sender repeats what it did not see acknowledged, byte by byte
/// and in order: what is found here was taken before.
/// </summary>
/// <remarks>
/// librelp, relpSessTryReestablish: the unacknowledged messages, 128 at most by default, go out before anything else. rsyslog's queue may then offer the rest of its
/// batch once more, of which some were acknowledged. Repetitions and messages that had not arrived can stand in any order, because the partitions of a killed collector
/// were not equally far. So a session looks until <see cref="NewInARowMax"/> messages in a row were new. <see cref="Gate"/> guards all members.
/// </remarks>
/// <param name="id">See <see cref="RelpFrameId.Sender"/>.</param>
/// <param name="seen">Grows from sender to sender and session to session.</param>
internal sealed class RelpSender(ulong id, long seen)
{
    /// <summary>Remembered; several windows of rsyslog.</summary>
    public const int FramesMax = 2048;

    private const int FramesMin = 128;

    private const int NewInARowMax = 1024;

    private ulong[] frames = new ulong[FramesMin];
    private EventPosition[] positions = new EventPosition[FramesMin];
    private int count;
    private int next;
    private int sessions;
    private int lastSession;

    public ulong Id => id;

    public Lock Gate { get; } = new();

    /// <summary>For the one that is forgotten first when there are too many senders.</summary>
    public long LastSeen { get; private set; } = seen;

    public bool IsConnected => sessions > 0;

    /// <summary>
    /// A session begins. If one before did not end with a goodbye, all sessions of the sender look for repetitions: the old one may still be reading what this one repeats.
    /// </summary>
    public void Opened(long now)
    {
        LastSeen = now;
        if (count > 0 || sessions > 0) lastSession++;
        sessions++;
    }

    /// <summary>A session ended.</summary>
    public void Closed(bool nothingUnacknowledged)
    {
        lock (Gate)
        {
            sessions--;
            if (nothingUnacknowledged && sessions == 0) (count, next) = (0, 0);
        }
    }

    /// <summary>True when the message was taken before; then the place of its event, number 0 when an earlier run took it, so that it is safe.</summary>
    public bool IsRepeated(in RelpFrameId frame, ref RepeatWatch watch, out EventPosition position)
    {
        if (watch.Session != lastSession) (watch.Session, watch.Left) = (lastSession, NewInARowMax);
        position = default;
        if (watch.Left == 0) return false;
        var at = frames.AsSpan(0, count).LastIndexOf(frame.Frame);
        watch.Left = at < 0 ? watch.Left - 1 : NewInARowMax;
        if (at >= 0) position = positions[at];
        return at >= 0;
    }

    /// <summary>The message became an event.</summary>
    public void Add(in RelpFrameId frame, EventPosition position)
    {
        if (count == frames.Length && count < FramesMax)
        {
            Array.Resize(ref frames, count * 2);
            Array.Resize(ref positions, count * 2);
        }
        if (next == frames.Length) next = 0;
        (frames[next], positions[next]) = (frame.Frame, position);
        count = Math.Max(count, ++next);
    }
}
