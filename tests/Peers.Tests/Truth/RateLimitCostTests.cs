using System.Globalization;
using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Peers.Tests.Truth;

/// <summary>What the kernel's default rate limit cost in the recorded runs that kept it, counted from kernel lines and <c>wg show</c> alone; docs/faq.md has the figures.</summary>
public sealed partial class RateLimitCostTests
{
    /// <summary>How far a line may be from the moment that <c>wg show</c> has for its handshake, seconds.</summary>
    private const double Near = 1;

    private static readonly string[] Never =
        ["Interface ", "Peer ", "Creating namespace", "did not complete after", "because we stopped hearing back", "Zeroing out all keys", "WireGuard ", "Copyright "];

    [Theory]
    [InlineData("handshakes, without any line of initiation, response or keypair", "handshake initiation |handshake response |Keypair [0-9]+ created ")]
    [InlineData("handshakes, without the line of their response and that of their keypair", "handshake response |Keypair [0-9]+ created ")]
    [InlineData("handshakes, without the line of their keypair (`Keypair N created`)", "Keypair [0-9]+ created ")]
    public void The_documented_share_of_handshakes_left_no_line(string row, string lines)
    {
        var (client, both) = (HandshakesWithout(Corpus.Run("G-client"), lines), HandshakesWithout(Corpus.Run("A"), lines));

        AssertDocumented(row, client.Missing, both.Missing);
        Assert.Equal((168, 340), (client.All, both.All));
    }

    [Theory]
    [InlineData("limited lines, by the kernel's own notes, over the whole run", 0, double.MaxValue)]
    [InlineData("limited lines, in the quiet 130 s without floods and changes (470 to 600 s)", 470, 600)]
    public void The_documented_share_of_limited_lines_was_held_back(string row, double from, double to) =>
        AssertDocumented(row, HeldBack(Corpus.Run("G-client"), from, to), HeldBack(Corpus.Run("A"), from, to));

    [Fact]
    public void Without_the_limit_nothing_was_held_back() => Assert.Equal(0, HeldBack(Corpus.Run("D-server"), 0, double.MaxValue));

    private static void AssertDocumented(string row, double client, double both) => Assert.Contains(
        string.Create(CultureInfo.InvariantCulture, $"| {row} | {client * 100:0} % | {both * 100:0} % |"), File.ReadLines(Path.Combine(Corpus.PackedFolder, "../../docs/faq.md")));

    private static (int All, double Missing) HandshakesWithout(CorpusRun run, string lines)
    {
        var clock = RecordedClock.Of(run);
        var map = run.IdMap();
        var wanted = new Regex($"wireguard: (?<device>\\S+): (?:(?:Sending|Receiving) )?(?:{lines}).*peer (?<peer>[0-9]+)");
        var seen = run.KernelLines().Select(line => (Epoch: clock.EpochOf(line.UptimeMicroseconds), Match: wanted.Match(line.Text))).Where(line => line.Match.Success)
            .ToLookup(line => (line.Match.Groups["device"].Value, KeyOf(map, line.Match, line.Epoch)), line => line.Epoch);
        var handshakes = run.WgNamespaces.SelectMany(name => run.WgDump(name)).Where(row => row.LatestHandshake > 0)
            .Select(row => (row.Interface, row.PublicKey, row.LatestHandshake)).Distinct().ToList();
        var missing = handshakes.Count(handshake => !seen[(handshake.Interface, handshake.PublicKey)].Any(epoch => Math.Abs(epoch - handshake.LatestHandshake) <= Near));
        return (handshakes.Count, (double)missing / handshakes.Count);
    }

    /// <summary>A number means one peer after the other; a second more, for the clocks differ.</summary>
    private static string KeyOf(IReadOnlyList<IdMapRow> map, Match line, double epoch) => map.FirstOrDefault(row =>
        row.Interface == line.Groups["device"].Value && row.Peer == long.Parse(line.Groups["peer"].Value, CultureInfo.InvariantCulture)
        && row.CreatedEpoch - 1 <= epoch && epoch <= (row.DestroyedEpoch ?? double.MaxValue) + 1)?.PublicKey ?? "";

    private static double HeldBack(CorpusRun run, double from, double to)
    {
        var clock = RecordedClock.Of(run);
        var within = run.KernelLines().Where(line => clock.EpochOf(line.UptimeMicroseconds) - run.StartEpoch is var at && (from == 0 || at >= from) && at < to).Select(line => line.Text).ToList();
        var printed = within.Count(IsLimited);
        var suppressed = within.Select(text => Note().Match(text)).Where(note => note.Success).Sum(note => int.Parse(note.Groups[1].Value, CultureInfo.InvariantCulture));
        return (double)suppressed / (suppressed + printed);
    }

    private static bool IsLimited(string text)
    {
        var at = text.IndexOf("wireguard: ", StringComparison.Ordinal);
        return at >= 0 && !Never.Any(part => text.AsSpan(at).Contains(part, StringComparison.Ordinal));
    }

    [GeneratedRegex("net_ratelimit: ([0-9]+) callbacks suppressed")]
    private static partial Regex Note();
}
