using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace WgMonitor.Testing.Tests.Corpora;

public sealed partial class CorpusRunTests
{
    public static TheoryData<string> Runs => [.. Corpus.Runs.Select(r => r.Name)];

    [Fact]
    public void All_seven_runs_are_there() =>
        Assert.Equal(["A", "C-part1", "D-server", "E", "F1", "F2", "G-client"], Corpus.Runs.Select(r => r.Name));

    [Theory, MemberData(nameof(Runs))]
    public void Datagrams_are_as_many_as_counted_and_ascend_in_time(string name)
    {
        CorpusRun run = Corpus.Run(name);
        Assert.NotEmpty(run.DatagramForms);

        foreach (string form in run.DatagramForms.Where(f => run.ExpectedCounts(f).Count > 0))
        {
            IReadOnlyList<RecordedDatagram> datagrams = run.Datagrams(form);
            IReadOnlyDictionary<string, int> expected = run.ExpectedCounts(form);

            Assert.Equal(expected["records"], datagrams.Count);
            Assert.Equal(expected["handshake-initiation-received"], Count(datagrams, "Receiving handshake initiation from peer "));
            Assert.Equal(expected["peer-destroyed"], Count(datagrams, ") destroyed"));
            Assert.All(datagrams.Zip(datagrams.Skip(1)), pair => Assert.True(pair.First.ReceivedMicroseconds <= pair.Second.ReceivedMicroseconds));
            Assert.All(datagrams, d => Assert.Equal((byte)'<', d.Bytes.Span[0]));
        }
    }

    [Theory, MemberData(nameof(Runs))]
    public void Kernel_lines_are_as_many_as_counted_and_without_gaps(string name)
    {
        CorpusRun run = Corpus.Run(name);
        Assert.Equal(run.IsThinned, !run.HasKernelLines);
        if (!run.HasKernelLines)
            return;

        IReadOnlyList<KernelLine> lines = run.KernelLines();

        Assert.Equal(run.ExpectedCounts("kmsg.raw")["records"], lines.Count);
        Assert.All(lines.Zip(lines.Skip(1)), pair => Assert.Equal(pair.First.Sequence + 1, pair.Second.Sequence));
    }

    [Theory, MemberData(nameof(Runs))]
    public void Peers_identities_and_actions_are_read(string name)
    {
        CorpusRun run = Corpus.Run(name);

        // 31 peers, the new key of c05 after its rotation, and the server as its clients see it, once an interface.
        Assert.Equal(34, run.Peers().Count);
        Assert.Contains(run.IdMap(), row => row.Peer == 1 && row.ModuleLoad == 1);
        Assert.All(run.Timeline(), row => Assert.InRange(row.StartEpoch, run.StartEpoch - 60, run.StartEpoch + 1000));
        Assert.All(run.Datagrams(run.DatagramForms[0]), d => Assert.Contains($" {run.Hostname} kernel", Text(d)));
    }

    [Fact]
    public void A_dump_row_has_the_columns_of_wg()
    {
        CorpusRun run = Corpus.Run("D-server");

        WgPeerRow row = run.WgDump().First(r => r.Endpoint is not null && r.LatestHandshake > 0);

        // 1795352275.241 srv wg0 eoaM... (none) 10.77.0.11:38569 10.99.0.11/32,fd99::1/128 1795352274.796810783 180 92 off
        Assert.Equal(
            new WgPeerRow(
                1795352275.241, "srv", "wg0", "eoaMTK6zemLeDQXGXZWaJkAOUJmGveAkoy1Q/PbQOi8=", "10.77.0.11:38569", "10.99.0.11/32,fd99::1/128", 1795352274.796810783, 180, 92, 0),
            row);
        Assert.Subset(run.WgInterfaces().Select(i => i.ListenPort).ToHashSet(), new HashSet<int> { 51820, 51821, 51831 });
        Assert.Null(run.WgDump().First(r => r.Interface == "wg1").Endpoint);
        Assert.True(run.WgSampleTimes().Count > 700);
        Assert.Equal(["srv"], run.WgNamespaces);
    }

    [Fact]
    public void Tcp_chunks_cover_the_stream_without_a_hole()
    {
        CorpusRun run = Corpus.Run("G-client");

        foreach (string form in run.StreamForms)
        {
            RecordedStream stream = run.TcpStream(form);
            int end = 0;
            foreach (RecordedChunk chunk in stream.Chunks)
            {
                Assert.Equal(end, chunk.Offset);
                end += chunk.Length;
            }

            Assert.Equal(stream.Bytes.Length, end);
        }

        Assert.Contains("imklog-tcp-octet-RSYSLOG_SyslogProtocol23Format.conn0", run.StreamForms);
        Assert.Contains("imklog-tcp-lf-RSYSLOG_TraditionalForwardFormat.conn0", run.StreamForms);
    }

    [Fact]
    public void A_kernel_line_prints_as_imklog_forwards_it()
    {
        CorpusRun run = Corpus.Run("D-server");

        string line = run.KernelLines().First(l => l.Text.Contains("Receiving handshake initiation", StringComparison.Ordinal)).Stamped;

        Assert.Equal("<7>[   90.246220] wireguard: wg0: Receiving handshake initiation from peer 1 (10.77.0.11:38569)", line);
        string datagram = Encoding.UTF8.GetString(
            run.Datagrams(SyslogTemplate.TraditionalForward).First(d => Text(d).Contains("Receiving handshake initiation", StringComparison.Ordinal)).Bytes.Span);
        Assert.EndsWith(line[3..], datagram);
    }

    [Fact]
    public void What_the_thinned_runs_are_packed_for_is_in_them()
    {
        Assert.Contains(Corpus.Run("E").Datagrams(SyslogTemplate.SyslogProtocol23), d => DebugPrefix().IsMatch(Text(d)));
        Assert.Contains(Corpus.Run("F2").Datagrams(SyslogTemplate.TraditionalForward), d => Text(d).Contains("Packet has invalid nonce", StringComparison.Ordinal));
        Assert.Contains(Corpus.Run("F1").Datagrams(SyslogTemplate.Forward), d => Text(d).Contains("Dropping handshake packet from", StringComparison.Ordinal));
    }

    private static int Count(IEnumerable<RecordedDatagram> datagrams, string text) => datagrams.Count(d => Text(d).Contains(text, StringComparison.Ordinal));

    private static string Text(RecordedDatagram datagram) => Encoding.UTF8.GetString(datagram.Bytes.Span);

    [GeneratedRegex(@"\] \[\d+\] wireguard:\w+:\d+: wireguard: ")]
    private static partial Regex DebugPrefix();
}
