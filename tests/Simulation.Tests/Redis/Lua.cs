using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>The C interface of Lua 5.1, the version that Redis embeds (Debian: liblua5.1-0).</summary>
/// <remarks>Source: lua.h and lauxlib.h of Lua 5.1.</remarks>
internal static unsafe partial class Lua
{
    public const int Registry = -10000;
    public const int Globals = -10002;
    public const int TypeNil = 0, TypeBoolean = 1, TypeNumber = 3, TypeString = 4, TypeTable = 5;

    private const string Library = "liblua5.1.so.0";

    [LibraryImport(Library, EntryPoint = "luaL_newstate")]
    public static partial nint NewState();

    [LibraryImport(Library, EntryPoint = "luaL_openlibs")]
    public static partial void OpenLibraries(nint state);

    [LibraryImport(Library, EntryPoint = "luaL_loadbuffer")]
    public static partial int LoadBuffer(nint state, byte* text, nuint length, byte* name);

    [LibraryImport(Library, EntryPoint = "luaL_ref")]
    public static partial int Reference(nint state, int table);

    [LibraryImport(Library, EntryPoint = "lua_pcall")]
    public static partial int ProtectedCall(nint state, int arguments, int results, int handler);

    [LibraryImport(Library, EntryPoint = "lua_gettop")]
    public static partial int Top(nint state);

    [LibraryImport(Library, EntryPoint = "lua_settop")]
    public static partial void SetTop(nint state, int top);

    [LibraryImport(Library, EntryPoint = "lua_checkstack")]
    public static partial int CheckStack(nint state, int size);

    [LibraryImport(Library, EntryPoint = "lua_type")]
    public static partial int TypeOf(nint state, int index);

    [LibraryImport(Library, EntryPoint = "lua_toboolean")]
    public static partial int ToBoolean(nint state, int index);

    [LibraryImport(Library, EntryPoint = "lua_tonumber")]
    public static partial double ToNumber(nint state, int index);

    [LibraryImport(Library, EntryPoint = "lua_tolstring")]
    public static partial byte* ToBytes(nint state, int index, out nuint length);

    [LibraryImport(Library, EntryPoint = "lua_pushnil")]
    public static partial void PushNil(nint state);

    [LibraryImport(Library, EntryPoint = "lua_pushboolean")]
    public static partial void PushBoolean(nint state, int value);

    [LibraryImport(Library, EntryPoint = "lua_pushnumber")]
    public static partial void PushNumber(nint state, double value);

    [LibraryImport(Library, EntryPoint = "lua_pushlstring")]
    public static partial void PushBytes(nint state, byte* text, nuint length);

    [LibraryImport(Library, EntryPoint = "lua_pushcclosure")]
    public static partial void PushFunction(nint state, nint function, int upvalues);

    [LibraryImport(Library, EntryPoint = "lua_createtable")]
    public static partial void CreateTable(nint state, int array, int fields);

    [LibraryImport(Library, EntryPoint = "lua_rawgeti")]
    public static partial void RawGet(nint state, int table, int index);

    [LibraryImport(Library, EntryPoint = "lua_rawseti")]
    public static partial void RawSet(nint state, int table, int index);

    [LibraryImport(Library, EntryPoint = "lua_getfield", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void GetField(nint state, int table, string name);

    [LibraryImport(Library, EntryPoint = "lua_setfield", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetField(nint state, int table, string name);

    public static void Pop(nint state, int count) => SetTop(state, -count - 1);

    /// <summary>A string of bytes, one a letter (Latin-1).</summary>
    [SkipLocalsInit]
    public static void PushText(nint state, string text)
    {
        Span<byte> bytes = text.Length <= 512 ? stackalloc byte[512] : new byte[text.Length];
        System.Text.Encoding.Latin1.GetBytes(text, bytes);
        fixed (byte* start = bytes) PushBytes(state, start, (nuint)text.Length);
    }

    public static string Text(nint state, int index)
    {
        var bytes = ToBytes(state, index, out var length);
        return System.Text.Encoding.Latin1.GetString(bytes, (int)length);
    }
}
