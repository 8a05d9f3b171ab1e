using System.Buffers;
using WgMonitor.Collector.Framing;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests;

/// <summary>Every datagram that a real rsyslogd sent and somebody recorded: what it becomes, counted by kind.</summary>
public class CorpusTests
{
    /// <summary>Kinds of the table whose event has another name.</summary>
    private static readonly Dictionary<string, string> EventNames = new()
    {
        ["core-net-ratelimit"] = "net-ratelimit-suppressed",
        ["handshake-restart-no-answer"] = "handshake-restarted-no-answer",
        ["no-route-v4,no-route-v6"] = "no-route",
        ["xmit-no-peer-v4"] = "xmit-no-peer",
        ["xmit-no-peer-v6"] = "xmit-no-peer",
    };

    public static TheoryData<string, string> Recordings() => [.. Corpus.Runs.SelectMany(run => run.DatagramForms.Select(form => (run.Name, form)))];

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Every_recorded_datagram_is_an_event_or_another_kernel_line(string runName, string form)
    {
        var run = Corpus.Run(runName);
        var pipeline = new TestPipeline();
        var events = new Dictionary<string, int>();
        var suppressed = 0;
        foreach (var datagram in run.Datagrams(form))
        {
            var (outcome, fields) = pipeline.Read(datagram.Bytes.Span, datagram.ReceivedMicroseconds);
            var kind = outcome == LineOutcome.Event ? fields["event"][..^".v1".Length] : outcome.ToString();
            // The table of counts has it among the kernel's other lines.
            if (kind == "interface-renamed") kind = nameof(LineOutcome.IgnoredNotWireGuard);
            events[kind] = events.GetValueOrDefault(kind) + 1;
            if (outcome != LineOutcome.Event) continue;
            Assert.Equal(run.Hostname, fields["host"]);
            suppressed += fields.TryGetValue("count", out var count) ? int.Parse(count) : 0;
            // imklog stamps with the time of reading: at is the header's where it has an offset, and near the time of receipt always.
            Assert.InRange(long.Parse(fields["at"]), datagram.ReceivedMicroseconds - 600_000_000, datagram.ReceivedMicroseconds + 600_000_000);
            Assert.Equal(form.StartsWith("imklog"), fields["uptime"] != "");
        }

        var expected = run.ExpectedCounts(form);
        Assert.DoesNotContain(events.Keys, kind => kind.StartsWith("Rejected") || kind.StartsWith("Dropped") || kind == "unrecognized");
        // The full corpus has forms that nobody has counted.
        if (expected.Count == 0 && Corpus.IsFull) return;
        Assert.Equal(Expected(expected), events.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());
        Assert.Equal(expected.GetValueOrDefault("callbacks-suppressed"), suppressed);
    }

    public static TheoryData<string, string> Streams() => [.. Corpus.Runs.SelectMany(run => run.StreamForms.Select(form => (run.Name, form)))];

