using System.Reflection;
using StackExchange.Redis;
using WgMonitor.Simulation.Tests.Redis;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>The client library's interfaces, of which the product uses a few methods; another one is an exception that names it.</summary>
public class MultiplexerProxy : DispatchProxy
{
    private RedisClient client = null!;
    private IDatabase database = null!;
    private ISubscriber subscriber = null!;

    internal static IConnectionMultiplexer Of(RedisClient client)
    {
        var multiplexer = Create<IConnectionMultiplexer, MultiplexerProxy>();
        var proxy = (MultiplexerProxy)(object)multiplexer;
        proxy.client = client;
        proxy.database = DatabaseProxy.Of(client);
        proxy.subscriber = SubscriberProxy.Of(client);
        return multiplexer;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case "GetDatabase": return database;
            case "GetSubscriber": return subscriber;
            case "add_ConnectionRestored":
                client.ConnectionRestored += (EventHandler<ConnectionFailedEventArgs>)args![0]!;
                return null;
            case "remove_ConnectionRestored":
                client.ConnectionRestored -= (EventHandler<ConnectionFailedEventArgs>)args![0]!;
                return null;
            // There is one server, and it never moves.
            case "add_ConfigurationChanged" or "remove_ConfigurationChanged": return null;
            default: throw new NotSupportedException($"The simulator has no {targetMethod}.");
        }
    }
}

/// <inheritdoc cref="MultiplexerProxy"/>
public class SubscriberProxy : DispatchProxy
{
    private RedisClient client = null!;

    internal static ISubscriber Of(RedisClient client)
    {
        var subscriber = Create<ISubscriber, SubscriberProxy>();
        ((SubscriberProxy)(object)subscriber).client = client;
        return subscriber;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case "SubscribeAsync":
                client.Subscribe(args![0]!.ToString()!, (Action<RedisChannel, RedisValue>)args[1]!);
                return client.SendAsync<object?>(["PING", "subscription"], _ => null);
            case "UnsubscribeAsync":
                return client.SendAsync<object?>(["PING", "subscription"], _ => null);
            default: throw new NotSupportedException($"The simulator has no {targetMethod}.");
        }
    }
}

/// <inheritdoc cref="MultiplexerProxy"/>
public class DatabaseProxy : DispatchProxy
{
    private RedisClient client = null!;

    internal static IDatabase Of(RedisClient client)
    {
        var database = Create<IDatabase, DatabaseProxy>();
        ((DatabaseProxy)(object)database).client = client;
        return database;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var key = args![0] is RedisKey named ? RespReply.Text(named) : "";
        switch (targetMethod!.Name)
        {
            case "ScriptEvaluateAsync" when args[0] is byte[] hash: return Script(ScriptCatalog.NameOf(hash), (RedisKey[])args[1]!, (RedisValue[])args[2]!);
            case "ExecuteRespAsync":
                var words = ((ReadOnlyMemory<RedisKeyOrValue>)args[1]!).ToArray().Select(word => word.IsKey ? RespReply.Text((RedisKey)word) : RespReply.Text((RedisValue)word));
                return client.SendAsync([(string)args[0]!, .. words], RespReply.Raw);
            case "ExecuteAsync": return client.SendAsync([(string)args[0]!, .. ((ICollection<object>)args[1]!).Select(word => word is RedisKey k ? RespReply.Text(k) : word.ToString()!)], RespReply.Result);
            case "StringGetAsync" when args[0] is RedisKey: return client.SendAsync(["GET", key], RespReply.Value);
            case "KeyExistsAsync" when args[0] is RedisKey: return client.SendAsync(["EXISTS", key], reply => (long)reply! == 1);
            case "HashGetAsync" when args[1] is RedisValue[] fields: return client.SendAsync(["HMGET", key, .. fields.Select(RespReply.Text)], Values);
            case "HashGetAsync": return client.SendAsync(["HGET", key, RespReply.Text((RedisValue)args[1]!)], RespReply.Value);
            case "HashGetAllAsync": return client.SendAsync(["HGETALL", key], reply => Values(reply).Chunk(2).Select(pair => new HashEntry(pair[0], pair[1])).ToArray());
            case "SortedSetRangeByValueAsync": return ByValue(key, args);
            case "SortedSetRangeByRankAsync": return client.SendAsync(["ZRANGE", key, args[1]!.ToString()!, args[2]!.ToString()!], Values);
            case "SortedSetLengthAsync": return client.SendAsync(["ZCARD", key], reply => (long)reply!);
            case "StreamLengthAsync": return client.SendAsync(["XLEN", key], reply => (long)reply!);
            case "StreamRangeAsync": return StreamRange(key, args);
            case "StreamTrimByMinIdAsync": return client.SendAsync(["XTRIM", key, "MINID", RespReply.Text((RedisValue)args[1]!)], reply => (long)reply!);
            default: throw new NotSupportedException($"The simulator has no {targetMethod}.");
        }
    }

    private Task<RedisResult> Script(string name, RedisKey[] keys, RedisValue[] values) =>
        client.SendAsync(["EVAL", name, keys.Length.ToString(), .. keys.Select(RespReply.Text), .. values.Select(RespReply.Text)], RespReply.Result);

    // As StackExchange.Redis writes it: null is the end of the range, and either end may be left out.
    private Task<RedisValue[]> ByValue(string key, object?[] args)
    {
        var exclude = (Exclude)args[3]!;
        var (from, to) = ((RedisValue)args[1]!, (RedisValue)args[2]!);
        var low = from.IsNull ? "-" : (exclude.HasFlag(Exclude.Start) ? "(" : "[") + RespReply.Text(from);
        var high = to.IsNull ? "+" : (exclude.HasFlag(Exclude.Stop) ? "(" : "[") + RespReply.Text(to);
        var (skip, take) = args[4] is Order ? ((long)args[5]!, (long)args[6]!) : ((long)args[4]!, (long)args[5]!);
        return client.SendAsync(["ZRANGEBYLEX", key, low, high, "LIMIT", skip.ToString(), take.ToString()], Values);
    }

    private Task<StreamEntry[]> StreamRange(string key, object?[] args)
    {
        var (low, high) = (RespReply.Text(((RedisValue?)args[1])!.Value), RespReply.Text(((RedisValue?)args[2])!.Value));
        string[] count = args[3] is int max ? ["COUNT", max.ToString()] : [];
        var isReverse = (Order)args[4]! == Order.Descending;
        return client.SendAsync(isReverse ? ["XREVRANGE", key, high, low, .. count] : ["XRANGE", key, low, high, .. count], reply => ((object?[])reply!).Select(Entry).ToArray());
    }

    private static StreamEntry Entry(object? reply)
    {
        var pair = (object?[])reply!;
        return new StreamEntry(RespReply.Value(pair[0]), [.. Values(pair[1]).Chunk(2).Select(field => new NameValueEntry(field[0], field[1]))]);
    }

    private static RedisValue[] Values(object? reply) => [.. ((object?[])reply!).Select(RespReply.Value)];
}
