using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Events;

namespace WgMonitor.Collector.Tests;

/// <summary>A pipeline without sockets and Redis. Text is Latin-1: one character is one byte, so that every byte can be written in a test.</summary>
internal sealed class TestPipeline
{
    public const string L0 = "<7>Nov 22 12:00:00 vpn-01 kernel: [12345.678901] wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)";

    /// <summary>2026-11-22T12:00:05Z.</summary>
    public const long Received = 1_795_348_805_000_000;

    public static readonly FrameSource Source = new(InternetAddress.FromV4(0xc6336407), 514);

    public TestPipeline(CollectorOptions? options = null)
    {
        // Every line of a test comes at one moment: more than any sender may send at once.
        options ??= new() { Limits = new() { SourceLinesPerSecond = 0 } };
        Buffer = new(8, options.BatchEventsMax, options.BufferEventsMax, options.BufferBytesMax);
        Pipeline = new(options, Buffer, new(NullLogger.Instance, TimeProvider.System));
    }

    public EventBuffer Buffer { get; }

    public CollectorPipeline Pipeline { get; }

    /// <summary>The fields of the event the line becomes; empty with every other outcome.</summary>
    public (LineOutcome Outcome, IReadOnlyDictionary<string, string> Fields) Read(ReadOnlySpan<byte> frame, long received = Received, FrameSource? source = null)
    {
        var fields = new EventFields();
        var outcome = Pipeline.Read(frame, received, source ?? Source, ref fields, out _, out _);
        var sink = new DictionarySink([]);
        if (outcome == LineOutcome.Event) EventEncoder.Write(fields, ref sink);
        return (outcome, sink.Fields);
    }

    public (LineOutcome Outcome, IReadOnlyDictionary<string, string> Fields) Read(string line, long received = Received) => Read(Bytes(line), received);

    public LineOutcome Accept(ReadOnlySpan<byte> frame, long received = Received, FrameSource? source = null) => Pipeline.Accept(frame, received, source ?? Source);

    public LineCounts Counts()
    {
        var lines = new LineCounts();
        Pipeline.ReadCounts(lines);
        return lines;
    }

    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    private readonly struct DictionarySink(Dictionary<string, string> fields) : IEventFieldSink
    {
        public Dictionary<string, string> Fields => fields;

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) => fields.Add(Encoding.ASCII.GetString(name), Encoding.ASCII.GetString(value));
    }
}
