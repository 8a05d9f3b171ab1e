using System.Globalization;
using System.Net.Sockets;

namespace WgMonitor.Collector.Listeners;

/// <summary>Reads how many datagrams the kernel dropped on the UDP sockets of a listener because nobody fetched them in time. Linux only, else always 0.</summary>
/// <remarks>
/// Last column of /proc/net/udp and udp6, net/ipv4/udp.c udp4_format_sock; the row is found by the socket's inode.
/// <code>  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops</code>
/// </remarks>
public sealed class SocketDropCounter
{
    private const int InodeColumn = 9;
    private const int DropsColumn = 12;

    private readonly List<string> inodes;
    private readonly string path;

    internal SocketDropCounter(IReadOnlyList<Socket> sockets)
    {
        path = sockets[0].AddressFamily == AddressFamily.InterNetworkV6 ? "/proc/net/udp6" : "/proc/net/udp";
        inodes = [.. sockets.Select(InodeOf).OfType<string>()];
    }

    /// <summary>Drops since the sockets were opened.</summary>
    public long Read()
    {
        if (inodes.Count == 0) return 0;
        long sum = 0;
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (columns.Length > DropsColumn && inodes.Contains(columns[InodeColumn])
                    && long.TryParse(columns[DropsColumn], NumberStyles.None, CultureInfo.InvariantCulture, out var drops)) sum += drops;
            }
        }
        catch (IOException)
        {
            // /proc is not mounted or hidden.
        }
        return sum;
    }

    private static string? InodeOf(Socket socket)
    {
        // "socket:[123456]"
        var target = new FileInfo($"/proc/self/fd/{socket.Handle}").LinkTarget;
        return target is not null && target.StartsWith("socket:[", StringComparison.Ordinal) ? target["socket:[".Length..^1] : null;
    }
}
