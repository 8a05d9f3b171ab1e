using System.Text;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>What kernels of real servers printed, as messages of RFC 5424.</summary>
internal static class Recordings
{
    private const string Form = "imklog-udp-RSYSLOG_SyslogProtocol23Format";

    /// <summary>Kinds that the table of the recordings and the events call alike.</summary>
    private static readonly string[] Kinds = ["peer-created", "peer-destroyed", "keypair-created", "handshake-initiation-received", "keepalive-received"];

    /// <summary>Those of which this form is kept.</summary>
    public static IReadOnlyList<CorpusRun> All { get; } = [.. Corpus.Runs.Where(run => run.DatagramForms.Contains(Form))];

    /// <summary>A host of its own for each way that a recording is sent.</summary>
    public static string Host(this CorpusRun run, string way) => $"{way}-{run.Hostname}";

    public static IEnumerable<string> Messages(this CorpusRun run, string way) => run.Datagrams(Form).Select(datagram =>
    {
        var words = Encoding.UTF8.GetString(datagram.Bytes.Span).Split(' ', 4);
        Assert.Equal(run.Hostname, words[2]);
        return $"{words[0]} {words[1]} {run.Host(way)} {words[3]}";
    });

    /// <summary>Lines that are events; the others are of other parts of the kernel.</summary>
    public static int Events(this CorpusRun run) => run.ExpectedCounts(Form)["records"] - run.ExpectedCounts(Form).GetValueOrDefault("other");

    /// <summary>Events of a host are as many and of the kinds that others than the product counted in the recording.</summary>
    public static void HasAllOf(this CorpusRun run, IReadOnlyDictionary<string, int> events)
    {
        Assert.Equal(run.Events(), events.Values.Sum());
        Assert.All(Kinds, kind => Assert.Equal(run.ExpectedCounts(Form).GetValueOrDefault(kind), events.GetValueOrDefault($"{kind}.v1")));
    }
}
