using System.Text;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>A collector with a spool is killed, its disk and its Redis fail under load: every line that was on disk stands in the log once, in order.</summary>
public sealed class SpoolTests : IDisposable
{
    private const int Hosts = 12;
    private const string FileLimit = "limit of file sizes";
    private const int FileSystemBytes = 4 << 20;
    private const string FileSystem = "full file system";

    private readonly TempDirectory directory = new();

    private string Spool(string durability) => $"""
        [collector.spool]
        durability = "{durability}"
        directory = "{directory.File("spool")}"
        """;

    private static ReadOnlyMemory<byte> Line(int n) => Encoding.ASCII.GetBytes(
        $"<7>1 2026-11-22T13:00:00.000000+00:00 vpn-{n % Hosts} kernel - - - [100.000000] wireguard: wg0: Keypair {n} created for peer 7");

    /// <summary>Numbers of the lines in the log, for every host in the order of the log.</summary>
    private static async Task<Dictionary<string, List<int>>> LogAsync(Deployment product)
    {
        var numbers = new Dictionary<string, List<int>>();
        for (var partition = 0; partition < product.Partitions; partition++)
        {
            foreach (var entry in await product.Connection.GetDatabase().StreamRangeAsync(product.Keys.Events(partition)))
            {
                var host = (string)entry["host"]!;
                if (!numbers.TryGetValue(host, out var list)) numbers[host] = list = [];
                list.Add((int)entry["keypair"]);
            }
        }
        return numbers;
    }

    private static async Task DrainedAsync(Deployment product)
    {
        await Wait.Until(
            async () => await product.Collector.MetricAsync("wgmonitor_collector_buffered_events") == 0
                && await product.Collector.MetricAsync("wgmonitor_collector_spool_waiting_events") == 0,
            "the spool is drained", TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("disk", 25)]
    [InlineData("fsync", 10)]
    public async Task Killing_the_collector_again_and_again_loses_nothing_that_was_on_disk_and_doubles_nothing(string durability, int kills)
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Spool(durability));
        using var sender = new SyslogSender(product.SyslogPort);
        var next = 0;
        var safe = new List<int>();
        for (var kill = 0; kill < kills; kill++)
        {
            // Some rounds the kill meets a backlog.
            if (kill % 5 == 4) redis.Pause();
            var first = next;
            next += random.Next(200, 1500);
            await sender.SendAsync(Enumerable.Range(first, next - first).Select(Line), Pace.Messages(20_000));
            // Nothing in memory that is not on disk: these lines must survive. In other rounds it dies in the middle.
            if (random.Next(2) == 0 && await IsSpooledAsync(product, next - first)) safe.AddRange(Enumerable.Range(first, next - first));
            else await ReceivedAsync(product, random.Next(next - first));
            await product.Collector.KillAsync();
            redis.Resume();
            product.Collector.Start();
            await product.Collector.ReadyAsync();
        }
        await DrainedAsync(product);

