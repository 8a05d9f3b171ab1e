using WgMonitor.Testing;

namespace WgMonitor.Throughput.Generate;

/// <summary>
/// The WireGuard lines of two recordings as RFC 5424 datagrams of 32 hosts: each host prints a whole recording, over and over. Where it begins anew the
/// stamps run back and the module is loaded, so the host has rebooted.
/// </summary>
internal sealed class RecordedLines
{
    public const int HostCount = 32;

    private static readonly string[] Runs = ["D-server", "C-part1"];

    private readonly List<byte[]>[] hosts;

    private RecordedLines(List<byte[]>[] hosts) => this.hosts = hosts;

    public static RecordedLines Load()
    {
        var runs = Runs.Select(Corpus.Run).Select(run => (run.Hostname, Lines: run.Datagrams(SyslogTemplate.SyslogProtocol23)
            .Select(datagram => datagram.Bytes).Where(bytes => bytes.Span.IndexOf("wireguard: "u8) >= 0).ToList())).ToList();
        return new([.. Enumerable.Range(0, HostCount).Select(host =>
        {
            var (name, lines) = runs[host % runs.Count];
            return lines.ConvertAll(line => Renamed(line.Span, name, HostName(host)));
        })]);
    }

    /// <summary>Line number <paramref name="index"/> of the endless sequence: hosts take turns.</summary>
    public ReadOnlyMemory<byte> this[long index]
    {
        get
        {
            var lines = hosts[index % HostCount];
            return lines[(int)(index / HostCount % lines.Count)];
        }
    }

    private static string HostName(int host) => $"vpn-{host:D2}";

    private static byte[] Renamed(ReadOnlySpan<byte> line, string from, string to)
    {
        var old = System.Text.Encoding.ASCII.GetBytes($" {from} kernel ");
        var at = line.IndexOf(old);
        return at < 0 ? throw new InvalidDataException($"A recorded line does not name {from}.")
            : [.. line[..at], .. System.Text.Encoding.ASCII.GetBytes($" {to} kernel "), .. line[(at + old.Length)..]];
    }
}