    /// <summary>The same records went out by UDP and by TCP in both framings: de-framed they are the same events.</summary>
    [Theory]
    [MemberData(nameof(Streams))]
    public void A_recorded_tcp_stream_holds_the_events_of_the_datagrams(string runName, string form)
    {
        var run = Corpus.Run(runName);
        var pipeline = new TestPipeline();
        var stream = run.TcpStream(form);
        var streamed = new List<string>();
        var framer = new SyslogFramer(new());
        var reader = new FrameReader(framer, (in step, message) =>
        {
            streamed.Add(step.Kind == FrameStepKind.Frame ? Said(pipeline, message) : step.Refusal.ToString());
            return FrameVerdict.Taken;
        });
        // As recv() cut it when it was recorded.
        byte[] left = [];
        foreach (var chunk in stream.Chunks)
        {
            var buffer = new ReadOnlySequence<byte>([.. left, .. stream.Bytes.Span.Slice(chunk.Offset, chunk.Length)]);
            Assert.Equal(DrainEnd.Drained, reader.Drain(ref buffer, isFinal: false, out _));
            left = buffer.ToArray();
        }
        Assert.Equal(stream.Bytes.Length, stream.Chunks.Sum(chunk => chunk.Length));
        Assert.False(framer.IsInsideFrame);

        Assert.DoesNotContain(streamed, said => said.StartsWith("Rejected") || said.StartsWith("unrecognized"));
        var udp = $"{form[..form.IndexOf('-')]}-udp-{form[(form.LastIndexOf("RSYSLOG_", StringComparison.Ordinal))..form.IndexOf('.')]}";
        if (run.IsThinned || !run.DatagramForms.Contains(udp)) return;
        var datagrams = run.Datagrams(udp).Select(datagram => Said(pipeline, datagram.Bytes.Span)).ToList();
        // UDP lost some in the floods, and rsyslogd was stopped before every connection had sent everything: what arrived, arrived in the same order.
        var at = 0;
        var found = datagrams.TakeWhile(said => (at = streamed.IndexOf(said, at) + 1) > 0).Count();
        if (found < datagrams.Count) Assert.DoesNotContain(streamed[^1], datagrams.Skip(found + 1));
        Assert.InRange(found, Math.Min(streamed.Count, datagrams.Count) * 9 / 10, datagrams.Count);
    }

    public static TheoryData<string> RunsWithKernelLines() => [.. Corpus.Runs.Where(run => run.HasKernelLines).Select(run => run.Name)];

    /// <summary>The kernel's own log, complete and without any syslog daemon in between: the counts of the table.</summary>
    [Theory]
    [MemberData(nameof(RunsWithKernelLines))]
    public void Every_line_of_the_kernels_log_is_counted_as_in_the_table(string runName)
    {
        var run = Corpus.Run(runName);
        var pipeline = new TestPipeline();
        var events = new Dictionary<string, int>();
        foreach (var line in run.KernelLines())
        {
            var (outcome, fields) = pipeline.Read($"<{line.Priority & 7}>Nov 22 12:00:00 {run.Hostname} kernel: {line.Text}");
            var kind = outcome == LineOutcome.Event ? fields["event"][..^".v1".Length] : outcome.ToString();
            if (kind == "interface-renamed") kind = nameof(LineOutcome.IgnoredNotWireGuard);
            events[kind] = events.GetValueOrDefault(kind) + 1;
        }

        Assert.Equal(Expected(run.ExpectedCounts("kmsg.raw")), events.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());
    }

    /// <summary>Local log files, which only the full corpus has.</summary>
    [Fact]
    public void No_line_of_a_local_log_file_is_unexplained()
    {
        var pipeline = new TestPipeline();
        foreach (var run in Corpus.Runs)
        {
            foreach (var form in run.FileForms)
                Assert.DoesNotContain(run.FileLines(form).Select(line => Said(pipeline, line.Span)), said => said.StartsWith("Rejected") || said.StartsWith("unrecognized"));
        }
        Assert.Equal(Corpus.IsFull, Corpus.Runs.Any(run => run.FileForms.Count > 0));
    }

    /// <summary>What a frame says, whenever it was received; the name of the outcome when it is no event.</summary>
    private static string Said(TestPipeline pipeline, ReadOnlySpan<byte> frame)
    {
        var (outcome, fields) = pipeline.Read(frame);
        return outcome != LineOutcome.Event ? outcome.ToString() : string.Join(' ', fields.Where(field => field.Key is not ("at" or "received")).Select(field => field.Value));
    }

    private static Dictionary<string, int> Expected(IReadOnlyDictionary<string, int> counts)
    {
        var events = new Dictionary<string, int>();
        foreach (var (kind, count) in counts)
        {
            if (kind is "records" or "callbacks-suppressed") continue;
            var name = kind == "other" ? nameof(LineOutcome.IgnoredNotWireGuard) : EventNames.GetValueOrDefault(kind, kind);
            events[name] = events.GetValueOrDefault(name) + count;
        }
        return events.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary();
    }
}
