namespace WgMonitor.Collector.Kernel;

/// <summary>
/// What the flags of dynamic debug put before the module's prefix, always in the order thread, module, function, file, line:
/// nothing (<c>+p</c>), <c>wg_peer_create:63: </c> (<c>+pfl</c>), <c>[219] wireguard:wg_peer_create:63: </c> or <c>&lt;intr&gt; …</c> (<c>+pmflt</c>),
/// <c>drivers/net/wireguard/peer.c:63: </c> (<c>+psl</c>, Linux 6.6 and later).
/// </summary>
/// <remarks>Source: lib/dynamic_debug.c, dynamic_emit_prefix.</remarks>
internal static class DynamicDebugPrefix
{
    /// <summary>PREFIX_SIZE in lib/dynamic_debug.c is 64, and 128 since 6.6.</summary>
    private const int DecorationBytesMax = 128;

    /// <summary>True when <paramref name="text"/> is a possible decoration followed by <paramref name="module"/>; what follows is the message.</summary>
    public static bool Strip(ReadOnlySpan<byte> text, ReadOnlySpan<byte> module, out ReadOnlySpan<byte> message)
    {
        message = default;
        var at = text[..Math.Min(text.Length, DecorationBytesMax + module.Length)].IndexOf(module);
        if (at < 0 || !IsDecoration(text[..at], module[..^1])) return false;
        message = text[(at + module.Length)..];
        return true;
    }

    private static bool IsDecoration(ReadOnlySpan<byte> text, ReadOnlySpan<byte> module)
    {
        if (text.IsEmpty) return true;
        text = StripThread(text);
        if (text.IsEmpty) return true;
        if (text[^1] != ' ') return false;
        text = text[..^1];
        if (text.StartsWith(module)) text = text[module.Length..];
        text = StripPart(text, IsFunction);
        text = StripPart(text, IsFile);
        return StripPart(text, IsLine).IsEmpty;
    }

    /// <summary><c>[158] </c> or <c>&lt;intr&gt; </c>.</summary>
    private static ReadOnlySpan<byte> StripThread(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("<intr> "u8)) return text["<intr> "u8.Length..];
        var close = text.IndexOf("] "u8);
        return close > 1 && text[0] == '[' && IsLine(text[1..close]) ? text[(close + 2)..] : text;
    }

    private delegate bool PartTest(ReadOnlySpan<byte> part);

    private static ReadOnlySpan<byte> StripPart(ReadOnlySpan<byte> text, PartTest isPart)
    {
        var colon = text.IndexOf((byte)':');
        return colon > 0 && isPart(text[..colon]) ? text[(colon + 1)..] : text;
    }

    private static bool IsFunction(ReadOnlySpan<byte> part)
    {
        foreach (var b in part)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != '_') return false;
        }
        return !IsLine(part);
    }

    private static bool IsFile(ReadOnlySpan<byte> part)
    {
        foreach (var b in part)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'_' or (byte)'.' or (byte)'/' or (byte)'-')) return false;
        }
        return part.EndsWith(".c"u8);
    }

    private static bool IsLine(ReadOnlySpan<byte> part) => !part.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
