using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Collector.Sources;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Sources;

/// <summary>Recordings of real kernels into a real Redis: what stands there is what the same lines by UDP become.</summary>
public class RecordedLinesTests
{
    private static async Task<RecordedCounts> AppendAsync(RedisServer redis, Stream input, string host, RecordFormat format = RecordFormat.Auto, CancellationToken stop = default)
    {
        await using var connection = await redis.ConnectAsync();
        var lines = RecordedLines.Create(connection, new(), new() { Prefix = redis.KeyPrefix }, host, TimeProvider.System, new(1), NullLogger.Instance);
        return await lines!.RunAsync(input, format, stop);
    }

    private static async Task<List<Dictionary<string, string>>> ByUdpAsync(IReadOnlyList<byte[]> datagrams)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, "skew_max = \"3650d\"\n");
        using var sender = new SyslogSender(collector.Port);
        foreach (var (at, datagram) in datagrams.Index())
        {
            sender.Send(datagram);
            if (at % 100 == 99) await Wait.Until(() => collector.Counts().Received == at + 1, "datagrams are received");
        }
        await collector.AllAppended(datagrams.Count);
        return await TestCollector.ReadLogAsync(redis);
    }

    private static string Time(CorpusRun run, KernelLine line) =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(run.StartEpoch * 1e6 + line.UptimeMicroseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    /// <summary>A recording in one of the forms, and the same lines as datagrams.</summary>
    private static (byte[] File, List<byte[]> Datagrams) Recording(CorpusRun run, string form)
    {
        var kernel = run.KernelLines();
        return form switch
        {
            "kern.log" => (Bytes(kernel.Select(line => $"{Time(run, line)}+00:00 {run.Hostname} kernel: {line.Stamped[3..]}\n")), Datagrams(Time)),
            "kmsg" => (Bytes(kernel.Select(line => $"{line.Priority},{line.Sequence},{line.UptimeMicroseconds},-;{line.Text}\n SUBSYSTEM=net\n")), Datagrams((_, _) => "")),
            "dmesg --raw" => (Bytes(kernel.Select(line => $"{line.Stamped}\n")), Datagrams((_, _) => "")),
            "dmesg" => (Bytes(kernel.Select(line => $"{line.Stamped[3..]}\n")), Datagrams((_, _) => "")),
            _ => (Bytes(kernel.Select((line, at) => Entry(run, line, isBinary: at % 5 == 0))), Datagrams(Time)),
        };

        List<byte[]> Datagrams(Func<CorpusRun, KernelLine, string> time) =>
            [.. kernel.Select(line => Encoding.UTF8.GetBytes($"<{line.Priority}>1 {(time(run, line) is { Length: > 0 } at ? at + "Z" : "-")} {run.Hostname} kernel - - - {line.Stamped[(line.Stamped.IndexOf('>') + 1)..]}"))];
    }

    private static byte[] Bytes(IEnumerable<string> parts) => Encoding.UTF8.GetBytes(string.Concat(parts));

    private static string Entry(CorpusRun run, KernelLine line, bool isBinary)
    {
        var micros = (long)(run.StartEpoch * 1e6 + line.UptimeMicroseconds);
        var length = Encoding.UTF8.GetByteCount(line.Text);
        // A length below 128 is itself in UTF-8; a longer message goes as text.
        var message = isBinary && length < 128 ? $"MESSAGE\n{(char)length}\0\0\0\0\0\0\0{line.Text}" : $"MESSAGE={line.Text}";
        return $"__CURSOR=s=1;i={line.Sequence}\n__REALTIME_TIMESTAMP={micros}\n_TRANSPORT=kernel\nSYSLOG_FACILITY={line.Priority >> 3}\nSYSLOG_IDENTIFIER=kernel\n"
            + $"PRIORITY={line.Priority & 7}\n_SOURCE_MONOTONIC_TIMESTAMP={line.UptimeMicroseconds}\n_HOSTNAME={run.Hostname}\n{message}\n\n";
    }

    private static List<string> Said(IEnumerable<Dictionary<string, string>> events, bool withTime) =>
        [.. events.Select(fields => string.Join(' ', fields.Where(field => field.Key != "received" && (withTime || field.Key != "at")).Select(field => $"{field.Key}={field.Value}")))];

    [Theory]
    [InlineData("A", "kern.log")]
    [InlineData("A", "kmsg")]
    [InlineData("G-client", "dmesg --raw")]
    [InlineData("G-client", "dmesg")]
    [InlineData("A", "journald")]
    [InlineData("C-part1", "journald")]
    public async Task A_recording_becomes_the_events_of_the_same_lines_by_udp(string runName, string form)
    {
        var run = Corpus.Run(runName);
        var (file, datagrams) = Recording(run, form);
        await using var redis = await RedisServer.StartAsync();

        var counts = await AppendAsync(redis, new MemoryStream(file), run.Hostname);
        var expected = await ByUdpAsync(datagrams);

        Assert.Equal(datagrams.Count, counts.Lines.Received);
        HostileInputTests.AssertSum(counts.Lines);
        Assert.Equal((expected.Count, 0L, false), ((int)counts.Appended, counts.Lost, counts.Stopped));
        Assert.InRange(expected.Count, 1000, datagrams.Count);
        Assert.Equal(0, counts.Lines.Of(LineOutcomeKind.Rejected) + counts.Lines.Of(LineOutcomeKind.Dropped));
        Assert.Equal(Said(expected, form is "kern.log" or "journald"), Said(await TestCollector.ReadLogAsync(redis), form is "kern.log" or "journald"));
    }

    [Fact]
    public async Task A_pipe_that_goes_on_is_a_live_source_until_it_is_stopped()
    {
        var run = Corpus.Run("A");
        var lines = run.KernelLines().Where(line => line.Text.StartsWith("wireguard: wg0: ")).Take(3).ToList();
        await using var redis = await RedisServer.StartAsync();
        using var stop = new CancellationTokenSource();
        var pipe = new Pipe();
        var running = AppendAsync(redis, pipe.Reader.AsStream(), "other", stop: stop.Token);

        for (var n = 1; n <= lines.Count; n++)
        {
            var bytes = Encoding.UTF8.GetBytes(Entry(run, lines[n - 1], isBinary: true));
            await pipe.Writer.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await pipe.Writer.WriteAsync(bytes.AsMemory(bytes.Length / 2));
            await Wait.Until(async () => (await TestCollector.ReadLogAsync(redis)).Count == n, $"event {n} stands in the log while the pipe is open");
        }
        await stop.CancelAsync();
        var counts = await running;

        Assert.Equal((3L, 0L, true), (counts.Appended, counts.Lost, counts.Stopped));
        Assert.All(await TestCollector.ReadLogAsync(redis), fields => Assert.Equal(run.Hostname, fields["host"]));
    }

    [Fact]
    public async Task A_redis_that_is_frozen_makes_the_file_wait_and_every_event_stands_there_once()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var connection = await redis.ConnectAsync();
        // Room for a tenth: the rest can only be read when Redis is back.
        var lines = RecordedLines.Create(
            connection, new() { BatchEventsMax = 100, BufferEventsMax = 1000 }, new() { Prefix = redis.KeyPrefix }, "vpn-01", TimeProvider.System, new(1), NullLogger.Instance)!;
        var file = Bytes(Enumerable.Range(1, 10_000).Select(n => $"[   90.246220] wireguard: wg0: Keypair {n} created for peer 17\n"));
        var pipe = new Pipe();
        var running = lines.RunAsync(pipe.Reader.AsStream(), RecordFormat.Auto, CancellationToken.None);
        await pipe.Writer.WriteAsync(file.AsMemory(0, 6_000));
        await Wait.Until(async () => (await TestCollector.ReadLogAsync(redis)).Count > 0, "events are appended");

        redis.Pause();
        var writing = pipe.Writer.WriteAsync(file.AsMemory(6_000)).AsTask();
        await Task.WhenAny(writing, Task.Delay(500));
        Assert.False(writing.IsCompleted);
        redis.Resume();
        await writing;
        await pipe.Writer.CompleteAsync();
        var counts = await running;

        Assert.Equal((10_000L, 0L), (counts.Appended, counts.Lost));
        Assert.Equal(Enumerable.Range(1, 10_000), (await TestCollector.ReadLogAsync(redis)).Select(fields => int.Parse(fields["keypair"])));
    }

    [Fact]
    public async Task Lines_without_a_host_are_of_the_host_that_is_given_and_others_keep_theirs()
    {
        await using var redis = await RedisServer.StartAsync();
        var file = "Nov 22 12:00:00 vpn-02 kernel: wireguard: wg0: Peer 1 created\nNov 22 12:00:00 kernel: wireguard: wg0: Peer 2 created\nwhat\n"u8.ToArray();

        var counts = await AppendAsync(redis, new MemoryStream(file), "VPN-01");

        Assert.Equal(3, counts.Lines.Received);
        Assert.Equal(1, counts.Lines.Of(LineOutcomeKind.Rejected));
        Assert.Equal(["vpn-01 2", "vpn-02 1"], (await TestCollector.ReadLogAsync(redis)).Select(fields => $"{fields["host"]} {fields["peer"]}").Order());
    }
}
