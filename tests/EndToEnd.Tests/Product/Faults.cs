using System.Diagnostics;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What befalls a collector and its Redis while lines flow: kills of the collector, spread over the flow, and between them one fault of Redis after the other.</summary>
internal sealed class Faults(Deployment product, Random random, int kills)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, int> happened = [];

    /// <summary>Runs until all kills and every fault at least once have happened.</summary>
    /// <param name="lines">That will flow; kills are spread over their arrival.</param>
    /// <param name="kill">Whether the collector is killed at all.</param>
    public async Task RunAsync(int lines, bool kill)
    {
        Func<Task>[] redis = [StopAsync, KillAsync, ReadOnlyAsync, FillAsync, FreezeAsync];
        for (var round = 0; round < Math.Max(kills, redis.Length); round++)
        {
            await FlowAsync(lines / Math.Max(kills, redis.Length) / 2);
            // Sometimes the collector dies while Redis is away.
            var fault = redis[round % redis.Length]();
            if (kill && round < kills)
            {
                if (random.Next(2) == 0) await fault;
                await KillCollectorAsync();
            }
            await fault;
        }
    }

    /// <summary>Waits until some lines came through, or a while where none come.</summary>
    private async Task FlowAsync(int lines)
    {
        var start = Stopwatch.GetTimestamp();
        double? first = null;
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10))
        {
            var now = await product.Collector.MetricAsync("wgmonitor_collector_lines_received_total");
            first ??= now;
            if (now >= first + lines) break;
            await PauseAsync(20);
        }
        await PauseAsync(random.Next(50));
    }

    private async Task KillCollectorAsync()
    {
        Count("kills of the collector");
        await product.Collector.KillAsync();
        product.Collector.Start();
        await product.Collector.ReadyAsync();
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
            await product.Connection.GetDatabase().ExecuteAsync(command, arguments);
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
