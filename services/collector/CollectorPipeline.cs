using WgMonitor.Collector.Coverage;
using WgMonitor.Collector.Kernel;
using WgMonitor.Collector.Relp;
using WgMonitor.Collector.Syslog;
using WgMonitor.Collector.Trust;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Collector;

/// <summary>
/// READ THIS FIRST. One received frame on its way to the event log, step by step: may its source send, syslog header, kernel message, host and times, may it
/// name whom it names, batch of the host's partition. Every frame ends in exactly one <see cref="LineOutcome"/>. <see cref="PartitionWriter"/> takes the batches from there.
/// </summary>
/// <remarks>
/// Every transport hands its frames to <see cref="Accept"/>, without their framing. Thread-safe: one lock around a step that takes less than a
/// microsecond keeps counters and buffers exact, and lines of one listener in order. Nothing is allocated a line.
/// </remarks>
public sealed class CollectorPipeline
{
    private readonly Lock gate = new();
    private readonly CollectorOptions options;
    private readonly Admission admission;
    private readonly EventNormalizer normalizer;
    private readonly EventBuffer buffer;
    private readonly byte[][] interfaces;
    private readonly LineCounts counts = new();
    private readonly RejectedLines rejected = new();
    private readonly SampleRing unrecognized = new();
    private readonly RefusalLog refusalLog;
    private readonly HostWatch watch;

    internal CollectorPipeline(CollectorOptions options, EventBuffer buffer, RefusalLog refusalLog)
    {
        this.options = options;
        this.buffer = buffer;
        this.refusalLog = refusalLog;
        admission = new(options);
        watch = new(options.Limits.HostsMax, options.Silence.UsualIntervals, (long)options.Silence.AfterMin.TotalMicroseconds, (long)options.Silence.Tick.TotalMicroseconds);
        normalizer = new(options);
        interfaces = [.. options.Interfaces.Select(System.Text.Encoding.UTF8.GetBytes)];
    }

    /// <summary>Takes one frame through all steps and counts what became of it. An event for which there is no room is dropped.</summary>
    /// <param name="frame">One syslog message without framing; not used after the call.</param>
    /// <param name="receivedMicroseconds">Time of receipt, Unix microseconds.</param>
    /// <param name="source">Sender as the transport saw it.</param>
    public LineOutcome Accept(ReadOnlySpan<byte> frame, long receivedMicroseconds, in FrameSource source)
    {
        lock (gate)
        {
            var outcome = Process(frame, receivedMicroseconds, source, default, true, out _);
            Count(outcome, frame, receivedMicroseconds, source);
            return outcome;
        }
    }

    /// <summary>
    /// As <see cref="Accept"/> and <see cref="Refuse"/>, for frames that came together: one lock for all. Each counts as received a microsecond after the one
    /// before, about what it takes, so that their times tell their order.
    /// </summary>
    internal void AcceptAll(ReadOnlySpan<ReceivedFrame> frames, long receivedMicroseconds)
    {
        lock (gate)
        {
            foreach (ref readonly var frame in frames)
            {
                var bytes = frame.Bytes.Span;
                var outcome = frame.Refusal is { } refusal ? Admit(refusal, receivedMicroseconds, frame.Source) : Process(bytes, receivedMicroseconds, frame.Source, default, true, out _);
                Count(outcome, bytes, receivedMicroseconds, frame.Source);
                receivedMicroseconds++;
            }
        }
    }

    /// <summary>
    /// As <see cref="Accept"/>, for a sender that can be made to wait: false, and nothing counted, when there is no room for the event. Then wait
    /// for <see cref="WaitForRoomAsync"/> and offer the same frame again.
    /// </summary>
    /// <param name="frame">One syslog message without framing; not used after the call.</param>
    /// <param name="receivedMicroseconds">Time of receipt, Unix microseconds.</param>
    /// <param name="source">Sender as the transport saw it.</param>
    /// <param name="outcome">What became of the frame.</param>
    /// <param name="position">Of the event, for <see cref="WaitDurableAsync"/>; number 0 when the frame became none.</param>
    /// <param name="id">By which a repetition of the frame is known, to be stored with its event; default for none.</param>
    internal bool TryAccept(
        ReadOnlySpan<byte> frame, long receivedMicroseconds, in FrameSource source, out LineOutcome outcome, out EventPosition position, RelpFrameId id = default)
    {
        lock (gate)
        {
            outcome = Process(frame, receivedMicroseconds, source, id, false, out position);
            if (outcome == LineOutcome.DroppedBufferFull)
            {
                admission.TakeBack(source);
                return false;
            }
            Count(outcome, frame, receivedMicroseconds, source);
            return true;
        }
    }

    /// <summary>Ends when events can be taken again.</summary>
    internal Task WaitForRoomAsync(CancellationToken cancellationToken) => buffer.WaitForRoomAsync(cancellationToken);

    /// <summary>Ends when the event is safe, so that it may be acknowledged. Asks for its batch to be sent without waiting for more events.</summary>
    internal Task WaitDurableAsync(EventPosition position, CancellationToken cancellationToken) => buffer.WaitDurableAsync(position, cancellationToken);

    /// <summary>Counts a frame that its transport did not pass on as a message: too long, from nowhere, or a repetition.</summary>
    public void Refuse(LineOutcome outcome, ReadOnlySpan<byte> frame, long receivedMicroseconds, in FrameSource source)
    {
        lock (gate)
        {
            Count(Admit(outcome, receivedMicroseconds, source), frame, receivedMicroseconds, source);
        }
    }

