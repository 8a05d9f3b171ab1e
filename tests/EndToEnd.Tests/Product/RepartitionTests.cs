using System.Text;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>A log of recorded lines under another number of partitions: every host's state and every alert as before, nothing sent again, killed wherever it may be.</summary>
public sealed class RepartitionTests
{
    private const int Hosts = 9;

    /// <summary>Four by default; more on demand.</summary>
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("WGMONITOR_REPARTITION_KILLS"), out var kills) ? kills : 4;

    /// <summary>The recorded runs from hosts of several names, applied and delivered, and then everything stopped.</summary>
    private static async Task<Deployment> StoppedAsync(RedisServer redis, WebhookReceiver receiver, int partitions, string stream = "")
    {
        var product = await Deployment.StartAsync(redis, routes: AlertTests.Webhook(receiver), partitions: partitions, stream: stream);
        using var sender = new SyslogSender(product.SyslogPort);
        // All hosts at once, so that entries of several partitions have the same ID.
        var lines = Enumerable.Range(0, Hosts).SelectMany(RecordedAs).OrderBy(line => line.Number).Select(line => line.Bytes).ToList();
        await sender.SendAsync(lines, Pace.Messages(5000));
        await Wait.Until(async () => await product.Collector.MetricAsync("wgmonitor_collector_lines_received_total") == lines.Count, "all lines arrive");
        await product.AppendedSettledAsync();
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
        var alerts = (await ReferenceFold.OutboxAsync(product.Connection, product.Keys, partitions)).ToHashSet();
        Assert.NotEmpty(alerts);
        await Wait.Until(() => alerts.SetEquals(AlertTests.DeliveredIds(receiver)), "every alert is delivered");
        foreach (var service in product.All) await service.StopAsync();
        // As if its last status were old.
        await product.Connection.GetDatabase().KeyDeleteAsync("wgmonitor:collectors");
        return product;
    }

    private static IEnumerable<(int Number, ReadOnlyMemory<byte> Bytes)> RecordedAs(int host)
    {
        var run = Corpus.Run(host % 2 == 0 ? "C-part1" : "A");
        return run.Datagrams(SyslogTemplate.SyslogProtocol23).Where(datagram => Encoding.Latin1.GetString(datagram.Bytes.Span).Contains("wireguard: ")).Take(1000)
            .Select((datagram, number) => (number, KillTests.Renamed(datagram.Bytes, run.Hostname, $"vpn-{host}")));
    }

    private static async Task<int> RunAsync(Deployment product, int partitions, bool expectRefusal = false)
    {
        await using var command = product.Command("repartition", $"{partitions}");
        var code = await command.ExitAsync(TimeSpan.FromMinutes(2));
        Assert.True(expectRefusal || code == 0, command.Output);
        TestContext.Current.TestOutputHelper?.WriteLine(command.Output);
        return code;
    }

    private static async Task<SortedDictionary<string, string>> DigestsAsync(Deployment product, int partitions, StateKeys keys, bool causes)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var partition = 0; partition < partitions; partition++)
        {
            foreach (var host in await ReferenceFold.StoredAsync(product.Connection, keys, partition))
                digests.Add(host.Host, StateDigest.Of(causes ? host : host.WithoutCauses()));
        }
        return digests;
    }

    private static async Task<IEnumerable<string>> AlertsAsync(Deployment product, int partitions) =>
        (await ReferenceFold.OutboxAsync(product.Connection, product.Keys, partitions)).Order(StringComparer.Ordinal);

    /// <summary>Everything there was is there, as a fold of the new log says; and only the keys of the new one.</summary>
    private static async Task AssertMovedAsync(Deployment product, int partitions, long entries, SortedDictionary<string, string> digests, IEnumerable<string> alerts, bool causes)
    {
        var projector = StateKeys.Projector(product.Keys);
        Assert.Equal(digests, await DigestsAsync(product, partitions, projector, causes));
        Assert.Equal(alerts, await AlertsAsync(product, partitions));
        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, partitions);
        Assert.Equal(entries, reference.Events);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, projector, partitions));
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Notifier(product.Keys), partitions));
        Assert.Equal($"{partitions}", (await product.Connection.GetDatabase().HashGetAsync(product.Keys.Meta, "partitions")).ToString());
        Assert.Empty(product.Connection.GetServers()[0].Keys(pattern: "wgmonitor.repartition:*"));
        Assert.DoesNotContain(product.Connection.GetServers()[0].Keys(pattern: "wgmonitor:{p*"), key => int.Parse(key.ToString().Split('p', '}')[1]) >= partitions);
    }

    [Fact]
    public async Task What_a_base_snapshot_lacks_it_lacks_in_every_new_partition()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 2);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([.. NumberedLog.Lines(0, 10)], datagrams => sender.SendAsync(datagrams));
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
        foreach (var service in product.All) await service.StopAsync();
        var database = product.Connection.GetDatabase();
        await database.KeyDeleteAsync("wgmonitor:collectors");
        await database.HashSetAsync(product.Keys.Lost(1),
        [
            new("base:entries", 7), new("base:after", "1-0"), new("base:until", "5-0"), new("base:at", 9), new("projector:entries", 3), new("projector:after", "1-0"), new("projector:until", "5-0"), new("projector:at", 9),
        ]);

        product.Repartitioned(3);
        await RunAsync(product, 3);

        var reader = new LostEntriesReader(product.Connection, product.Keys);
        for (var partition = 0; partition < 3; partition++)
            Assert.Equal([new LostEntries(partition, "base", 7, new StreamId(1, 0), new StreamId(5, 0), 9)], await reader.ReadAsync(partition, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(4, 8)]
    [InlineData(4, 3)]
    [InlineData(3, 1)]
    public async Task F60_every_host_and_every_alert_is_as_before_and_nothing_is_sent_again(int from, int to)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await StoppedAsync(redis, receiver, from);
        // A multiple of the old number merges no partitions, so every event keeps its ID.
        var causes = to % from == 0;
        var before = await DigestsAsync(product, from, StateKeys.Projector(product.Keys), causes);
        var (alerts, entries, requests) = (await AlertsAsync(product, from), await product.EntriesAsync(), receiver.Requests.Count);

        product.Repartitioned(to);
        await using (var tooEarly = new ServiceProcess("projector", product.Directory, FreePort.Tcp()))
        {
            tooEarly.Start();
            Assert.Equal(78, await tooEarly.Process.ExitAsync());
            Assert.Contains($"wgmonitor repartition {to}", tooEarly.Process.Output);
        }
        await RunAsync(product, to);
        await AssertMovedAsync(product, to, entries, before, alerts, causes);

        foreach (var service in product.All) service.Start();
        foreach (var service in product.All) await service.ReadyAsync();
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([.. NumberedLog.Lines(0, 100)], datagrams => sender.SendAsync(datagrams));
        // And of every host, that the collector did not run meanwhile.
        await Wait.Until(async () => await product.EntriesAsync() >= entries + 100 + Hosts, "the outage is told of every host");
        await product.CaughtUpAsync("projector");
        await product.CaughtUpAsync("notifier");
        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, to);
        Assert.Equal(entries + 100 + Hosts, reference.Events);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys), to));
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Notifier(product.Keys), to));
        Assert.Equal(requests, receiver.Requests.Count);
        Assert.Equal(alerts, await AlertsAsync(product, to));
        await using var replay = product.Command("replay", "--verify");
        Assert.True(await replay.ExitAsync(TimeSpan.FromMinutes(1)) == 0, replay.Output);
    }

    [Fact]
    public async Task F60_killed_at_random_points_it_can_be_run_again()
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await StoppedAsync(redis, receiver, 4);
        var before = await DigestsAsync(product, 4, StateKeys.Projector(product.Keys), causes: false);
        var (alerts, entries) = (await AlertsAsync(product, 4), await product.EntriesAsync());
        var start = TimeProvider.System.GetTimestamp();
        await RunAsync(product, 6);
        var whole = TimeProvider.System.GetElapsedTime(start);

        var steps = new Dictionary<string, int>();
        int[] numbers = [4, 6];
        for (var kill = 0; kill < Kills; kill++)
        {
            var to = numbers[kill % 2];
            await using (var command = product.Command("repartition", $"{to}"))
            {
                // Some time while it copies, or in one of the short steps behind it.
                if (kill % 3 == 0) await Task.Delay(whole * (0.2 + 0.7 * random.NextDouble()), TestContext.Current.CancellationToken);
                else
                {
                    // They are over in milliseconds, so asked for without a pause.
                    while (!command.HasExited && await StepAsync(product) != (kill % 3 == 1 ? "deleting" : "renaming"))
                    {
                    }
                }
                command.Kill();
                await command.ExitAsync();
            }
            var step = await StepAsync(product);
            steps[step] = steps.GetValueOrDefault(step) + 1;
            // As if the time had passed for which the killed one holds on.
            await product.Connection.GetDatabase().KeyDeleteAsync("wgmonitor:repartition");
            // A copy that was only begun may be given up too.
            if (step == "copying" && random.Next(2) == 0)
            {
                await using var abandon = product.Command("repartition", "--abandon");
                Assert.True(await abandon.ExitAsync(TimeSpan.FromMinutes(1)) == 0, abandon.Output);
                Assert.Empty(product.Connection.GetServers()[0].Keys(pattern: "wgmonitor.repartition:*"));
            }
            await RunAsync(product, to);
            product.Repartitioned(to);
            await AssertMovedAsync(product, to, entries, before, alerts, causes: false);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"killed in step: {string.Join(", ", steps.Select(step => $"{(step.Key.Length == 0 ? "none" : step.Key)} {step.Value}"))}");
    }

    private static async Task<string> StepAsync(Deployment product) =>
        (await product.Connection.GetDatabase().HashGetAsync(product.Keys.Meta, "repartition")).ToString().Split(' ')[0];

    [Fact]
    public async Task F60_while_a_service_lives_it_is_refused_and_a_base_snapshot_moves_too()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await StoppedAsync(redis, receiver, 4, "retention_entries_max = 300\ntrim_interval = \"200ms\"");
        var before = await DigestsAsync(product, 4, StateKeys.Projector(product.Keys), causes: false);
        Assert.NotEmpty(await DigestsAsync(product, 4, StateKeys.Base(product.Keys), causes: false));
        product.Projectors[0].Start();
        await product.Projectors[0].ReadyAsync();
        Assert.Equal(1, await RunAsync(product, 3, expectRefusal: true));
        await product.Projectors[0].StopAsync();

        await RunAsync(product, 3);
        product.Repartitioned(3);

        Assert.Equal(before, await DigestsAsync(product, 3, StateKeys.Projector(product.Keys), causes: false));
        Assert.Equal(before, await DigestsAsync(product, 3, StateKeys.Notifier(product.Keys), causes: false));
        await using var replay = product.Command("replay");
        Assert.True(await replay.ExitAsync(TimeSpan.FromMinutes(1)) == 0, replay.Output);
    }
}
