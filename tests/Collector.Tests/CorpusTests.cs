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
