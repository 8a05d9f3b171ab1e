using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>The stream commands of Redis 7.0, as far as the product uses them.</summary>
internal static class StreamCommands
{
    public static bool TryExecute(RedisModel redis, string[] command, out object? reply)
    {
        reply = null;
        switch (command[0])
        {
            case "XADD": reply = Add(redis, command); return true;
            case "XLEN": reply = (long)(redis.Stream(command[1])?.Count ?? 0); return true;
            case "XRANGE": reply = Range(redis, command[1], command[2], command[3], command, isReverse: false); return true;
            case "XREVRANGE": reply = Range(redis, command[1], command[3], command[2], command, isReverse: true); return true;
            case "XTRIM": reply = redis.Stream(command[1]) is { } stream ? Trim(stream, command.AsSpan(2)) : 0L; return true;
            case "XSETID": reply = SetId(redis, command); return true;
            case "XACK": reply = Acknowledge(redis, command); return true;
            case "XGROUP": reply = Group(redis, command); return true;
            case "XINFO": reply = Info(redis, command); return true;
            case "XPENDING": reply = Pending(redis, command); return true;
            case "XREADGROUP": reply = ReadGroup(redis, command); return true;
            default: return false;
        }
    }

    private static object? Add(RedisModel redis, string[] command)
    {
        var at = 2;
        string[] trim = [];
        if (command[at] is "MAXLEN" or "MINID")
        {
            trim = command[2..(command[3] is "~" or "=" ? 5 : 4)];
            at += trim.Length;
        }

        var stream = redis.Stream(command[1]);
        var last = stream?.LastId ?? StreamId.Zero;
        StreamId id;
        if (command[at] == "*") id = (stream ?? new StreamModel()).NextId(redis.NowMilliseconds);
        else if (!StreamId.TryParse(command[at], out id)) return new Error("ERR Invalid stream ID specified as stream command argument");
        if (id == StreamId.Zero) return new Error("ERR The ID specified in XADD must be greater than 0-0");
        if (id <= last) return new Error("ERR The ID specified in XADD is equal or smaller than the target stream top item");
        stream = redis.MakeStream(command[1]);
        var fields = command[(at + 1)..];
        stream.Add(id, fields, redis.NodeEntriesMax);
        redis.Added?.Invoke(command[1], id, fields);
        if (trim.Length > 0) Trim(stream, trim);
        return id.ToString();
    }

    private static long Trim(StreamModel stream, ReadOnlySpan<string> arguments)
    {
        var byLength = arguments[0] == "MAXLEN";
        var roughly = arguments[1] == "~";
        var bound = arguments[arguments[1] is "~" or "=" ? 2 : 1];
        var limit = arguments.Length > 4 && arguments[^2] == "LIMIT" ? RedisModel.Number(arguments[^1]) : roughly ? 100L * 100 : 0;
        var lengthMax = byLength ? RedisModel.Number(bound) : 0;
        var lowest = byLength || !StreamId.TryParse(bound, out var id) ? StreamId.Zero : id;
        long removed = 0;
        while (stream.Count > 0 && (!byLength || stream.Count > lengthMax))
        {
            var node = roughly ? stream.FirstNodeCount() : 1;
            if (roughly && limit > 0 && removed + node > limit) break;
            if (byLength ? roughly && stream.Count - node < lengthMax : stream[node - 1].Id >= lowest) break;
            stream.RemoveFirst(node);
            removed += node;
        }

        return removed;
    }

    private static object? Range(RedisModel redis, string key, string from, string to, string[] command, bool isReverse)
    {
        if (redis.Stream(key) is not { } stream) return Array.Empty<object?>();
        var count = command.Length > 5 ? (int)RedisModel.Number(command[5]) : int.MaxValue;
        var (low, high) = (stream.IndexOf(Bound(from, isLow: true)), stream.IndexOf(Bound(to, isLow: false)));
        var found = new List<object?>();
        if (isReverse)
        {
            for (var i = high - 1; i >= low && found.Count < count; i--) found.Add(Entry(stream[i]));
        }
        else
        {
            for (var i = low; i < high && found.Count < count; i++) found.Add(Entry(stream[i]));
        }

        return found.ToArray();
    }

    // The first position that is in (low) or behind (high) the range.
    private static StreamId Bound(string text, bool isLow)
    {
        if (text == "-") return StreamId.Zero;
        if (text == "+") return StreamId.Max;
        var isExclusive = text[0] == '(';
        if (isExclusive) text = text[1..];
        var id = StreamId.Parse(text);
        if (!isLow && !text.Contains('-')) id = new StreamId(id.Milliseconds, long.MaxValue);
        return isLow == isExclusive ? id.Next() : id;
    }

    private static object?[] Entry(in ModelEntry entry) => [entry.Id.ToString(), (object?[])entry.Fields];

