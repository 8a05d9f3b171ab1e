using System.Globalization;

namespace WgMonitor.Streams;

/// <summary>
/// Every Redis key of the log. The partition is the hash tag (<c>{p3}</c>), so that in a cluster all keys of a partition share a slot, as the scripts
/// need, and partitions spread over the nodes.
/// </summary>
/// <param name="prefix">First part of every key, e.g. <c>wgmonitor</c>; letters, digits, <c>. _ : -</c>.</param>
public sealed class StreamKeys(string prefix)
{
    /// <summary>First part of every key and channel.</summary>
    public string Prefix { get; } = IsName(prefix, 64, ":") ? prefix : throw new ArgumentException($"'{prefix}' is no key prefix", nameof(prefix));

    /// <summary>Hash: <c>partitions</c> and <c>format</c> of the whole log, and <c>repartition</c> while one was begun and not finished.</summary>
    public string Meta => $"{Prefix}:meta";

    /// <summary>String: held by a running <c>wgmonitor repartition</c>. Expires.</summary>
    public string Repartition => $"{Prefix}:repartition";

    /// <summary>Sorted set: live replicas of a consumer group, scored by their last heartbeat (Redis time, Unix milliseconds).</summary>
    public string Members(string group) => $"{Prefix}:members:{group}";

    /// <summary>Stream: the events of a partition.</summary>
    public string Events(int partition) => InPartition(partition, "events");

    /// <summary>Hash: <c>owner</c>, <c>epoch</c>, <c>expires</c> (Redis time, Unix milliseconds) of a partition in a group. Never expires, for the epoch only grows.</summary>
    public string Lease(int partition, string group) => InPartition(partition, $"lease:{group}");

    /// <summary>String: ID of the last entry that a group has applied.</summary>
    public string Checkpoint(int partition, string group) => InPartition(partition, $"checkpoint:{group}");

    /// <summary>String: highest batch number of a producer that stands in the partition; expires days after its last batch.</summary>
    public string ProducerMark(int partition, string producer) => InPartition(partition, $"producer:{producer}");

    /// <summary>Hash: what each group lost because the log reached its ceiling, see <see cref="LostEntries"/>.</summary>
    public string Lost(int partition) => InPartition(partition, "lost");

    /// <summary>Hash: the last time Redis was found with less of the partition than it had, see <see cref="LostHistory"/>. Expires.</summary>
    public string Rewound(int partition) => InPartition(partition, "rewound");

    /// <summary>Stream: entries that a group could not apply, <see cref="ParkedEntry"/>.</summary>
    public string Parked(int partition, string group) => InPartition(partition, $"parked:{group}");

    /// <summary>Hash: how many of them an operator took out, by <c>retry</c> and <c>discard</c>.</summary>
    public string ParkedTaken(int partition, string group) => InPartition(partition, $"parked-taken:{group}");

    /// <summary>Sorted set, all scores 0: positions that a group passed over, <see cref="PassedEntries"/>.</summary>
    public string Passed(int partition, string group) => InPartition(partition, $"passed:{group}");

    /// <summary>Stream: the outbox of alerts of a partition.</summary>
    public string Alerts(int partition) => InPartition(partition, "alerts");

    /// <summary>Pub/sub channel: a hint that entries were appended; its message is the last ID.</summary>
    public string Wake(int partition) => InPartition(partition, "wake");

    /// <summary>A key of another library beside the partition's log, e.g. <c>wgmonitor:{p3}:peer:…</c>.</summary>
    public string InPartition(int partition, string name) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}:{Tag(partition)}:{name}");

    /// <summary>The hash tag of a partition, braces included: <c>{p3}</c>.</summary>
    public static string Tag(int partition) => string.Create(CultureInfo.InvariantCulture, $"{{p{partition}}}");

    /// <summary>The consumer's name in a group: the slot (<c>p03</c>), never the process, so that a new owner finds what its predecessor left pending.</summary>
    public static string Slot(int partition) => string.Create(CultureInfo.InvariantCulture, $"p{partition:D2}");

    /// <summary>True for a name that may stand in a key: 1 to <paramref name="lengthMax"/> ASCII letters, digits, <c>. _ -</c> (and <paramref name="also"/>).</summary>
    public static bool IsName(string? name, int lengthMax = 64, string also = "")
    {
        if (name is null || name.Length == 0 || name.Length > lengthMax) return false;
        foreach (var letter in name)
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '_' or '-') && !also.Contains(letter, StringComparison.Ordinal))
                return false;
        return true;
    }
}
