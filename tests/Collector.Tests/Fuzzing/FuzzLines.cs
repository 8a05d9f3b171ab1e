namespace WgMonitor.Collector.Tests.Fuzzing;

/// <summary>How many mutated lines the fuzz tests make, in all: WGMONITOR_FUZZ_LINES (make fuzz), else what takes some seconds; and how they are shared out.</summary>
internal static class FuzzLines
{
    private const int Default = 1_500_000;

    private const int PartMax = 1_000_000;

    private static readonly int All = int.TryParse(Environment.GetEnvironmentVariable("WGMONITOR_FUZZ_LINES"), out var given) ? given : Default;

    public static int Datagrams => Share(60);

    public static int SyslogStreams => Share(16);

    public static int RelpStreams => Share(8);

    public static int ProxyHeaders => Share(4);

    public static int JournalEntries => Share(8);

    public static int RecordedLines => Share(4);

    /// <summary>Random names are no cardinality limit's test: every line goes all the way.</summary>
    public static CollectorOptions Options => new() { Limits = new() { SourceLinesPerSecond = 0, HostsMax = 100_000, HostsPerSourceMax = 100_000, InterfacesPerHostMax = 10_000, PeersMax = 4_000_000, PeersPerInterfaceMax = 1_000_000, NewPeersPerMinute = 0 } };

    public static void Empty(EventBuffer buffer)
    {
        for (var partition = 0; partition < buffer.PartitionCount; partition++)
        {
            while (buffer.Take(partition) is { } batch) buffer.Settle(batch);
        }
    }

    /// <summary>Parts of a long run, each with a pipeline of its own: what it knows of hosts and peers is bounded. With a seed that follows from the run's.</summary>
    public static IEnumerable<(int Lines, int Seed)> Parts(int lines, int seed)
    {
        var count = 1 + lines / PartMax;
        return Enumerable.Range(0, count).Select(part => (lines / count, unchecked(seed + part)));
    }

    private static int Share(int percent) => (int)((long)All * percent / 100);
}