    private static object SetId(RedisModel redis, string[] command)
    {
        if (redis.Stream(command[1]) is not { } stream) return new Error("ERR no such key");
        var id = StreamId.Parse(command[2]);
        if (stream.Count > 0 && id < stream[stream.Count - 1].Id) return new Error("ERR The ID specified in XSETID is smaller than the target stream top item");
        stream.LastId = id;
        return new Status("OK");
    }

    private static object Acknowledge(RedisModel redis, string[] command)
    {
        if (redis.Stream(command[1])?.Groups.GetValueOrDefault(command[2]) is not { } group) return 0L;
        return (long)command.Skip(3).Count(id => group.Pending.Remove(StreamId.Parse(id)));
    }

    private static object Group(RedisModel redis, string[] command)
    {
        var stream = redis.Stream(command[2]);
        if (command[1] == "CREATE")
        {
            if (stream is null && command[^1] != "MKSTREAM")
                return new Error("ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.");
            stream ??= redis.MakeStream(command[2]);
            var at = command[4] == "$" ? stream.LastId : StreamId.Parse(command[4]);
            return stream.Groups.TryAdd(command[3], new GroupModel { LastDelivered = at }) ? new Status("OK") : new Error("BUSYGROUP Consumer Group name already exists");
        }

        if (stream is null) return new Error("ERR The XGROUP subcommand requires the key to exist.");
        if (stream.Groups.GetValueOrDefault(command[3]) is not { } group) return new Error($"NOGROUP No such consumer group '{command[3]}' for key name '{command[2]}'");
        if (command[1] == "SETID")
        {
            group.LastDelivered = command[4] == "$" ? stream.LastId : StreamId.Parse(command[4]);
            return new Status("OK");
        }

        if (command[1] != "DELCONSUMER") return new Error("ERR unknown subcommand");
        var pending = group.Pending.Where(entry => entry.Value == command[4]).Select(entry => entry.Key).ToList();
        foreach (var id in pending) group.Pending.Remove(id);
        group.Consumers.Remove(command[4]);
        return (long)pending.Count;
    }

    private static object Info(RedisModel redis, string[] command)
    {
        if (redis.Stream(command[2]) is not { } stream) return new Error("ERR no such key");
        return command[1] switch
        {
            "STREAM" => new object?[]
            {
                "length", (long)stream.Count, "last-generated-id", stream.LastId.ToString(), "entries-added", stream.Added, "groups", (long)stream.Groups.Count,
                "first-entry", stream.Count == 0 ? null : Entry(stream[0]),
            },
            "GROUPS" => (object?[])[.. stream.Groups.Select(group => (object?)new object?[]
            {
                "name", group.Key, "consumers", (long)group.Value.Consumers.Count, "pending", (long)group.Value.Pending.Count,
                "last-delivered-id", group.Value.LastDelivered.ToString(),
            })],
            _ => new Error("ERR unknown subcommand"),
        };
    }

    // Only the extended form with one consumer's worth of IDs is compared: XPENDING key group - + count.
    private static object Pending(RedisModel redis, string[] command)
    {
        if (redis.Stream(command[1])?.Groups.GetValueOrDefault(command[2]) is not { } group) return new Error("NOGROUP No such key or consumer group");
        return group.Pending.Take((int)RedisModel.Number(command[5])).Select(entry => (object?)new object?[] { entry.Key.ToString(), entry.Value }).ToArray();
    }

    // XREADGROUP GROUP group consumer COUNT n STREAMS key position
    private static object? ReadGroup(RedisModel redis, string[] command)
    {
        var (name, consumer, count, key, position) = (command[2], command[3], (int)RedisModel.Number(command[5]), command[7], command[8]);
        if (redis.Stream(key) is not { } stream || stream.Groups.GetValueOrDefault(name) is not { } group)
            return new Error($"NOGROUP No such key '{key}' or consumer group '{name}' in XREADGROUP with GROUP option");
        group.Consumers.Add(consumer);
        return position == ">" ? ReadNew(stream, group, key, consumer, count) : ReadPending(stream, group, key, consumer, StreamId.Parse(position), count);
    }

    private static object?[]? ReadNew(StreamModel stream, GroupModel group, string key, string consumer, int count)
    {
        var found = new List<object?>();
        for (var i = stream.IndexOf(group.LastDelivered.Next()); i < stream.Count && found.Count < count; i++)
        {
            var entry = stream[i];
            group.Pending[entry.Id] = consumer;
            group.LastDelivered = entry.Id;
            found.Add(Entry(entry));
        }

        return found.Count == 0 ? null : [new object?[] { key, found.ToArray() }];
    }

    private static object?[] ReadPending(StreamModel stream, GroupModel group, string key, string consumer, StreamId after, int count)
    {
        var found = group.Pending.Where(entry => entry.Key > after && entry.Value == consumer).Take(count)
            .Select(entry => stream.TryGet(entry.Key, out var kept) ? (object?)Entry(kept) : new object?[] { entry.Key.ToString(), null }).ToArray();
        return [new object?[] { key, found }];
    }
}
