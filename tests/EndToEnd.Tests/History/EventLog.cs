using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Archive;
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

    private PartitionClaims Claims() => new(
        redis, Keys, Options.Create(new StreamOptions { Partitions = partitions }), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);

    /// <summary>Writes what is in the log into files of so many entries, and trims it to the newest <paramref name="left"/>.</summary>
    public async Task ArchiveAsync(string directory, string host, int fileEntries, int left)
    {
        await using var claim = await Claims().TryClaimAsync(PartitionOf(host), ConsumerGroups.Archive) ?? throw new InvalidOperationException("somebody else archives");
        var options = new ArchiveOptions { Directory = directory, FileEntries = fileEntries, FileAge = TimeSpan.FromDays(1) };
        var extent = await new LogExtentReader(redis, Keys).ReadAsync(PartitionOf(host), false, CancellationToken.None);
        await new PartitionArchiver(options, new LogReader(redis, Keys), 100).AdvanceAsync(claim, extent, new RetentionCut(0, StreamId.Zero, 0), CancellationToken.None);
        await Database.StreamTrimAsync(Keys.Events(PartitionOf(host)), left, useApproximateMaxLength: false);
    }

    /// <summary>Writes the history points that are due.</summary>
    public async Task WritePointsAsync(int everyEntries, TimeSpan keep = default)
    {
        var writer = new HistoryWriter(redis, Keys, Claims(), new LogReader(redis, Keys), new HistoryOptions { EveryEntries = everyEntries, Keep = keep }, new StateOptions());
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
