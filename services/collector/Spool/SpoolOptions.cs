using WgMonitor.Hosting;

namespace WgMonitor.Collector.Spool;

/// <summary>When an accepted line is safe, so that it may be acknowledged to a sender that asks for it.</summary>
public enum Durability
{
    /// <summary>When it stands in Redis. Until then it is in memory only.</summary>
    Memory,

    /// <summary>When it was written to the spool; the kernel still has to put it on the disk.</summary>
    Disk,

    /// <summary>When the disk confirmed it.</summary>
    Fsync,
}

/// <summary>What happens when the spool has no room left.</summary>
public enum WhenFull
{
    /// <summary>Nothing is given up: senders that can wait do, datagrams are dropped on arrival once the memory is full too.</summary>
    Block,

    /// <summary>The oldest lines of the spool make room for new ones and are counted.</summary>
    DropOldest,
}

/// <summary>Section <c>[collector.spool]</c>: lines on disk until Redis surely has them.</summary>
public sealed class SpoolOptions : IOptionsRules
{
    /// <summary>
    /// Where the spool lies. A directory of its own on a local disk, for one collector; made with mode 700 where it is missing. Default none: lines
    /// wait in memory. <c>wgmonitor up</c> with its own redis-server uses the folder <c>spool</c> of its data directory.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary><c>memory</c>, <c>disk</c> or <c>fsync</c>. Default <c>disk</c> where a directory is given, else <c>memory</c>.</summary>
    public Durability? Durability { get; set; }

    /// <summary>Size of the whole spool. Default 1GiB, 16MiB to 64TiB. A line takes about 170 bytes.</summary>
    [SizeRange("16MiB", "64TiB")]
    public long BytesMax { get; set; } = 1 << 30;

    /// <summary>
    /// Spooled lines older than this are dropped and counted. Default 2 days, 1 min to 365 days; shorter than <c>stream.producer_mark_ttl</c>, for
    /// later nobody knows any more what stands in the log already.
    /// </summary>
    [DurationRange("1m", "365d")]
    public TimeSpan AgeMax { get; set; } = TimeSpan.FromDays(2);

    /// <summary><c>block</c> or <c>drop_oldest</c>. Default <c>drop_oldest</c> where all listeners are UDP, else <c>block</c>.</summary>
    public WhenFull? WhenFull { get; set; }

    /// <summary>
    /// How long lines stay in the spool after they were appended to Redis. Default 10 s, 0 s to 1 day. Longer than Redis takes to have them on its own
    /// disk (1 s with <c>appendfsync everysec</c>) or on its replica: what it lost in a crash or failover is then sent again.
    /// </summary>
    [DurationRange("0s", "1d")]
    public TimeSpan KeepAppended { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The durability with its default.</summary>
    internal Durability Level => Durability ?? (string.IsNullOrEmpty(Directory) ? Spool.Durability.Memory : Spool.Durability.Disk);

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        if (Level != Spool.Durability.Memory && string.IsNullOrEmpty(Directory)) yield return new("durability", "needs a directory", "Set directory");
    }
}
