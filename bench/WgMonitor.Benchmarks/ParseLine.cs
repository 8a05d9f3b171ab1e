using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Collector;
using WgMonitor.Collector.Syslog;
using WgMonitor.Events;
using WgMonitor.Testing;

namespace WgMonitor.Benchmarks;

/// <summary>One line from datagram to event fields, over a thousand WireGuard lines that rsyslog really sent. Times and bytes are a line.</summary>
[MemoryDiagnoser]
public class ParseLine
{
    private const int LineCount = 1000;

    private readonly FrameSource source = new(InternetAddress.FromV4(0x7f000001), 514);
    private readonly RegexGrammar regexes = new();
    private (byte[] Bytes, long Received)[] lines = [];
    private CollectorPipeline pipeline = null!;
    private EventBuffer buffer = null!;

    [Params(SyslogTemplate.TraditionalForward, SyslogTemplate.SyslogProtocol23)]
    public SyslogTemplate Template { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        lines =
        [
            .. Corpus.Run("D-server").Datagrams(Template)
                .Where(datagram => datagram.Bytes.Span.IndexOf("wireguard: "u8) >= 0)
                .Take(LineCount)
                .Select(datagram => (datagram.Bytes.ToArray(), datagram.ReceivedMicroseconds)),
        ];
        var options = new CollectorOptions();
        buffer = new(8, options.BatchEventsMax, options.BufferEventsMax, options.BufferBytesMax);
        pipeline = new(options, buffer, new(NullLogger.Instance, TimeProvider.System));
        if (lines.Length != LineCount || Parse() != LineCount || Regexes() != LineCount) throw new InvalidOperationException("A line is not parsed.");
    }

    /// <summary>Syslog header, kernel message, host and times.</summary>
    [Benchmark(OperationsPerInvoke = LineCount, Baseline = true)]
    public int Parse()
    {
        var events = 0;
        foreach (var (bytes, received) in lines)
        {
            var fields = new EventFields();
            if (pipeline.Read(bytes, received, source, ref fields, out _, out _) == LineOutcome.Event) events++;
        }
        return events;
    }

    /// <summary>Only the syslog header.</summary>
    [Benchmark(OperationsPerInvoke = LineCount)]
    public int Header()
    {
        var length = 0;
        foreach (var (bytes, received) in lines)
        {
            if (SyslogHeader.TryParse(bytes, received, strict: false, out var message, out _)) length += message.Text.Length;
        }
        return length;
    }

    /// <summary>The same, counted, encoded into the batch of its partition, and the batch thrown away.</summary>
    [Benchmark(OperationsPerInvoke = LineCount)]
    public int ParseAndBatch()
    {
        var events = 0;
        foreach (var (bytes, received) in lines)
        {
            if (pipeline.Accept(bytes, received, source) == LineOutcome.Event) events++;
        }
        for (var partition = 0; partition < buffer.PartitionCount; partition++)
        {
            while (buffer.Take(partition) is { } batch) buffer.Settle(batch);
        }
        return events;
    }

    /// <summary>The yardstick.</summary>
    [Benchmark(OperationsPerInvoke = LineCount)]
    public int Regexes()
    {
        var matches = 0;
        foreach (var (bytes, _) in lines)
        {
            if (regexes.Match(bytes) >= 0) matches++;
        }
        return matches;
    }
}
