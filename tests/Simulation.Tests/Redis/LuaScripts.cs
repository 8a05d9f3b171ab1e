using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>
/// Runs scripts as Redis does: with KEYS and ARGV, <c>redis.call</c>, <c>redis.pcall</c> and <c>cmsgpack.unpack</c>, replies converted both ways by its
/// rules. One interpreter a thread; nothing is left in it from one script to the next.
/// </summary>
internal sealed unsafe class LuaScripts
{
    [ThreadStatic] private static LuaScripts? ofThread;

    // An error must not leave the callback as a jump over our frames: it comes back as a table, and is raised in Lua.
    private const string Prelude =
        """
        local execute, unpack_message = ...
        redis = {}
        function redis.call(...)
          local reply = execute(...)
          if type(reply) == 'table' and reply.err then error(reply.err, 0) end
          return reply
        end
        redis.pcall = execute
        cmsgpack = { unpack = unpack_message }
        """;

    private readonly nint state = Lua.NewState();
    private readonly Dictionary<string, int> compiled = [];
    private RedisModel? redis;

    private LuaScripts()
    {
        Lua.OpenLibraries(state);
        Load(Prelude);
        Lua.PushFunction(state, (nint)(delegate* unmanaged[Cdecl]<nint, int>)&Execute, 0);
        Lua.PushFunction(state, (nint)(delegate* unmanaged[Cdecl]<nint, int>)&Unpack, 0);
        if (Lua.ProtectedCall(state, 2, 0, 0) != 0) throw new InvalidOperationException(Lua.Text(state, -1));
    }

    public static LuaScripts OfThread => ofThread ??= new LuaScripts();

    /// <summary>EVAL: the reply, or the error the script raised.</summary>
    public object? Evaluate(RedisModel model, string script, IReadOnlyList<string> keys, IReadOnlyList<string> arguments)
    {
        if (!compiled.TryGetValue(script, out var reference))
        {
            Load(script);
            compiled.Add(script, reference = Lua.Reference(state, Lua.Registry));
        }

        redis = model;
        try
        {
            PushList(keys);
            Lua.SetField(state, Lua.Globals, "KEYS");
            PushList(arguments);
            Lua.SetField(state, Lua.Globals, "ARGV");
            Lua.RawGet(state, Lua.Registry, reference);
            return Lua.ProtectedCall(state, 0, 1, 0) == 0 ? PopReply(-1) : new Error(Lua.Text(state, -1));
        }
        finally
        {
            Lua.SetTop(state, 0);
            redis = null;
        }
    }

