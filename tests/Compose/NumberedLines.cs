using System.Globalization;
using System.Net;
using System.Text;
using WgMonitor.EndToEnd.Tests.Product;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>
/// Kernel lines of hosts of their own, each about peer 7, that carry a number: most as that of a keypair, some as an address at which the peer is from then on. So what
/// was sent tells what must stand in the log, what the peer's state is, and how many alerts there are.
/// </summary>
internal static class NumberedLines
{
    private const int Hosts = 12;

    /// <summary>Every so many lines one moves the peer; no factor in common with the number of hosts, so that each host has some.</summary>
    private const int MoveEvery = 49;

    public static IEnumerable<ReadOnlyMemory<byte>> Of(string series, int from, int count) =>
        Enumerable.Range(from, count).Select(n => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(Line(series, n)));

    /// <summary>The same as text, without line feeds.</summary>
    public static string Line(string series, int n) => string.Create(
        CultureInfo.InvariantCulture, $"<7>1 2026-11-22T13:00:00.000000+00:00 {Host(series, n)} kernel - - - [{100 + n / 1_000_000}.{n % 1_000_000:D6}] wireguard: wg0: {Text(n)}");

    /// <summary>The number of the line that became this entry; null where it is none of the series.</summary>
    public static int? NumberOf(StackExchange.Redis.StreamEntry entry, string series)
    {
        if (!((string)entry["host"]!).StartsWith(series + "-", StringComparison.Ordinal)) return null;
        if (entry["keypair"].TryParse(out int number)) return number;
        if (!IPEndPoint.TryParse(entry["endpoint"].ToString(), out var endpoint)) return null;
        var bytes = endpoint.Address.GetAddressBytes();
        return (bytes[1] << 16) + (bytes[2] << 8) + bytes[3];
    }

    /// <summary>State and alerts are what the numbers 0 to <paramref name="sent"/> - 1 of a series, once each and in order, make of them.</summary>
    public static void MadeOf(ReferenceFold fold, string series, int sent)
    {
        var moves = Enumerable.Range(0, sent).Where(IsMove).GroupBy(n => Host(series, n)).ToDictionary(group => group.Key, group => group.ToList());
        Assert.NotEmpty(moves);
        foreach (var (host, numbers) in moves)
        {
            var peer = Assert.Single(fold.Hosts[host].Peers.Values);
            Assert.Equal((Address(numbers[^1]), (long)numbers.Count, numbers.Count - 1L), (peer.Endpoint.Address.ToString(), peer.Keepalives, peer.EndpointChanges));
        }
        // Where the peer was first is no change.
        Assert.Equal(moves.Values.Sum(numbers => numbers.Count - 1), fold.Alerts.Count(alert => moves.ContainsKey(alert.Host)));
    }

    private static string Host(string series, int n) => $"{series}-{n % Hosts}";

    private static bool IsMove(int n) => n % MoveEvery == MoveEvery - 1;

    private static string Address(int n) => $"10.{n >> 16}.{(n >> 8) & 0xff}.{n & 0xff}";

    private static string Text(int n) => IsMove(n) ? $"Receiving keepalive packet from peer 7 ({Address(n)}:51820)" : $"Keypair {n} created for peer 7";
}
