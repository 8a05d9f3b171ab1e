using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Streams;

/// <summary>Section <c>[stream]</c>: the event log in Redis.</summary>
public sealed class StreamOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "stream";

    /// <summary>First part of every Redis key. Default <c>wgmonitor</c>; 1 to 64 of letters, digits, <c>. _ : -</c>. Two installations in one Redis need two.</summary>
    [Required, RegularExpression("^[A-Za-z0-9._:-]{1,64}$")]
    public string Prefix { get; set; } = "wgmonitor";

    /// <summary>
    /// Number of streams over which hosts are spread. Default 8, 1 to 256. Fixed at the first start and recorded in Redis; also the highest number of
    /// replicas of a service that have work.
    /// </summary>
    [Range(1, 256)]
    public int Partitions { get; set; } = 8;

    /// <summary>Entries read, folded and committed by one script at most. Default 500, 1 to 5000. Larger: more throughput, longer scripts (they block Redis).</summary>
    [Range(1, 5000)]
    public int ReadBatchMax { get; set; } = 500;

    /// <summary>
    /// How long a crashed owner keeps its partitions. Default 15 s, 1 s to 10 min. Shorter: faster take-over; longer: survives longer pauses of the process.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LeaseTtl { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two looks at the members of a group, at free partitions and at leases due for renewal. Default 1 s, 50 ms to 1 min; at most a third of <see cref="LeaseTtl"/> is used.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan RebalanceInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stopping owner waits for the batch in hand before it gives the partition up. Default 5 s, 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan HandOverMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// First wait for a wake-up hint after events that no hint told of; when none comes it doubles up to <see cref="PollMax"/>, which is waited at once where hints come.
    /// Default 50 ms, 1 ms to 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan PollMin { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait between two reads of an idle partition; bounds the delay if a wake-up hint is lost. Default 500 ms, 1 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan PollMax { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>First pause after Redis refused or did not answer; doubles up to <see cref="BackoffMax"/>. Default 100 ms, 1 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan BackoffMin { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause after Redis refused or did not answer. Default 5 s, 1 ms to 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00")]
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a producer's highest batch number is remembered after its last batch. Default 7 days, 1 minute to 365 days. A batch retried later than this
    /// would be appended twice.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan ProducerMarkTtl { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Entries kept in a partition before old ones, that every registered group has applied, are trimmed. Default 1,000,000 (about 100 MB of Redis memory); 0 for no such limit.</summary>
    [Range(0, long.MaxValue)]
    public long RetentionEntriesMax { get; set; } = 1_000_000;

    /// <summary>
    /// Entries older than this, by the clock of Redis, are trimmed once every registered group has applied them. Default 0 s, which keeps them whatever their age; up to
    /// 3650 days. Suspended while that clock cannot be believed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan RetentionAge { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// Memory that the whole log takes in Redis before old entries, that every registered group has applied, are trimmed; each partition has a like share. Default 0 for no
    /// such limit, up to 64 TiB. Measured on a sample of the stream's nodes.
    /// </summary>
    [Range(0, 1L << 46)]
    public long RetentionBytesMax { get; set; }

    /// <summary>
    /// Entries that a partition holds at most, applied or not: a group that stands still loses what comes on top, which is told. Default 10,000,000 (about 1 GB of Redis
    /// memory); 0 for no ceiling. Without any of the limits above nothing is ever removed.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long CeilingEntriesMax { get; set; } = 10_000_000;

    /// <summary>Time between two trims of a partition. Default 1 min, 50 ms to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan TrimInterval { get; set; } = TimeSpan.FromMinutes(1);

    internal bool HasRetention => RetentionEntriesMax > 0 || RetentionAge > TimeSpan.Zero || RetentionBytesMax > 0;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CeilingEntriesMax > 0 && CeilingEntriesMax < RetentionEntriesMax)
            yield return new ValidationResult("must not be below retention_entries_max, or events are lost that were to be kept", [nameof(CeilingEntriesMax)]);
    }
}
