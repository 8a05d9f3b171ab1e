using System.Reflection;
using System.Text;
using RESPite.Messages;
using StackExchange.Redis;

namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>Replies of the model as the client library hands them out.</summary>
internal static class RespReply
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public;

    // The client makes a RespResult from what it received only: there is no public way.
    private static readonly ConstructorInfo Constructor = typeof(RespResult).GetConstructors(Hidden).Single(constructor => constructor.GetParameters().Length == 3);
    private static readonly MethodInfo Buffer = Constructor.GetParameters()[2].ParameterType.GetMethod("CreateFixed", Hidden)!;
    private static readonly RespResult Nothing = (RespResult)typeof(RespResult).GetField("NullArrayReply", Hidden)!.GetValue(null)!;

    public static RespResult Raw(object? reply)
    {
        if (reply is null) return Nothing;
        var text = new StringBuilder();
        Append(text, reply);
        return (RespResult)Constructor.Invoke([RespPrefix.Array, false, Buffer.Invoke(null, [Encoding.Latin1.GetBytes(text.ToString())])]);
    }

    public static RedisResult Result(object? reply) => reply switch
    {
        object?[] list => RedisResult.Create([.. list.Select(Result)]),
        _ => RedisResult.Create(Value(reply)),
    };

    public static RedisValue Value(object? reply) => reply switch
    {
        null => RedisValue.Null,
        long number => number,
        string text => Encoding.Latin1.GetBytes(text),
        Status status => status.Text,
        _ => throw new ArgumentException($"{reply} is no value"),
    };

    /// <summary>What goes over the wire, one byte a letter.</summary>
    public static string Text(RedisValue value) => value.IsNull ? "" : Encoding.Latin1.GetString((byte[])value!);

    public static string Text(RedisKey key) => Encoding.Latin1.GetString((byte[])key!);

    private static void Append(StringBuilder text, object? reply)
    {
        switch (reply)
        {
            case null:
                text.Append("*-1\r\n");
                break;
            case long number:
                text.Append(':').Append(number).Append("\r\n");
                break;
            case string bulk:
                text.Append('$').Append(bulk.Length).Append("\r\n").Append(bulk).Append("\r\n");
                break;
            case object?[] list:
                text.Append('*').Append(list.Length).Append("\r\n");
                foreach (var item in list) Append(text, item);
                break;
        }
    }
}
