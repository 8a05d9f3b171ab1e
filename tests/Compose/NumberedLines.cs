using System.Globalization;
using System.Text;
using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.Compose;

/// <summary>Kernel lines of hosts of their own that carry a number, and what of them stands in the log.</summary>
internal static class NumberedLines
{
    private const int Hosts = 12;
    private const int PageSize = 5000;

    public static IEnumerable<ReadOnlyMemory<byte>> Of(string series, int from, int count) => Enumerable.Range(from, count).Select(n => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"<7>1 2026-11-22T13:00:00.000000+00:00 {series}-{n % Hosts} kernel - - - [{100 + n / 1_000_000}.{n % 1_000_000:D6}] wireguard: wg0: Keypair {n} created for peer 7")));

    /// <summary>How often each of the numbers 0 to <paramref name="sent"/> - 1 of a series stands in the log, and how many stand behind a higher one of their host.</summary>
    public static async Task<(int Missing, int Doubled, int Disordered)> ReadAsync(IDatabase database, StreamKeys keys, string series, int sent)
    {
        var times = new int[sent];
        var last = new Dictionary<string, int>();
        var disordered = 0;
        for (var partition = 0; partition < Stack.Partitions; partition++)
        {
            RedisValue from = "-";
            for (var more = true; more;)
            {
                var page = await database.StreamRangeAsync(keys.Events(partition), from, "+", PageSize);
                foreach (var entry in page)
                {
                    var host = (string)entry["host"]!;
                    if (!host.StartsWith(series + "-", StringComparison.Ordinal) || !entry["keypair"].TryParse(out int number)) continue;
                    if (last.TryGetValue(host, out var before) && number < before) disordered++;
                    last[host] = number;
                    times[number]++;
                }
                more = page.Length == PageSize;
                if (more) from = $"({page[^1].Id}";
            }
        }
        return (times.Count(n => n == 0), times.Count(n => n > 1), disordered);
    }
}
