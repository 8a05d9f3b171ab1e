using System.Text;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using WgMonitor.Simulation.Tests.World;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>The model and a real redis-server get the same random commands, the product's scripts among them, and must answer the same.</summary>
public sealed partial class SameAsRedisTests
{
    private const int Commands = 6000;
    private const string Stream = "{p0}:events";

    [Fact]
    public async Task The_model_answers_every_command_and_script_as_redis_does()
    {
        var random = new Random(Seed.Print());
        await using var server = await RedisServer.StartAsync(ownProcess: true, "--stream-node-max-entries", "1");
        // RESP2, as scripts see replies: a reply of XREADGROUP is an array there.
        // The seeds beside it keep all cores busy, and what is late is not wrong.
        await using var connection = await server.ConnectAsync(options => (options.Protocol, options.AsyncTimeout) = (RedisProtocol.Resp2, 60_000));
        var model = new RedisModel(() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10) { NodeEntriesMax = 1 };
        var scripts = new ScriptCatalog();
        Side real = new(), modelled = new();
        for (var i = 0; i < Commands; i++)
        {
            var command = Next(random, real.Known);
            var ours = modelled.Text(Execute(model, scripts, modelled.Fill(command)));
            var theirs = real.Text(await AskAsync(connection.GetDatabase(), real.Fill(command)));
            Assert.True(ours == theirs, $"Command {i}, {string.Join(' ', command.Select(Printable))}:\nredis {theirs}\nmodel {ours}");
        }
    }

    private static object? Execute(RedisModel model, ScriptCatalog scripts, string[] command) => command[0] == "EVAL" ? scripts.Evaluate(model, command) : model.Execute(command);

    private static async Task<object?> AskAsync(IDatabase database, string[] command)
    {
        if (command[0] == "EVAL") command = [command[0], ScriptCatalog.Texts[command[1]], .. command[2..]];
        try
        {
            var reply = Of(await database.ExecuteAsync(command[0], [.. command[1..].Select(word => (object)Encoding.Latin1.GetBytes(word))]));
            // Idle time and deliveries of a pending entry are not modelled.
            return command[0] == "XPENDING" ? ((object?[])reply!).Select(entry => (object?)((object?[])entry!)[..2]).ToArray() : reply;
        }
        catch (RedisServerException exception)
        {
            return new Error(exception.Message);
        }
    }

    private static object? Of(RedisResult result) => result switch
    {
        { IsNull: true } => null,
        { Resp2Type: ResultType.Array } => ((RedisResult[])result!).Select(Of).ToArray(),
        { Resp2Type: ResultType.Integer } => (long)result,
        { Resp2Type: ResultType.SimpleString } => new Status((string)result!),
        _ => Encoding.Latin1.GetString((byte[])result!),
    };