    /// <summary>What is counted for a refused frame. Who may not send is not told from who sends badly; who sends too much is.</summary>
    private LineOutcome Admit(LineOutcome refusal, long receivedMicroseconds, in FrameSource source)
    {
        var admitted = refusal == LineOutcome.DroppedSource ? LineOutcome.Event : admission.BeforeReading(source, receivedMicroseconds);
        return admitted == LineOutcome.Event ? refusal : admitted;
    }

    /// <summary>Works on the table of hosts; no line is taken meanwhile.</summary>
    internal void WithWatch(Action<HostWatch> work)
    {
        lock (gate) work(watch);
    }

    /// <summary>No allow-list is given: whoever reaches a listener may send.</summary>
    internal bool IsOpenToAll => admission.IsOpenToAll;

    /// <summary>Hosts, devices and peers that are known, of those that <c>collector.limits</c> bound.</summary>
    internal (int Hosts, int Interfaces, int Peers) ReadKnown()
    {
        lock (gate) return admission.Known;
    }

    /// <summary>False for a source that <c>collector.allow</c> does not name: a connection from there need not be accepted.</summary>
    internal bool IsAllowed(in FrameSource source) => admission.IsAllowed(source);

    private LineOutcome Process(
        ReadOnlySpan<byte> frame, long receivedMicroseconds, in FrameSource source, RelpFrameId id, bool isLostWithoutRoom, out EventPosition position)
    {
        position = default;
        var outcome = admission.BeforeReading(source, receivedMicroseconds);
        if (outcome != LineOutcome.Event) return outcome;
        var fields = new EventFields();
        outcome = Read(frame, receivedMicroseconds, source, ref fields, out var headerTime, out var foreignFacility);
        if (outcome != LineOutcome.Event) return outcome;
        outcome = admission.AfterReading(fields, source, receivedMicroseconds, out var limit);
        if (limit != CardinalityLimit.None) counts.Add(limit);
        if (outcome != LineOutcome.Event) return outcome;
        var partition = Partitioner.PartitionOf(fields.Host, buffer.PartitionCount);
        if (!buffer.TryWrite(partition, fields, out position, id))
        {
            if (isLostWithoutRoom) watch.Lost(fields, partition);
            return LineOutcome.DroppedBufferFull;
        }
        watch.Heard(fields, partition, source.IsAcknowledged);
        counts.Add(fields, headerTime, foreignFacility);
        if (fields.Kind == EventKind.Unrecognized) unrecognized.Add(frame, source, receivedMicroseconds);
        return LineOutcome.Event;
    }

    /// <summary>The steps that only look at the line: frame to event fields, which are views into the frame and into buffers of this object.</summary>
    internal LineOutcome Read(
        ReadOnlySpan<byte> frame, long receivedMicroseconds, scoped in FrameSource source, ref EventFields fields, out HeaderTimeUse headerTime, out bool foreignFacility)
    {
        headerTime = HeaderTimeUse.None;
        foreignFacility = false;
        var strict = options.Syslog == SyslogMode.Strict;
        if (!SyslogHeader.TryParse(frame, receivedMicroseconds, strict, out var message, out var refusal)) return refusal;
        if (!KernelSource.TryLocate(message, out var text, out refusal)) return refusal;

        var parse = KernelMessageParser.Parse(text, ref fields);
        if (parse != KernelParse.Event) return OutcomeOf(parse);

        foreignFacility = message.Priority >= 0 && message.Facility != SyslogMessage.FacilityKernel;
        if (foreignFacility && strict) return LineOutcome.RejectedFacility;
        if (!IsWanted(fields.Interface)) return LineOutcome.IgnoredInterface;
        return normalizer.TryNormalize(message, receivedMicroseconds, source, ref fields, out headerTime) ? LineOutcome.Event : LineOutcome.RejectedHost;
    }

    private static LineOutcome OutcomeOf(KernelParse parse) => parse switch
    {
        KernelParse.NotWireGuard => LineOutcome.IgnoredNotWireGuard,
        KernelParse.BadInterface => LineOutcome.RejectedInterface,
        KernelParse.BadPeer => LineOutcome.RejectedPeer,
        KernelParse.BadEndpoint => LineOutcome.RejectedEndpoint,
        KernelParse.BadNumber => LineOutcome.RejectedNumber,
        _ => LineOutcome.RejectedGrammar,
    };

    /// <summary>Lines without an interface concern the whole module and always pass.</summary>
    private bool IsWanted(ReadOnlySpan<byte> name)
    {
        if (interfaces.Length == 0 || name.IsEmpty) return true;
        foreach (var wanted in interfaces)
        {
            if (name.SequenceEqual(wanted)) return true;
        }
        return false;
    }

    // Events and ignored lines stand first in the enumeration: they are the normal case.
    private const LineOutcome FirstRefusal = LineOutcome.RejectedPriority;

    private void Count(LineOutcome outcome, ReadOnlySpan<byte> frame, long receivedMicroseconds, in FrameSource source)
    {
        counts.Add(outcome);
        if (outcome < FirstRefusal) return;
        rejected.Add(outcome, frame, source, receivedMicroseconds);
        refusalLog.Note(outcome, frame, source, counts.Of(outcome));
    }

    /// <summary>All counters at one moment.</summary>
    /// <param name="lines">Overwritten.</param>
    public void ReadCounts(LineCounts lines)
    {
        lock (gate) counts.CopyTo(lines);
    }

    /// <summary>The last lines in words that no row of the grammar knows, escaped.</summary>
    public IReadOnlyList<LineSample> ReadUnrecognized()
    {
        lock (gate) return unrecognized.Snapshot();
    }

    /// <summary>The last rejected and dropped lines of every reason, escaped.</summary>
    public IReadOnlyList<RejectedLine> ReadRejected()
    {
        lock (gate) return rejected.Snapshot();
    }
}
