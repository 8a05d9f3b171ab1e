using System.Buffers.Text;
using System.Globalization;

namespace WgMonitor.Collector.Sources;

/// <summary>
/// Writes a record as the syslog message that a daemon would have sent of it:
/// <c>&lt;7&gt;1 2026-11-22T13:06:39.882452Z vpn-01 kernel - - - [   90.246220] text</c>. Nothing is allocated a record.
/// </summary>
internal sealed class RecordFrame(int messageBytesMax)
{
    /// <summary>Of host and numbers at their longest.</summary>
    private const int HeaderBytesMax = 512;

    private static readonly long YearsMicroseconds = (DateTime.MaxValue - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private readonly byte[] bytes = new byte[HeaderBytesMax + messageBytesMax];
    private int length;

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, length);

    /// <summary>The header.</summary>
    /// <param name="priority">0 to 191.</param>
    /// <param name="unixMicroseconds">Null for none.</param>
    /// <param name="host">Printable, no blank, at most 255 bytes; empty for none.</param>
    public void Begin(int priority, long? unixMicroseconds, ReadOnlySpan<byte> host)
    {
        length = 0;
        Add("<"u8);
        Number(priority);
        Add(">1 "u8);
        if (unixMicroseconds is { } time && time >= 0 && time < YearsMicroseconds) Time(time);
        else Add("-"u8);
        Add(" "u8);
        Add(host.IsEmpty ? "-"u8 : host);
        Add(" kernel - - - "u8);
    }

    /// <summary>The kernel's stamp, as print_time in kernel/printk/printk.c writes it.</summary>
    public void Stamp(long uptimeMicroseconds)
    {
        Add("["u8);
        var (seconds, part) = Math.DivRem(uptimeMicroseconds, 1_000_000);
        for (var blanks = seconds < 10 ? 4 : seconds < 100 ? 3 : seconds < 1000 ? 2 : seconds < 10_000 ? 1 : 0; blanks > 0; blanks--) Add(" "u8);
        Number(seconds);
        Add("."u8);
        part.TryFormat(bytes.AsSpan(length), out var written, "D6", CultureInfo.InvariantCulture);
        length += written;
        Add("] "u8);
    }

    /// <summary>The rest; at most as long as a message may be.</summary>
    public void Text(ReadOnlySpan<byte> text) => Add(text);

    /// <summary>What is no message, for people to look at.</summary>
    public void Sample(ReadOnlySpan<byte> sample)
    {
        length = 0;
        Add(sample[..Math.Min(sample.Length, SampleRing.BytesMax)]);
    }

    private void Time(long unixMicroseconds)
    {
        DateTime.UnixEpoch.AddTicks(unixMicroseconds * TimeSpan.TicksPerMicrosecond).TryFormat(bytes.AsSpan(length), out var written, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        length += written;
    }

    private void Number(long number)
    {
        Utf8Formatter.TryFormat(number, bytes.AsSpan(length), out var written);
        length += written;
    }

    private void Add(ReadOnlySpan<byte> part)
    {
        part.CopyTo(bytes.AsSpan(length));
        length += part.Length;
    }
}
