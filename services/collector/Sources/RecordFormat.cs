namespace WgMonitor.Collector.Sources;

/// <summary>How recorded lines are written.</summary>
public enum RecordFormat
{
    /// <summary>One of the others, by the first line.</summary>
    Auto,

    /// <summary>Lines with a syslog header, as in /var/log/kern.log: <c>2026-11-22T12:00:00.882452+00:00 vpn-01 kernel: [   90.246220] wireguard: …</c>.</summary>
    Syslog,

    /// <summary>The kernel's own, without a host: of <c>dmesg</c>, /proc/kmsg or /dev/kmsg.</summary>
    Dmesg,

    /// <summary><c>journalctl -o export</c>.</summary>
    Journald,
}

/// <summary>Tells a <see cref="RecordFormat"/> by the first bytes.</summary>
internal static class RecordFormats
{
    /// <summary>With so many bytes, or a whole line, there is nothing more to wait for.</summary>
    public const int LookMax = 1024;

    private static readonly (byte[] Magic, string Hint)[] Foreign =
    [
        ([0x1f, 0x8b], "is compressed by gzip: use zcat FILE | wgmonitor replay -"),
        ([0xfd, .. "7zXZ"u8], "is compressed by xz: use xzcat FILE | wgmonitor replay -"),
        ([0x28, 0xb5, 0x2f, 0xfd], "is compressed by zstd: use zstdcat FILE | wgmonitor replay -"),
        ([.. "BZh"u8], "is compressed by bzip2: use bzcat FILE | wgmonitor replay -"),
        ([.. "LPKSHHRH"u8], "is journald's own file: use journalctl --file FILE -k -o export | wgmonitor replay -"),
    ];

    /// <summary>What to do with a file that holds no lines but what is known all the same; null for any other.</summary>
    public static string? Hint(ReadOnlySpan<byte> start)
    {
        foreach (var (magic, hint) in Foreign)
        {
            if (start.StartsWith(magic)) return hint;
        }
        return null;
    }

    /// <summary>Never <see cref="RecordFormat.Auto"/>.</summary>
    public static RecordFormat Detect(ReadOnlySpan<byte> start)
    {
        var line = start.TrimStart("\n\r\0"u8);
        var end = line.IndexOf((byte)'\n');
        if (end >= 0) line = line[..end];
        var name = line.IndexOfAnyExcept(JournalExportReader.NameBytes);
        if (name > 0 && line[name] == '=') return RecordFormat.Journald;
        return KmsgLine.IsOne(line) ? RecordFormat.Dmesg : RecordFormat.Syslog;
    }

    /// <summary>The reader of a format.</summary>
    public static IRecordReader Reader(RecordFormat format, int messageBytesMax) => format switch
    {
        RecordFormat.Journald => new JournalExportReader(messageBytesMax),
        RecordFormat.Dmesg => new LineReader(messageBytesMax, isKernelLog: true),
        _ => new LineReader(messageBytesMax, isKernelLog: false),
    };
}
