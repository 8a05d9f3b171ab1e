using StackExchange.Redis;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Streams;
using WgMonitor.Testing;

namespace WgMonitor.Compose;

/// <summary>What an installation that was never told another prefix or number of partitions has in its Redis, read beside it.</summary>
internal sealed class InstalledLog(IConnectionMultiplexer connection)
{
    private const int Partitions = 8;
    private const int PageSize = 5000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static readonly StreamKeys Keys = new("wgmonitor");

    /// <summary>Entries of all partitions.</summary>
    public async Task<long> LengthAsync() =>
        (await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => connection.GetDatabase().StreamLengthAsync(Keys.Events(partition))))).Sum();

    /// <summary>How often each of the numbers 0 to <paramref name="sent"/> - 1 of a series stands in the log, and how many stand behind a higher one of their host.</summary>
    public async Task<(int Missing, int Doubled, int Disordered)> NumbersAsync(string series, int sent)
    {
        var times = new int[sent];
        var last = new Dictionary<string, int>();
        var disordered = 0;
        await foreach (var entry in EntriesAsync())
        {
            if (NumberedLines.NumberOf(entry, series) is not { } number) continue;
            var host = (string)entry["host"]!;
            if (last.TryGetValue(host, out var before) && number < before) disordered++;
            last[host] = number;
            times[number]++;
        }
        return (times.Count(n => n == 0), times.Count(n => n > 1), disordered);
    }

    /// <summary>The highest number of a series among the latest entries that could be read; -1 for none.</summary>
    public async Task<int> LatestAsync(string series)
    {
        var latest = -1;
        try
        {
            for (var partition = 0; partition < Partitions; partition++)
            {
                foreach (var entry in await connection.GetDatabase().StreamRangeAsync(Keys.Events(partition), count: 50, messageOrder: Order.Descending))
                    latest = Math.Max(latest, NumberedLines.NumberOf(entry, series) ?? -1);
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Away, or reading its file.
        }
        return latest;
    }

    /// <summary>Events of a host by name; without those that no line makes, and without what the kernel says of a device that is renamed, which the recordings count among lines of other parts.</summary>
    public async Task<IReadOnlyDictionary<string, int>> EventsAsync(string host)
    {
        var events = new Dictionary<string, int>();
        await foreach (var entry in EntriesAsync())
        {
            if (entry["host"] == host && (string)entry["event"]! is var name and not ("lines-lost.v1" or "host-silent.v1" or "interface-renamed.v1")) events[name] = events.GetValueOrDefault(name) + 1;
        }
        return events;
    }

    /// <summary>See <see cref="ReferenceFold.EqualsStoredAsync"/>.</summary>
    public Task<ReferenceFold> EqualsReferenceAsync() => ReferenceFold.EqualsStoredAsync(
        connection, Keys, Partitions, group => Wait.Until(() => IsCaughtUpAsync(group), $"{group} catches up", Limit), rule: ReferenceFold.Rule);

    private async IAsyncEnumerable<StackExchange.Redis.StreamEntry> EntriesAsync()
    {
        for (var partition = 0; partition < Partitions; partition++)
        {
            RedisValue from = "-";
            for (var more = true; more;)
            {
                var page = await connection.GetDatabase().StreamRangeAsync(Keys.Events(partition), from, "+", PageSize);
                foreach (var entry in page) yield return entry;
                more = page.Length == PageSize;
                if (more) from = $"({page[^1].Id}";
            }
        }
    }

    private async Task<bool> IsCaughtUpAsync(string group)
    {
        try
        {
            return await ReferenceFold.IsCaughtUpAsync(connection, Keys, Partitions, group);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
