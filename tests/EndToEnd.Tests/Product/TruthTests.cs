using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WgMonitor.Peers.Tests.Truth;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>
/// Recorded kernel lines go through the running product; at the moment of every recorded <c>wg show all dump</c> the API is asked, and must say the same.
/// docs/truth.md explains the samples that differ; the fold's own test checks each of them.
/// </summary>
public sealed partial class TruthTests
{
    private sealed record Line(double Epoch, ReadOnlyMemory<byte> Datagram);

    private sealed class Tally
    {
        public int Samples, EndpointSamples, EndpointsEqual, HandshakesEqual, Wrong, WrongThoughComplete;

        public override string ToString() => $"{Samples} samples, endpoint {100.0 * EndpointsEqual / EndpointSamples:F2} %, handshake {100.0 * HandshakesEqual / Samples:F2} %, "
            + $"{Wrong} wrong, {WrongThoughComplete} of them though complete";
    }

    [Theory]
    [InlineData("D-server", 98.5, 98.4)]
    [InlineData("C-part1", 98.5, 99.5)]
    public async Task Peers_of_the_api_are_those_of_wg_show(string run, double endpointShareMin, double handshakeShareMin)
    {
        var tally = await CompareAsync(Corpus.Run(run), relayed: false, everySample: 1);

        Check(tally, endpointShareMin, handshakeShareMin);
    }

    [Theory]
    [InlineData("D-server", 98.5, 98.4)]
    [InlineData("C-part1", 98.5, 99.5)]
    public async Task Peers_of_the_api_are_those_of_wg_show_behind_a_real_rsyslogd(string run, double endpointShareMin, double handshakeShareMin)
    {
        var tally = await CompareAsync(Corpus.Run(run), relayed: true, everySample: 3);

        Check(tally, endpointShareMin, handshakeShareMin);
    }

    [Fact]
    public async Task Where_the_kernel_dropped_lines_every_wrong_peer_says_that_it_is_incomplete()
    {
        var tally = await CompareAsync(Corpus.Run("A"), relayed: false, everySample: 2);

        TestContext.Current.TestOutputHelper?.WriteLine(tally.ToString());
        Assert.True(tally.Wrong > 1000, tally.ToString());
        Assert.Equal(0, tally.WrongThoughComplete);
    }

    private static void Check(Tally tally, double endpointShareMin, double handshakeShareMin)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(tally.ToString());
        Assert.True(tally.Samples > 1000, tally.ToString());
        Assert.True(100.0 * tally.EndpointsEqual / tally.EndpointSamples >= endpointShareMin, tally.ToString());
        Assert.True(100.0 * tally.HandshakesEqual / tally.Samples >= handshakeShareMin, tally.ToString());
    }

    private static async Task<Tally> CompareAsync(CorpusRun run, bool relayed, int everySample)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        await using var relay = relayed ? await RsyslogServer.StartAsync(product.SyslogPort, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay) : null;
        using var sender = new SyslogSender(product.SyslogPort);
        var lines = Lines(run);
        var numbers = run.IdMap().ToLookup(row => (row.Interface, row.PublicKey));
        var tally = new Tally();
        var next = 0;
        var samples = run.WgDump().TakeWhile(row => row.SampleEpoch <= lines[^1].Epoch).GroupBy(row => row.SampleEpoch).Where((_, index) => index % everySample == 0);
        foreach (var sample in samples)
        {
            var due = new List<ReadOnlyMemory<byte>>();
            for (; next < lines.Count && lines[next].Epoch <= sample.Key; next++) due.Add(lines[next].Datagram);
            if (due.Count > 0)
            {
                await product.SendAsync(due, relay is null ? datagrams => sender.SendAsync(datagrams, Pace.Messages(20_000)) : datagrams => relay.WriteAsync(datagrams, Pace.Messages(10_000)));
                await product.CaughtUpAsync("projector");
            }
            var peers = (await product.PeersAsync()).Where(peer => peer.GetProperty("status").GetString() != "gone")
                .ToDictionary(peer => (peer.GetProperty("interface").GetString()!, peer.GetProperty("peer").GetInt64()));
            foreach (var row in sample)
            {
                var id = numbers[(row.Interface, row.PublicKey)]
                    .LastOrDefault(n => n.CreatedEpoch <= row.SampleEpoch && row.SampleEpoch <= (n.DestroyedEpoch ?? double.MaxValue));
                if (id is not null && peers.TryGetValue((row.Interface, id.Peer), out var peer)) Count(tally, row, peer);
            }
        }
        return tally;
    }

    private static void Count(Tally tally, WgPeerRow row, JsonElement peer)
    {
        tally.Samples++;
        var wrong = false;
        if (peer.GetProperty("endpoint") is { ValueKind: JsonValueKind.Object } endpoint)
        {
            tally.EndpointSamples++;
            if (Text(endpoint) == WithoutScope(row.Endpoint ?? "")) tally.EndpointsEqual++;
            else wrong = true;
        }
        var handshake = peer.GetProperty("last_handshake") is { ValueKind: JsonValueKind.String } time ? (time.GetDateTimeOffset() - DateTimeOffset.UnixEpoch).TotalSeconds : 0;
        if ((handshake == 0) == (row.LatestHandshake == 0) && Math.Abs(handshake - row.LatestHandshake) <= 1) tally.HandshakesEqual++;
        else wrong = true;
        if (!wrong) return;
        tally.Wrong++;
        if (peer.GetProperty("complete").GetBoolean()) tally.WrongThoughComplete++;
    }

    private static string Text(JsonElement endpoint)
    {
        var ip = endpoint.GetProperty("ip").GetString()!;
        return ip.Contains(':') ? $"[{ip}]:{endpoint.GetProperty("port")}" : $"{ip}:{endpoint.GetProperty("port")}";
    }

    /// <summary>wg prints the scope as a device name, the kernel as its index.</summary>
    private static string WithoutScope(string endpoint)
    {
        var scope = endpoint.IndexOf('%');
        return scope < 0 ? endpoint : endpoint[..scope] + endpoint[endpoint.IndexOf(']')..];
    }

    /// <summary>The recorded datagrams with the moment their line was printed, by the clock that took the samples.</summary>
    private static List<Line> Lines(CorpusRun run)
    {
        var clock = RecordedClock.Of(run);
        var lines = new List<Line>();
        foreach (var datagram in run.Datagrams(SyslogTemplate.SyslogProtocol23))
        {
            var stamp = KernelStamp().Match(Encoding.Latin1.GetString(datagram.Bytes.Span));
            var epoch = stamp.Success
                ? clock.EpochOf(long.Parse(stamp.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 1_000_000 + long.Parse(stamp.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
                : lines.Count > 0 ? lines[^1].Epoch : 0;
            lines.Add(new(epoch, datagram.Bytes));
        }
        return lines;
    }

    [GeneratedRegex(@"\[ *(\d+)\.(\d{6})\]")]
    private static partial Regex KernelStamp();
}
