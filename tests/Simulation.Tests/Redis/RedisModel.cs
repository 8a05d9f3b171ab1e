using System.Globalization;

namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>
/// The part of Redis 7.0 that the product uses, in memory: the commands on keys, strings, hashes and sorted sets here, those on streams in
/// <see cref="StreamCommands"/>, scripts by <see cref="LuaScripts"/>. A test runs it beside a real redis-server, command by command.
/// </summary>
/// <param name="clock">Server time, Unix microseconds.</param>
internal sealed class RedisModel(Func<long> clock)
{
    internal const string WrongTypeText = "WRONGTYPE Operation against a key holding the wrong kind of value";

    private readonly Dictionary<string, Value> values = new(StringComparer.Ordinal);

    /// <summary>Entries of a node of a stream: what trimming with <c>~</c> leaves over.</summary>
    public int NodeEntriesMax { get; init; } = 5;

    /// <summary>Told of everything published: channel and message.</summary>
    public Action<string, string>? Published { get; set; }

    /// <summary>Told of every entry added to a stream: key, ID, fields.</summary>
    public Action<string, WgMonitor.Streams.StreamId, string[]>? Added { get; set; }

    public long NowMilliseconds => clock() / 1000;

    public IEnumerable<string> Keys => values.Where(pair => !IsExpired(pair.Value)).Select(pair => pair.Key).Order(StringComparer.Ordinal);

    /// <summary>What a copy on disk would hold.</summary>
    public IReadOnlyDictionary<string, object> Save() => values.ToDictionary(pair => pair.Key, pair => (object)pair.Value.Copy(), StringComparer.Ordinal);

    /// <summary>Comes back with what <see cref="Save"/> gave.</summary>
    public void Load(IReadOnlyDictionary<string, object> saved)
    {
        values.Clear();
        foreach (var (key, value) in saved) values.Add(key, ((Value)value).Copy());
    }

    /// <summary>One command with its arguments; an error is a reply.</summary>
    public object? Execute(string[] command)
    {
        try
        {
            return command[0] switch
            {
                "PING" => new Status("PONG"),
                "TIME" => new object?[] { (clock() / 1_000_000).ToString(CultureInfo.InvariantCulture), (clock() % 1_000_000).ToString(CultureInfo.InvariantCulture) },
                "TYPE" => new Status(Find(command[1])?.Type ?? "none"),
                "EXISTS" => Find(command[1]) is null ? 0L : 1L,
                "DEL" or "UNLINK" => Find(command[1]) is not null && values.Remove(command[1]) ? 1L : 0L,
                "PEXPIRE" => Expire(command[1], Number(command[2])),
                "PUBLISH" => Publish(command[1], command[2]),
                "GET" => Get<string>(command[1], "string"),
                "SET" => Set(command),
                "HSET" => HashSet(command),
                "HGET" => Hash(command[1])?.GetValueOrDefault(command[2]),
                "HMGET" => HashGet(command),
                "HGETALL" => (object?[])[.. (Hash(command[1]) ?? []).SelectMany(field => new object?[] { field.Key, field.Value })],
                "HEXISTS" => Hash(command[1])?.ContainsKey(command[2]) == true ? 1L : 0L,
                "ZADD" => SortedSetAdd(command[1], Score(command[2]), command[3]),
                "ZREM" => SortedSetRemove(command[1], command[2]),
                "ZRANGE" => SortedSetRange(command),
                "ZRANGEBYLEX" => SortedSetByLex(command),
                "ZCARD" => (long)(SortedSet(command[1])?.Count ?? 0),
                "ZREMRANGEBYSCORE" => SortedSetRemoveByScore(command),
                _ when StreamCommands.TryExecute(this, command, out var reply) => reply,
                _ => new Error($"ERR unknown command '{command[0]}'"),
            };
        }
        catch (WrongTypeException)
        {
            return new Error(WrongTypeText);
        }
    }

    internal StreamModel? Stream(string key) => Get<StreamModel>(key, "stream");

    internal StreamModel MakeStream(string key)
    {
        if (Stream(key) is { } known) return known;
        var made = new StreamModel();
        values[key] = new Value("stream", made);
        return made;
    }

    private T? Get<T>(string key, string type)
        where T : class =>
        Find(key) is not { } value ? null : value.Type == type ? (T)value.Content : throw new WrongTypeException();

    private Value? Find(string key)
    {
        if (!values.TryGetValue(key, out var value)) return null;
        if (!IsExpired(value)) return value;
        values.Remove(key);
        return null;
    }

    private bool IsExpired(Value value) => value.ExpiresAt is { } at && at <= NowMilliseconds;

