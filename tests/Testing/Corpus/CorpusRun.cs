using System.Buffers.Binary;

namespace WgMonitor.Testing;

/// <summary>One recording: what a host's kernel printed, what its syslog daemon sent, and what <c>wg</c> knew at the same time.</summary>
public sealed class CorpusRun(string folder)
{
    private const string DatagramSuffix = ".dgrams.bin";
    private const string StreamSuffix = ".stream.bin";

    public string Name { get; } = Path.GetFileName(folder);

    /// <summary>True where flood lines were left out, see tests/Corpus/README.md.</summary>
    public bool IsThinned => File.Exists(Path.Combine(folder, "thinned.txt"));

    /// <summary>The host name in the syslog headers.</summary>
    public string Hostname => Meta("host");

    /// <summary>Start of the schedule, seconds since 1970.</summary>
    public double StartEpoch => CorpusFile.Number(Meta("t0"));

    /// <summary>Names of the UDP recordings, for example <c>imklog-udp-RSYSLOG_SyslogProtocol23Format</c>.</summary>
    public IReadOnlyList<string> DatagramForms => Forms(DatagramSuffix);

    /// <summary>Names of the local log files of the full corpus, for example <c>kern-file-RSYSLOG_FileFormat</c>.</summary>
    public IReadOnlyList<string> FileForms => Forms(".log");

    /// <summary>The lines of a local log file: syslog without priority.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> FileLines(string form)
    {
        ReadOnlyMemory<byte> file = CorpusFile.Bytes(Path.Combine(folder, "syslog", form + ".log"));
        while (!file.IsEmpty)
        {
            int end = file.Span.IndexOf((byte)'\n');
            yield return end < 0 ? file : file[..end];
            file = end < 0 ? default : file[(end + 1)..];
        }
    }

    /// <summary>Names of the TCP recordings, for example <c>imklog-tcp-octet-RSYSLOG_SyslogProtocol23Format.conn0</c>.</summary>
    public IReadOnlyList<string> StreamForms => Forms(StreamSuffix);

    /// <summary>Network namespaces with a <c>wg</c> dump: <c>srv</c>, <c>c1</c> ...</summary>
    public IReadOnlyList<string> WgNamespaces => [.. CorpusFile.Names(Path.Combine(folder, "wgdump"), ".tsv").Where(n => !n.StartsWith("real-", StringComparison.Ordinal))];

    /// <summary>Whether kmsg.raw is there; thinned runs lack it.</summary>
    public bool HasKernelLines => CorpusFile.Exists(Path.Combine(folder, "kmsg.raw"));

    /// <summary>What rsyslog's imklog sent by UDP with this template, in order of arrival.</summary>
    public IReadOnlyList<RecordedDatagram> Datagrams(SyslogTemplate template) => Datagrams($"imklog-udp-{template.RsyslogName}");

    /// <summary>A UDP recording by name (<see cref="DatagramForms"/>), in order of arrival.</summary>
    public IReadOnlyList<RecordedDatagram> Datagrams(string form)
    {
        ReadOnlyMemory<byte> file = CorpusFile.Bytes(Path.Combine(folder, "syslog", form + DatagramSuffix));
        var datagrams = new List<RecordedDatagram>();
        while (!file.IsEmpty)
        {
            long received = BinaryPrimitives.ReadInt64BigEndian(file.Span);
            int length = BinaryPrimitives.ReadInt32BigEndian(file.Span[8..]);
            datagrams.Add(new RecordedDatagram(received, file.Slice(12, length)));
            file = file[(12 + length)..];
        }

        return datagrams;
    }

    /// <summary>A TCP recording by name (<see cref="StreamForms"/>).</summary>
    public RecordedStream TcpStream(string form) => new(
        CorpusFile.Bytes(Path.Combine(folder, "syslog", form + StreamSuffix)),
        [.. CorpusFile.Rows(Path.Combine(folder, "syslog", form + ".chunks.tsv"))
            .Select(r => new RecordedChunk(long.Parse(r[0]), int.Parse(r[1]), int.Parse(r[2])))]);

    /// <summary>kmsg.raw without continuation lines.</summary>
    public IReadOnlyList<KernelLine> KernelLines() =>
        [.. CorpusFile.Lines(Path.Combine(folder, "kmsg.raw")).Where(l => l.Length > 0 && l[0] != ' ').Select(KernelLine.Parse)];

    /// <summary>Peer rows of the namespace's <c>wg show all dump</c>, in order of time.</summary>
    public IReadOnlyList<WgPeerRow> WgDump(string wgNamespace = "srv") => [.. DumpRows(wgNamespace).Where(r => r.Length == 11).Select(WgPeerRow.From)];

    /// <summary>Interface rows of the namespace's <c>wg show all dump</c>, in order of time.</summary>
    public IReadOnlyList<WgInterfaceRow> WgInterfaces(string wgNamespace = "srv") => [.. DumpRows(wgNamespace).Where(r => r.Length == 7).Select(WgInterfaceRow.From)];

    /// <summary>Every moment at which the namespace was looked at, also with no interface there; seconds since 1970, ascending.</summary>
    public IReadOnlyList<double> WgSampleTimes(string wgNamespace = "srv") => [.. DumpRows(wgNamespace).Select(r => CorpusFile.Number(r[0])).Distinct().Order()];

    /// <summary>Which peer a kernel's peer number meant, and when.</summary>
    public IReadOnlyList<IdMapRow> IdMap() => [.. Table("idmap.tsv").Select(IdMapRow.From)];

    /// <summary>What was provoked, in order of start.</summary>
    public IReadOnlyList<TimelineRow> Timeline() => [.. Table("timeline.tsv").Select(TimelineRow.From)];

    /// <summary>The configured peers.</summary>
    public IReadOnlyList<PeerRow> Peers() => [.. Table("peers.tsv").Select(PeerRow.From)];

    /// <summary>
    /// Records per kind (an id of messages.tsv, <c>callbacks-suppressed</c>, <c>other</c>, <c>records</c>) of a file: <c>kmsg.raw</c> or one of
    /// <see cref="DatagramForms"/>. Kinds that do not occur are absent.
    /// </summary>
    public IReadOnlyDictionary<string, int> ExpectedCounts(string file)
    {
        var rows = CorpusFile.Table(Path.Combine(Corpus.PackedFolder, "counts.tsv")).Where(r => r[0] == Name && r[1] == file).ToList();
        // Where packed and recorded file are the same there is only the packed row.
        string packed = IsThinned || rows.All(r => r[2] == "yes") ? "yes" : "no";
        return rows.Where(r => r[2] == packed).ToDictionary(r => r[3], r => int.Parse(r[4]));
    }

    private IEnumerable<string[]> Table(string name) => CorpusFile.Table(Path.Combine(folder, name));

    private IEnumerable<string[]> DumpRows(string wgNamespace) => CorpusFile.Rows(Path.Combine(folder, "wgdump", wgNamespace + ".tsv"));

    private string[] Forms(string suffix) => CorpusFile.Names(Path.Combine(folder, "syslog"), suffix);

    private string Meta(string key)
    {
        string first = CorpusFile.Lines(Path.Combine(folder, "meta.txt")).First();
        return first.Split(' ').First(word => word.StartsWith(key + "=", StringComparison.Ordinal))[(key.Length + 1)..];
    }
}
