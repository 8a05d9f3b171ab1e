using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Collector.Spool;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Sources;

/// <summary>What became of recorded lines.</summary>
/// <param name="Lines">By outcome; a journal entry is a line.</param>
/// <param name="Appended">Events that stand in the log.</param>
/// <param name="Lost">Events that do not: there was no time left.</param>
/// <param name="Stopped">Reading was stopped before the end.</param>
public sealed record RecordedCounts(LineCounts Lines, long Appended, long Lost, bool Stopped);

/// <summary>
/// Recorded lines on the way of received ones: reader → <see cref="CollectorPipeline"/> → buffer → <see cref="PartitionWriter"/>, each batch exactly once.
/// Reads as it comes, so that a pipe that never ends is a live source; while Redis is away it is not read, and nothing is dropped for want of room.
/// </summary>
public sealed class RecordedLines
{
    private const int ReadBytes = 64 << 10;

    private static readonly int MessageBytesMax = new ListenOptions().MessageBytesMax;

    private readonly CollectorOptions options;
    private readonly EventBuffer buffer;
    private readonly CollectorPipeline pipeline;
    private readonly CollectorMetrics metrics;
    private readonly StreamTopology topology;
    private readonly List<PartitionWriter> writers;
    private readonly FrameSource source;
    private readonly TimeProvider time;

    private RecordedLines(IConnectionMultiplexer redis, CollectorOptions collector, StreamOptions stream, byte[] host, TimeProvider time, Random random, ILogger logger)
    {
        options = ForRecordings(collector);
        this.time = time;
        // No transport proves anything of them, and a host that a line names goes first.
        source = new(InternetAddress.FromV4(0x7f000001), 0, TrustLevel.Udp, host, HostFrom.Header);
        var keys = new StreamKeys(stream.Prefix);
        var registry = Metrics.NewCustomRegistry();
        metrics = new(registry);
        var spoolMetrics = new SpoolMetrics(registry);
        topology = new(redis, keys, Options.Create(stream), time);
        buffer = new(stream.Partitions, options.BatchEventsMax, options.BufferEventsMax, options.BufferBytesMax);
        pipeline = new(options, buffer, new RefusalLog(logger, time));
        var appender = new EventAppender(redis, keys, Options.Create(stream), new StreamMetrics(registry), time);
        var producer = $"replay-{random.NextInt64():x16}";
        writers =
        [
            .. Enumerable.Range(0, stream.Partitions).Select(partition => new PartitionWriter(
                partition, buffer, new BatchSender(partition, producer, appender, options, stream.ProducerMarkTtl, metrics, spoolMetrics, new Coverage.Rewinds(), time, random, logger), null, options, metrics, time, logger)),
        ];
    }

    /// <summary>With everything it needs; null when the host is none.</summary>
    /// <param name="redis">Where the log is.</param>
    /// <param name="collector">Limits, filters and names as for received lines.</param>
    /// <param name="stream">Shape of the log.</param>
    /// <param name="host">Of lines that name none.</param>
    /// <param name="time">The time of receipt.</param>
    /// <param name="random">Of ids and pauses.</param>
    /// <param name="logger">Told of refused lines and of a Redis that is away.</param>
    public static RecordedLines? Create(IConnectionMultiplexer redis, CollectorOptions collector, StreamOptions stream, string host, TimeProvider time, Random random, ILogger logger) =>
        HostName.TryNormalize(host, collector, out var name) ? new(redis, collector, stream, name, time, random, logger) : null;

    /// <summary>
    /// What bounds a sender on the network is not for a file that somebody chose: allow-list, rates, and how old a line may be. The spool belongs to the
    /// collector, and the file is there to be read again.
    /// </summary>
    private static CollectorOptions ForRecordings(CollectorOptions given)
    {
        var options = given.Clone();
        options.Allow = [];
        options.Spool = new();
        options.SkewMax = TimeSpan.FromDays(3650);
        options.Limits.SourceLinesPerSecond = 0;
        options.Limits.NewPeersPerMinute = 0;
        return options;
    }

    /// <summary>Reads to the end, or until it is stopped, and appends what it read.</summary>
    /// <param name="input">Bytes of the format.</param>
    /// <param name="format">How they are written.</param>
    /// <param name="stop">Ends the reading; what was read is still appended, within <see cref="CollectorOptions.DrainMax"/>.</param>
    /// <exception cref="InvalidDataException">It holds no lines; the message says what to do.</exception>
    /// <exception cref="StreamTopologyException">The log has another shape.</exception>
    public async Task<RecordedCounts> RunAsync(Stream input, RecordFormat format, CancellationToken stop)
    {
        await topology.EnsureAsync(stop);
        using var giveUp = new CancellationTokenSource();
        var writing = Task.WhenAll(writers.Select(writer => writer.RunAsync(Task.CompletedTask, giveUp.Token)));
        var stopped = false;
        try
        {
            await ReadAsync(input, format, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            stopped = true;
        }
        finally
        {
            buffer.Complete();
            if (!await AllAppendedAsync(writing, stop)) await giveUp.CancelAsync();
            await writing;
        }
        var lines = new LineCounts();
        pipeline.ReadCounts(lines);
        var (appended, lost) = metrics.Settled;
        return new(lines, appended, lost, stopped);
    }

    /// <summary>As long as it takes, unless somebody wants it to stop.</summary>
    private async Task<bool> AllAppendedAsync(Task writing, CancellationToken stop)
    {
        await writing.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!writing.IsCompleted) await Task.WhenAny(writing, Task.Delay(options.DrainMax, time, CancellationToken.None));
        return writing.IsCompleted;
    }

    private async Task ReadAsync(Stream input, RecordFormat format, CancellationToken stop)
    {
        var bytes = new byte[ReadBytes];
        var (length, ended) = (0, false);
        // The format shows in the first line.
        while (!ended && length < RecordFormats.LookMax && bytes.AsSpan(0, length).TrimStart((byte)'\n').IndexOf((byte)'\n') < 0)
        {
            var read = await ReadSomeAsync(input, bytes.AsMemory(length), stop);
            length += read;
            ended = read == 0;
        }
        if (RecordFormats.Hint(bytes.AsSpan(0, length)) is { } hint) throw new InvalidDataException(hint);
        var reader = RecordFormats.Reader(format == RecordFormat.Auto ? RecordFormats.Detect(bytes.AsSpan(0, length)) : format, MessageBytesMax);
        while (true)
        {
            await TakeAsync(reader, bytes.AsMemory(0, length), ended, stop);
            if (ended) return;
            length = await ReadSomeAsync(input, bytes, stop);
            ended = length == 0;
        }
    }

    /// <summary>A read of a pipe cannot be cancelled: it is left behind.</summary>
    private static Task<int> ReadSomeAsync(Stream input, Memory<byte> bytes, CancellationToken stop) => input.ReadAsync(bytes, CancellationToken.None).AsTask().WaitAsync(stop);

    private async Task TakeAsync(IRecordReader reader, ReadOnlyMemory<byte> bytes, bool isFinal, CancellationToken stop)
    {
        var received = UnixMicroseconds.Now(time);
        RecordStep step;
        do
        {
            step = reader.Next(bytes.Span, isFinal, out var consumed);
            bytes = bytes[consumed..];
            if (step.Kind == RecordStepKind.Refused) pipeline.Refuse(step.Refusal, reader.Frame, received, source);
            if (step.Kind != RecordStepKind.Frame) continue;
            while (!pipeline.TryAccept(reader.Frame, received, source, out _, out _)) await pipeline.WaitForRoomAsync(stop);
        }
        while (step.Kind != RecordStepKind.More);
    }
}