    private long Expire(string key, long milliseconds)
    {
        if (Find(key) is not { } value) return 0;
        value.ExpiresAt = NowMilliseconds + milliseconds;
        return 1;
    }

    private long Publish(string channel, string message)
    {
        Published?.Invoke(channel, message);
        return 0;
    }

    private Status Set(string[] command)
    {
        values[command[1]] = new Value("string", command[2]) { ExpiresAt = command.Length > 4 && command[3] == "EX" ? NowMilliseconds + Number(command[4]) * 1000 : null };
        return new Status("OK");
    }

    private OrderedDictionary<string, string>? Hash(string key) => Get<OrderedDictionary<string, string>>(key, "hash");

    private long HashSet(string[] command)
    {
        var hash = Hash(command[1]);
        if (hash is null) values[command[1]] = new Value("hash", hash = new OrderedDictionary<string, string>(StringComparer.Ordinal));
        var before = hash.Count;
        for (var i = 2; i + 1 < command.Length; i += 2) hash[command[i]] = command[i + 1];
        return hash.Count - before;
    }

    private object?[] HashGet(string[] command)
    {
        var hash = Hash(command[1]);
        return [.. command.Skip(2).Select(name => (object?)hash?.GetValueOrDefault(name))];
    }

    private Dictionary<string, double>? SortedSet(string key) => Get<Dictionary<string, double>>(key, "zset");

    private IEnumerable<KeyValuePair<string, double>> Sorted(string key) =>
        (SortedSet(key) ?? []).OrderBy(member => member.Value).ThenBy(member => member.Key, StringComparer.Ordinal);

    private long SortedSetAdd(string key, double score, string member)
    {
        var set = SortedSet(key);
        if (set is null) values[key] = new Value("zset", set = new Dictionary<string, double>(StringComparer.Ordinal));
        var isNew = !set.ContainsKey(member);
        set[member] = score;
        return isNew ? 1 : 0;
    }

    private long SortedSetRemove(string key, string member)
    {
        if (SortedSet(key) is not { } set || !set.Remove(member)) return 0;
        if (set.Count == 0) values.Remove(key);
        return 1;
    }

    private object?[] SortedSetRange(string[] command)
    {
        var members = Sorted(command[1]).Select(member => (object?)member.Key).ToArray();
        var (first, last) = (Number(command[2]), Number(command[3]));
        if (first < 0) first = Math.Max(0, first + members.Length);
        if (last < 0) last += members.Length;
        return first > last ? [] : members[(int)Math.Min(first, members.Length)..(int)Math.Min(last + 1, members.Length)];
    }

    private object?[] SortedSetByLex(string[] command)
    {
        var found = Sorted(command[1]).Select(member => member.Key).Where(member => IsAbove(member, command[2]) && IsBelow(member, command[3]));
        if (command.Length > 6) found = found.Skip((int)Number(command[5])).Take(Number(command[6]) < 0 ? int.MaxValue : (int)Number(command[6]));
        return [.. found];
    }

    private long SortedSetRemoveByScore(string[] command)
    {
        var (low, high) = (Bound(command[2]), Bound(command[3]));
        var gone = Sorted(command[1]).Where(member => low.Exclusive ? member.Value > low.Score : member.Value >= low.Score)
            .Where(member => high.Exclusive ? member.Value < high.Score : member.Value <= high.Score).Select(member => member.Key).ToList();
        foreach (var member in gone) SortedSetRemove(command[1], member);
        return gone.Count;
    }

    private static bool IsAbove(string member, string limit) => limit == "-" || (limit != "+" && string.CompareOrdinal(member, limit[1..]) >= (limit[0] == '(' ? 1 : 0));

    private static bool IsBelow(string member, string limit) => limit == "+" || (limit != "-" && string.CompareOrdinal(member, limit[1..]) <= (limit[0] == '(' ? -1 : 0));

    private static (double Score, bool Exclusive) Bound(string text) => text[0] == '(' ? (Score(text[1..]), true) : (Score(text), false);

    private static double Score(string text) => text switch
    {
        "-inf" => double.NegativeInfinity,
        "+inf" => double.PositiveInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    internal static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private sealed class WrongTypeException : Exception;

    private sealed class Value(string type, object content)
    {
        public string Type => type;

        public object Content => content;

        public long? ExpiresAt { get; set; }

        public Value Copy() => new(type, CopyOfContent()) { ExpiresAt = ExpiresAt };

        private object CopyOfContent() => content switch
        {
            OrderedDictionary<string, string> hash => new OrderedDictionary<string, string>(hash, StringComparer.Ordinal),
            Dictionary<string, double> set => new Dictionary<string, double>(set, StringComparer.Ordinal),
            StreamModel stream => stream.Copy(),
            _ => content,
        };
    }
}