    // "#3" stands for the fourth ID that Redis chose. It chooses those of one stream only whose IDs are seen, or two streams might get the same.
    private static string[] Next(Random random, int ids)
    {
        var id = ids > 0 && random.Next(3) > 0 ? $"#{random.Next(Math.Max(0, ids - 12), ids)}" : $"{random.Next(1, 40)}-{random.Next(3)}";
        var text = Pick(random, "a", "b", "vpn-01/1/2", "\u00e4\u00ff", "");
        var (group, owner, number) = (Pick(random, "g", "h"), Pick(random, "r1", "r2"), random.Next(1, 6).ToString());
        return random.Next(30) switch
        {
            0 => ["XADD", Stream, "*", "f", text],
            1 => ["XADD", "x", id, "f", text, "g", number],
            2 => ["XADD", "x", "MAXLEN", Pick(random, "~", "="), number, id, "f", text],
            3 => ["XLEN", Pick(random, Stream, "x", "no", "hash")],
            4 => ["XRANGE", Pick(random, Stream, "x"), Pick(random, "-", id, $"({id}"), "+", "COUNT", number],
            5 => ["XREVRANGE", Pick(random, Stream, "x"), Pick(random, "+", id), "-", "COUNT", number],
            6 => ["XTRIM", Stream, "MINID", id],
            7 => ["XTRIM", "x", "MAXLEN", number],
            8 => ["XGROUP", "CREATE", Stream, group, Pick(random, "0-0", id), "MKSTREAM"],
            9 => ["XGROUP", "SETID", Stream, group, Pick(random, "0-0", "$", id)],
            10 or 11 => ["XREADGROUP", "GROUP", group, "p00", "COUNT", number, "STREAMS", Stream, ">"],
            12 => ["XREADGROUP", "GROUP", group, Pick(random, "p00", "other"), "COUNT", number, "STREAMS", Stream, Pick(random, "0-0", id)],
            13 => ["XACK", Stream, group, id, $"{random.Next(40)}-0"],
            14 => ["XPENDING", Stream, group, "-", "+", "20"],
            15 => ["HSET", "hash", text, number, "other", text],
            16 => ["HMGET", Pick(random, "hash", Stream), text, "no"],
            17 => ["HGETALL", "hash"],
            18 => ["ZADD", "zset", number, text],
            19 => ["ZRANGE", "zset", Pick(random, "0", "1"), Pick(random, "-1", "2")],
            20 when random.Next(4) == 0 => ["ZCARD", Pick(random, "zset", "lex")],
            20 => ["ZRANGEBYLEX", "lex", Pick(random, "-", "[b", "(b"), "+", "LIMIT", "0", Pick(random, "-1", "2")],
            21 => ["ZADD", "lex", "0", $"{text}{number}"],
            22 => Pick(random, "DEL", "TYPE", "GET") is var name && name == "DEL" ? [name, Pick(random, "zset", "hash")] : [name, Pick(random, "zset", "text", Stream)],
            23 => ["SET", "text", id],
            24 or 25 => Append(random),
            26 => ["EVAL", "lease.lua", "1", "{p0}:lease:g", Pick(random, "acquire", "take", "renew", "release"), owner, number, "600000"],
            27 => ["EVAL", "open.lua", "3", "{p0}:lease:g", "{p0}:checkpoint:g", Stream, owner, number, "g"],
            28 => ["EVAL", "trim.lua", "2", Stream, "{p0}:checkpoint:g", Pick(random, number, "-1"), Pick(random, "", id)],
            _ => Commit(random, owner, number, id),
        };
    }

    private static string[] Append(Random random)
    {
        var batch = new EventBatch();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            batch.BeginEvent();
            batch.Field("event"u8, "x"u8);
            if (random.Next(2) == 0) batch.Field("rare"u8, "\u00ff"u8);
            batch.EndEvent();
        }

        var number = random.Next(1, 30).ToString();
        return ["EVAL", "append.lua", "2", Stream, "{p0}:producer:c", number, "1000", "wake", Bytes(batch.PackedEvents), Bytes(batch.PackedShapes), random.Next(0, 8).ToString()];
    }

    private static string[] Commit(Random random, string owner, string epoch, string id)
    {
        var batch = new FencedBatch(0);
        batch.SetHash("{p0}:host:a", [WgMonitor.Events.EventField.Of("n", random.Next(9))]);
        batch.AddToSortedSet("{p0}:hosts", "a"u8);
        if (random.Next(2) == 0) batch.AppendToStream("{p0}:alerts", [WgMonitor.Events.EventField.Of("n", "1")], 3);
        if (random.Next(4) == 0) batch.DeleteKey("{p0}:peer:b");
        return
        [
            "EVAL", "commit.lua", (3 + batch.Keys.Count).ToString(), "{p0}:lease:g", "{p0}:checkpoint:g", Stream, .. batch.Keys,
            owner, epoch, "", Pick(random, "", id), "g", "\u00dd\0\0\0\0", batch.Types, Bytes(batch.Packed), "",
        ];
    }

    private static string Bytes(ReadOnlyMemory<byte> packed) => Encoding.Latin1.GetString(packed.Span);

    private static string Pick(Random random, params ReadOnlySpan<string> texts) => texts[random.Next(texts.Length)];

    private static string Printable(string text) => text.Any(char.IsControl) ? $"({text.Length} bytes)" : text;

    /// <summary>One of the two, with the IDs that it chose: they differ, so they are compared by the order in which they appeared.</summary>
    private sealed partial class Side
    {
        private readonly List<string> ids = [];

        public int Known => ids.Count;

        public string[] Fill(string[] command) => [.. command.Select(word => Reference().Replace(word, match => ids[int.Parse(match.ValueSpan[1..])]))];

        public string Text(object? reply) => ChosenId().Replace(Reply.Text(reply), match =>
        {
            if (!ids.Contains(match.Value)) ids.Add(match.Value);
            return $"#{ids.IndexOf(match.Value)}";
        });

        [GeneratedRegex(@"#\d+")]
        private static partial Regex Reference();

        [GeneratedRegex(@"\b1\d{12}-\d+\b")]
        private static partial Regex ChosenId();
    }
}
