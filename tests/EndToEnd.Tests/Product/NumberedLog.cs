using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Kernel lines that carry a number, and what of them stands in the log.</summary>
/// <param name="Missing">Numbers that do not stand there.</param>
/// <param name="Doubled">Numbers that stand there more than once, by how often.</param>
/// <param name="Disordered">Entries with a lower number than the one before of the same host.</param>
internal sealed record NumberedLog(IReadOnlyList<int> Missing, IReadOnlyDictionary<int, int> Doubled, int Disordered)
{
    private const int Hosts = 12;
    private const int PageSize = 5000;

    /// <summary>A host's own lines; the stamps differ as those of a kernel do.</summary>
    public static ReadOnlyMemory<byte> Line(int n) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"<7>1 2026-11-22T13:00:00.000000+00:00 vpn-{n % Hosts} kernel - - - [{100 + n / 1_000_000}.{n % 1_000_000:D6}] wireguard: wg0: Keypair {n} created for peer 7"));

    public static IEnumerable<ReadOnlyMemory<byte>> Lines(int from, int count) => Enumerable.Range(from, count).Select(Line);

    /// <summary>Reads the whole log, of which lines 0 to <paramref name="sent"/> - 1 were sent.</summary>
    public static async Task<NumberedLog> ReadAsync(Deployment product, int sent)
    {
        var times = new byte[sent];
        var last = new Dictionary<string, int>();
        var disordered = 0;
        for (var partition = 0; partition < product.Partitions; partition++)
        {
            await foreach (var entry in EntriesAsync(product, partition))
            {
                // What is told of a Redis that lost its end is no line.
                if (entry["event"] != "keypair-created.v1") continue;
                var number = (int)entry["keypair"];
                var host = (string)entry["host"]!;
                if (last.TryGetValue(host, out var before) && number < before) disordered++;
                last[host] = number;
                times[number]++;
            }
        }
        var numbers = Enumerable.Range(0, sent).ToLookup(n => times[n] > 1 ? 2 : times[n]);
        return new([.. numbers[0]], numbers[2].ToDictionary(n => n, n => (int)times[n]), disordered);
    }

    private static async IAsyncEnumerable<StreamEntry> EntriesAsync(Deployment product, int partition)
    {
        RedisValue from = "-";
        while (true)
        {
            var page = await product.Connection.GetDatabase().StreamRangeAsync(product.Keys.Events(partition), from, "+", PageSize);
            foreach (var entry in page) yield return entry;
            if (page.Length < PageSize) yield break;
            from = $"({page[^1].Id}";
        }
    }

    /// <summary>Missing numbers as runs, a run going on across up to <paramref name="gap"/> numbers that are there.</summary>
    public int MissingRuns(int gap) => Missing.Count == 0 ? 0 : 1 + Missing.Zip(Missing.Skip(1)).Count(pair => pair.Second - pair.First > gap);

    public override string ToString() => $"{Missing.Count} missing, {Doubled.Count} doubled, {Disordered} out of order";
}
