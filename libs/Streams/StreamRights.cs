namespace WgMonitor.Streams;

/// <summary>The Redis commands that each use of the log needs, inside its scripts and beside them, on keys that stand for all of their kind.</summary>
public static class StreamRights
{
    private static readonly string[] Info = ["INFO"];

    /// <summary>Of who appends.</summary>
    public static IReadOnlyList<string[]> Append(StreamKeys keys)
    {
        var (events, mark) = (keys.Events(0), keys.ProducerMark(0, "p"));
        return [Info, .. Topology(keys), ["TYPE", events], ["XADD", events, "*", "field", "value"], ["GET", mark], ["SET", mark, "1", "EX", "60"]];
    }

    /// <summary>Of a replica of a consumer group.</summary>
    public static IReadOnlyList<string[]> Consume(StreamKeys keys, string group)
    {
        var (events, lease, checkpoint, members) = (keys.Events(0), keys.Lease(0, group), keys.Checkpoint(0, group), keys.Members(group));
        return
        [
            Info, .. Topology(keys), ["TIME"], ["ZADD", members, "1", "m"], ["ZREMRANGEBYSCORE", members, "0", "1"], ["ZRANGE", members, "0", "1"],
            ["HMGET", lease, "owner"], ["HSET", lease, "owner", "o"], ["GET", checkpoint], ["SET", checkpoint, "0-0"], ["EXISTS", events],
            ["XREADGROUP", "GROUP", group, "c", "COUNT", "1", "STREAMS", events, ">"], ["XRANGE", events, "-", "+", "COUNT", "1"], ["XACK", events, group, "0-1"],
            ["XINFO", "STREAM", events], ["XINFO", "GROUPS", events], ["XGROUP", "CREATE", events, group, "0", "MKSTREAM"], ["XGROUP", "SETID", events, group, "0"], ["XSETID", events, "0-1"],
            .. Write(keys),
        ];
    }

    /// <summary>Of who trims.</summary>
    public static IReadOnlyList<string[]> Trim(StreamKeys keys) => [["XLEN", keys.Events(0)], ["XTRIM", keys.Events(0), "MINID", "~", "0-1"]];

    // What a fenced batch may do to other keys of a partition.
    private static IEnumerable<string[]> Write(StreamKeys keys)
    {
        var key = keys.InPartition(0, "key");
        return
        [
            ["TYPE", key], ["HSET", key, "f", "v"], ["HGET", key, "f"], ["UNLINK", key], ["ZADD", key, "0", "m"], ["ZREM", key, "m"], ["ZRANGEBYLEX", key, "-", "+"], ["ZCARD", key],
            ["XADD", key, "*", "f", "v"], ["PEXPIRE", key, "1000"],
        ];
    }

    private static IEnumerable<string[]> Topology(StreamKeys keys) => [["TYPE", keys.Meta], ["HEXISTS", keys.Meta, "partitions"], ["HSET", keys.Meta, "partitions", "1"], ["HMGET", keys.Meta, "partitions"]];
}
