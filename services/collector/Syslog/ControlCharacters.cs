using System.Buffers;
using System.Text;

namespace WgMonitor.Collector.Syslog;

/// <summary>
/// Finds bytes that no honest syslog line has: they split log lines, move terminals, or hide what follows.
/// </summary>
/// <remarks>
/// Allowed: TAB (kernel boot lines have it) and ESC (a device name may hold it; the kernel forbids only <c>/</c>, <c>:</c> and white space, and it
/// leaves this process escaped). Bytes above 127 are allowed in any encoding, except C1 controls: U+0080 to U+009F, or such a byte alone.
/// </remarks>
internal static class ControlCharacters
{
    private static readonly SearchValues<byte> Suspicious = SearchValues.Create(SuspiciousBytes());

    public static bool IsIn(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOfAny(Suspicious);
        if (at < 0) return false;
        return IsInUnusual(line[at..]);
    }

    private static bool IsInUnusual(ReadOnlySpan<byte> line)
    {
        while (!line.IsEmpty)
        {
            var b = line[0];
            if (b < 0x80)
            {
                if (Suspicious.Contains(b)) return true;
                line = line[1..];
                continue;
            }
            var status = Rune.DecodeFromUtf8(line, out var rune, out var consumed);
            if (status == OperationStatus.Done ? rune.Value <= 0x9f : b <= 0x9f) return true;
            line = line[(status == OperationStatus.Done ? consumed : 1)..];
        }
        return false;
    }

    private static byte[] SuspiciousBytes() =>
        [.. Enumerable.Range(0, 256).Where(b => b is < 32 and not ('\t' or 27) or >= 127).Select(b => (byte)b)];
}
