namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What befalls a collector and its Redis while lines flow: kills of the collector, spread over the flow, and between them one fault of Redis after the other.</summary>
internal sealed class Faults(Deployment product, Random random, int kills)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, int> happened = [];

    /// <summary>Repetitions that collectors recognized before they were killed.</summary>
    public double Repeated { get; private set; }

    /// <summary>Lets all lines flow, in as many parts as there are faults; in each part one befalls.</summary>
    /// <param name="lines">Altogether.</param>
    /// <param name="write">Writes as many lines from a number on.</param>
    /// <param name="kill">Whether the collector is killed at all.</param>
    public async Task RunAsync(int lines, Func<int, int, Task> write, bool kill = true)
    {
        Func<Task>[] redis = [StopAsync, KillAsync, ReadOnlyAsync, FillAsync, FreezeAsync];
        var rounds = Math.Max(kills, redis.Length);
        for (var round = 0; round < rounds; round++)
        {
            var from = (int)((long)lines * round / rounds);
            var count = (int)((long)lines * (round + 1) / rounds) - from;
            var before = await ReceivedAsync();
            var writing = write(from, count);
            var some = random.Next(count / 2);
            await WgMonitor.Testing.Wait.Until(async () => await ReceivedAsync() > before + some, "lines flow", Long);
            var fault = redis[round % redis.Length]();
            if (kill && round < kills)
            {
                // Sometimes the collector dies while Redis is away.
                if (random.Next(2) == 0) await fault;
                await KillCollectorAsync();
            }
            await fault;
            await writing;
        }
        Repeated += await RepeatedAsync();
    }

    private async Task<double> ReceivedAsync() => await product.Collector.MetricAsync("wgmonitor_collector_lines_received_total") ?? 0;

    private async Task<double> RepeatedAsync() => await product.Collector.MetricAsync("wgmonitor_collector_ignored_total") ?? 0;

    private async Task KillCollectorAsync()
    {
        Count("kills of the collector");
        // Those of the last moment are not told any more.
        Repeated += await RepeatedAsync();
        await product.Collector.KillAsync();
        product.Collector.Start();
        try
        {
            await product.Collector.ReadyAsync();
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the collector does not get ready behind {this}; it says:\n{product.Collector.Process.Output}\nRedis says:\n{product.Redis.Log}");
        }
    }

    private async Task StopAsync()
    {
        Count("stops of Redis");
        await product.Redis.StopAsync();
        await PauseAsync(random.Next(500));
        await product.Redis.StartAgainAsync();
    }

    private async Task KillAsync()
    {
        Count("kills of Redis");
        await product.Redis.KillAsync();
        await PauseAsync(random.Next(500));
        await product.Redis.StartAgainAsync();
    }

    private async Task ReadOnlyAsync()
    {
        Count("times READONLY");
        await CommandAsync("REPLICAOF", "127.0.0.1", "1");
        await PauseAsync(random.Next(100, 1000));
        await CommandAsync("REPLICAOF", "NO", "ONE");
    }

    private async Task FillAsync()
    {
        Count("times full");
        await CommandAsync("CONFIG", "SET", "maxmemory", "1");
        await PauseAsync(random.Next(100, 1000));
        await CommandAsync("CONFIG", "SET", "maxmemory", "0");
    }

    private async Task FreezeAsync()
    {
        Count("times frozen");
        product.Redis.Pause();
        await PauseAsync(random.Next(100, 2000));
        product.Redis.Resume();
    }

    /// <summary>Until it succeeds: the connection may just be coming back.</summary>
    private async Task CommandAsync(string command, params object[] arguments) => await WgMonitor.Testing.Wait.Until(async () =>
    {
        try
        {
            // To the server whatever its role: a replica is not asked by others.
            await product.Connection.GetServer(product.Redis.Address).ExecuteAsync(command, arguments);
            return true;
        }
        catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException)
        {
            return false;
        }
    }, command, Long);

    private static Task PauseAsync(int milliseconds) => Task.Delay(milliseconds, Xunit.TestContext.Current.CancellationToken);

    private void Count(string what) => happened[what] = happened.GetValueOrDefault(what) + 1;

    public override string ToString() => string.Join(", ", happened.Select(pair => $"{pair.Value} {pair.Key}"));
}