    private void Load(string script)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(script);
        fixed (byte* text = bytes, name = "script\0"u8)
        {
            if (Lua.LoadBuffer(state, text, (nuint)bytes.Length, name) != 0) throw new InvalidOperationException(Lua.Text(state, -1));
        }
    }

    private void PushList(IReadOnlyList<string> texts)
    {
        Lua.CreateTable(state, texts.Count, 0);
        for (var i = 0; i < texts.Count; i++)
        {
            Lua.PushText(state, texts[i]);
            Lua.RawSet(state, -2, i + 1);
        }
    }

    // Source: redis 7.0, src/script_lua.c, luaReplyToRedisReply: numbers are cut, a table ends at its first nil.
    private object? PopReply(int index)
    {
        switch (Lua.TypeOf(state, index))
        {
            case Lua.TypeString: return Lua.Text(state, index);
            case Lua.TypeNumber: return (long)Lua.ToNumber(state, index);
            case Lua.TypeBoolean: return Lua.ToBoolean(state, index) == 1 ? 1L : null;
            case Lua.TypeTable: break;
            default: return null;
        }

        foreach (var name in (ReadOnlySpan<string>)["err", "ok"])
        {
            Lua.GetField(state, index, name);
            var text = Lua.TypeOf(state, -1) == Lua.TypeString ? Lua.Text(state, -1) : null;
            Lua.Pop(state, 1);
            if (text is not null) return name == "err" ? new Error(text) : new Status(text);
        }

        var list = new List<object?>();
        for (var i = 1; ; i++)
        {
            Lua.RawGet(state, index, i);
            var isEnd = Lua.TypeOf(state, -1) == Lua.TypeNil;
            if (!isEnd) list.Add(PopReply(-1));
            Lua.Pop(state, 1);
            if (isEnd) return list.ToArray();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Execute(nint state)
    {
        object? reply;
        try
        {
            var command = new string[Lua.Top(state)];
            for (var i = 0; i < command.Length; i++) command[i] = Argument(state, i + 1);
            reply = OfThread.redis!.Execute(command);
        }
        catch (Exception exception) // nothing may leave a callback
        {
            reply = new Error($"ERR {exception}");
        }

        PushReply(state, reply);
        return 1;
    }

    // As lua_Number to string in Redis: whole numbers without a point.
    private static string Argument(nint state, int index) =>
        Lua.TypeOf(state, index) == Lua.TypeNumber ? Lua.ToNumber(state, index).ToString("0.#################", CultureInfo.InvariantCulture) : Lua.Text(state, index);

    private static void PushReply(nint state, object? reply)
    {
        EnsureStack(state);
        switch (reply)
        {
            case null:
                Lua.PushBoolean(state, 0);
                break;
            case long number:
                Lua.PushNumber(state, number);
                break;
            case string text:
                Lua.PushText(state, text);
                break;
            case Status status:
                Lua.CreateTable(state, 0, 1);
                Lua.PushText(state, status.Text);
                Lua.SetField(state, -2, "ok");
                break;
            case Error error:
                Lua.CreateTable(state, 0, 1);
                Lua.PushText(state, error.Text);
                Lua.SetField(state, -2, "err");
                break;
            case object?[] list:
                Lua.CreateTable(state, list.Length, 0);
                for (var i = 0; i < list.Length; i++)
                {
                    PushReply(state, list[i]);
                    Lua.RawSet(state, -2, i + 1);
                }

                break;
        }
    }

    private static void EnsureStack(nint state)
    {
        if (Lua.CheckStack(state, 8) == 0) throw new InvalidOperationException("Lua's stack is full.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Unpack(nint state)
    {
        var start = Lua.ToBytes(state, 1, out var length);
        var message = new ReadOnlySpan<byte>(start, (int)length);
        if (!PushMessage(state, ref message)) Lua.PushNil(state);
        return 1;
    }

    // What MessagePackWriter writes: arrays, strings, whole numbers.
    private static bool PushMessage(nint state, ref ReadOnlySpan<byte> message)
    {
        EnsureStack(state);
        if (message.IsEmpty) return false;
        var head = message[0];
        message = message[1..];
        switch (head)
        {
            case < 0x80:
                Lua.PushNumber(state, head);
                return true;
            case 0xd3:
                Lua.PushNumber(state, (long)Take(ref message, 8));
                return true;
            case 0xce:
                Lua.PushNumber(state, Take(ref message, 4));
                return true;
            case 0xdd:
                return PushArray(state, (int)Take(ref message, 4), ref message);
            case >= 0xa0 and < 0xc0:
                return PushString(state, head - 0xa0, ref message);
            case 0xda:
                return PushString(state, (int)Take(ref message, 2), ref message);
            case 0xdb:
                return PushString(state, (int)Take(ref message, 4), ref message);
            default:
                return false;
        }
    }

    private static ulong Take(ref ReadOnlySpan<byte> message, int count)
    {
        ulong number = 0;
        foreach (var part in message[..count]) number = (number << 8) | part;
        message = message[count..];
        return number;
    }

    private static bool PushString(nint state, int length, ref ReadOnlySpan<byte> message)
    {
        fixed (byte* text = message) Lua.PushBytes(state, text, (nuint)length);
        message = message[length..];
        return true;
    }

    private static bool PushArray(nint state, int count, ref ReadOnlySpan<byte> message)
    {
        Lua.CreateTable(state, count, 0);
        for (var i = 1; i <= count; i++)
        {
            if (!PushMessage(state, ref message)) return false;
            Lua.RawSet(state, -2, i);
        }

        return true;
    }
}