        var log = await LogAsync(product);
        Assert.NotEmpty(safe);
        Assert.Empty(safe.Except(log.Values.SelectMany(numbers => numbers)).Order().Take(10));
        Assert.All(log.Values, numbers => Assert.Equal(numbers.Order().Distinct(), numbers));
        TestContext.Current.TestOutputHelper?.WriteLine($"{next} lines sent, {safe.Count} surely safe, {log.Values.Sum(numbers => numbers.Count)} in the log");
    }

    private static Task ReceivedAsync(Deployment product, int lines) =>
        Wait.Until(async () => await product.Collector.MetricAsync("wgmonitor_collector_events_total") >= lines, "lines are received");

    private static async Task<bool> IsSpooledAsync(Deployment product, int lines)
    {
        await ReceivedAsync(product, lines);
        // What is appended or on disk: a batch leaves the buffer, or waits for Redis in both.
        await Wait.Until(
            async () => await product.Collector.MetricAsync("wgmonitor_collector_buffered_events") <= await product.Collector.MetricAsync("wgmonitor_collector_spool_waiting_events"),
            "lines are on disk");
        return true;
    }

    [Fact]
    public async Task Killing_redis_while_the_collector_is_killed_too_loses_nothing()
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Spool("disk"));
        using var sender = new SyslogSender(product.SyslogPort);
        var next = 0;
        for (var round = 0; round < 8; round++)
        {
            await sender.SendAsync(Enumerable.Range(next, 2000).Select(Line), Pace.Messages(10_000));
            next += 2000;
            await IsSpooledAsync(product, 2000);
            // Redis forgets what it did not sync, and the collector forgets what Redis had confirmed.
            await redis.KillAsync();
            if (random.Next(2) == 0) await product.Collector.KillAsync();
            else await product.Collector.StopAsync();
            await redis.StartAgainAsync();
            product.Collector.Start();
            await product.Collector.ReadyAsync();
        }
        await DrainedAsync(product);

        var log = await LogAsync(product);
        for (var host = 0; host < Hosts; host++) Assert.Equal(Enumerable.Range(0, next).Where(n => n % Hosts == host), log[$"vpn-{host}"]);
    }

    /// <summary>A file system of the test's own needs user namespaces, which containers often forbid: <c>make full-disk-test</c> asks for it.</summary>
    public static TheoryData<string> FullDisks => Environment.GetEnvironmentVariable("WGMONITOR_FULL_DISK") is null ? [FileLimit] : [FileLimit, FileSystem];

    [Theory]
    [MemberData(nameof(FullDisks))]
    public async Task A_disk_that_takes_nothing_more_costs_no_line_and_is_shown(string disk)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        var spool = Directory.CreateDirectory(directory.File("spool"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        string[] mount = ["sh", "-c", $"mount -t tmpfs -o size={FileSystemBytes},mode=700 tmpfs \"$0\" && exec \"$@\"", spool];
        string[] within = disk == FileSystem ? [Executable.Find("unshare", "util-linux"), "--user", "--map-root-user", "--mount", "--", .. mount] : [];
        await using var product = await Deployment.StartAsync(redis, collector: Spool("disk"), collectorWithin: within);
        using var sender = new SyslogSender(product.SyslogPort);
        await sender.SendAsync(Enumerable.Range(0, 3000).Select(Line), Pace.Messages(10_000));
        await DrainedAsync(product);

        await FillDiskAsync(product, disk, spool);
        await sender.SendAsync(Enumerable.Range(3000, 3000).Select(Line), Pace.Messages(10_000));
        await Wait.Until(async () => await product.EntriesAsync() == 6000, "lines are appended past the disk");
        Assert.True(await product.Collector.MetricAsync("wgmonitor_collector_spool_write_failures_total") > 0);
        Assert.True(await product.Collector.IsReadyAsync());
        redis.Pause();
        await sender.SendAsync(Enumerable.Range(6000, 3000).Select(Line), Pace.Messages(10_000));
        await Wait.Until(async () => await product.Collector.MetricAsync("wgmonitor_collector_lines_received_total") == 9000, "lines are received");
        redis.Resume();
        await FreeDiskAsync(product, disk, spool);
        await sender.SendAsync(Enumerable.Range(9000, 3000).Select(Line), Pace.Messages(10_000));
        await Wait.Until(async () => await product.EntriesAsync() == 12_000, "all lines are appended");
        await DrainedAsync(product);

        var log = await LogAsync(product);
        for (var host = 0; host < Hosts; host++) Assert.Equal(Enumerable.Range(0, 12_000).Where(n => n % Hosts == host), log[$"vpn-{host}"]);
        Assert.False(product.Collector.Process.HasExited);
        Assert.Contains("Spool: the disk takes what is written again.", product.Collector.Process.Output);
    }

    private static async Task FillDiskAsync(Deployment product, string disk, string spool)
    {
        // No file may grow, as on a full disk; the soft limit can be raised again.
        if (disk == FileLimit) await LimitFilesAsync(product, "0:unlimited");
        else
        {
            using var ballast = new FileStream(Ballast(product, spool), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            var full = Record.Exception(() =>
            {
                for (var written = 0; written <= FileSystemBytes; written += 4096) ballast.Write(new byte[4096]);
            });
            Assert.Contains("No space left on device", Assert.IsType<IOException>(full).Message);
        }
    }

    private static async Task FreeDiskAsync(Deployment product, string disk, string spool)
    {
        if (disk == FileLimit) await LimitFilesAsync(product, "unlimited:unlimited");
        else File.Delete(Ballast(product, spool));
    }

    /// <summary>As the collector sees the file system.</summary>
    private static string Ballast(Deployment product, string spool) => $"/proc/{product.Collector.Process.Id}/root{spool}/ballast";

    private static async Task LimitFilesAsync(Deployment product, string limit)
    {
        await using var prlimit = ChildProcess.Start(Executable.Find("prlimit", "util-linux"), ["--pid", $"{product.Collector.Process.Id}", $"--fsize={limit}"]);
        Assert.Equal(0, await prlimit.ExitAsync());
    }

    [Fact]
    public async Task A_second_collector_on_the_same_directory_ends_with_a_sentence()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Spool("disk"));
        await using var second = product.SecondCollector();

        second.Start();

        Assert.Equal(78, await second.Process.ExitAsync());
        Assert.Contains("collector.spool.directory: is used by another collector; give each its own", second.Process.Output);
    }

    public void Dispose() => directory.Dispose();
}
