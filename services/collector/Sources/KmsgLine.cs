using System.Buffers.Text;

namespace WgMonitor.Collector.Sources;

/// <summary>
/// A line of the kernel's own log in the forms it comes in, none of which names a host.
/// </summary>
/// <remarks>
/// <code>
/// [   90.246220] wireguard: wg0: Peer 1 created                   dmesg
/// &lt;7&gt;[   90.246220] wireguard: wg0: Peer 1 created                /proc/kmsg, dmesg --raw
/// 7,1432,90246220,-;wireguard: wg0: Peer 1 created                /dev/kmsg; lines that begin with a blank belong to the record before
/// </code>
/// Sources: Documentation/ABI/testing/dev-kmsg; kernel/printk/printk.c.
/// </remarks>
internal static class KmsgLine
{
    /// <summary>LOG_KERN and info: what is printed without a level.</summary>
    private const int PriorityDefault = 6;

    private const int PriorityMax = 191;

    /// <summary>Looks like one, for what a file begins with.</summary>
    public static bool IsOne(ReadOnlySpan<byte> line)
    {
        if (TryDevice(line, out _, out _, out _)) return true;
        TryPriority(line, out _, out var text);
        return text.StartsWith("["u8) || text.StartsWith("wireguard: "u8) || text.StartsWith("amneziawg: "u8) || text.StartsWith("net_ratelimit: "u8);
    }

    /// <summary>Writes it as a syslog message; true for the form of /dev/kmsg.</summary>
    public static bool Compose(ReadOnlySpan<byte> line, RecordFrame frame)
    {
        var isDevice = TryDevice(line, out var priority, out var uptime, out var text);
        if (!isDevice) TryPriority(line, out priority, out text);
        frame.Begin(priority, null, default);
        if (isDevice) frame.Stamp(uptime);
        frame.Text(text);
        return isDevice;
    }

    private static void TryPriority(ReadOnlySpan<byte> line, out int priority, out ReadOnlySpan<byte> text)
    {
        priority = PriorityDefault;
        text = line;
        if (line.IsEmpty || line[0] != '<') return;
        if (!Utf8Parser.TryParse(line[1..], out int value, out var digits) || value is < 0 or > PriorityMax) return;
        if (line.Length <= digits + 1 || line[digits + 1] != '>') return;
        priority = value;
        text = line[(digits + 2)..];
    }

    /// <summary>PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,more];TEXT</summary>
    private static bool TryDevice(ReadOnlySpan<byte> line, out int priority, out long uptime, out ReadOnlySpan<byte> text)
    {
        priority = 0;
        uptime = 0;
        text = default;
        var semicolon = line.IndexOf((byte)';');
        if (semicolon < 0 || !char.IsAsciiDigit((char)line[0])) return false;
        var head = line[..semicolon];
        if (!TryNumber(ref head, out var first) || first > PriorityMax || !TryNumber(ref head, out _) || !TryNumber(ref head, out uptime)) return false;
        priority = (int)first;
        text = line[(semicolon + 1)..];
        return true;
    }

    private static bool TryNumber(scoped ref ReadOnlySpan<byte> head, out long value)
    {
        if (!Utf8Parser.TryParse(head, out value, out var digits) || value < 0 || digits >= head.Length || head[digits] != ',') return false;
        head = head[(digits + 1)..];
        return true;
    }
}
