using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.EndToEnd.Tests.History;

/// <summary>A log that a test writes by itself, entry by entry, and the points behind it.</summary>
internal sealed class EventLog(IConnectionMultiplexer redis, int partitions)
{
    public StreamKeys Keys { get; } = new("wgmonitor");

    public IDatabase Database => redis.GetDatabase();

    public int PartitionOf(string host) => Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), partitions);

    /// <summary>Appends an entry as the collector does; Redis chooses its ID.</summary>
    public async Task<string> AppendAsync(string host, string name, int peer, string endpoint = "")
    {
        var now = (DateTimeOffset.UtcNow.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        NameValueEntry[] fields =
        [
            new("event", name), new("host", host), new("at", now), new("received", now), new("uptime", ""), new("interface", "wg0"),
            new("peer", peer.ToString(CultureInfo.InvariantCulture)), new("endpoint", endpoint), new("keypair", ""), new("trust", ""),
        ];
        return (await Database.StreamAddAsync(Keys.Events(PartitionOf(host)), fields)).ToString();
    }

    /// <summary>Writes the history points that are due.</summary>
    public async Task WritePointsAsync(int everyEntries)
    {
        var stream = new StreamOptions { Partitions = partitions };
        var claims = new PartitionClaims(redis, Keys, Options.Create(stream), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);
        var writer = new HistoryWriter(redis, Keys, claims, new LogReader(redis, Keys), new HistoryOptions { EveryEntries = everyEntries }, new StateOptions());
        for (var partition = 0; partition < partitions; partition++) await writer.AdvanceAsync(partition, CancellationToken.None);
    }

    /// <summary>The server's clock has passed the last entry's millisecond, so that a moment between two entries can be named.</summary>
    public async Task<DateTimeOffset> NextMillisecondAsync()
    {
        var time = await ServerTimeAsync();
        while (await ServerTimeAsync() is var now && now <= time) await Task.Yield();
        return time;
    }

    private async Task<DateTimeOffset> ServerTimeAsync()
    {
        var words = (RedisResult[])(await Database.ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds((long)words[0] * 1_000 + (long)words[1] / 1_000);
    }
}
