namespace WgMonitor.Cli.Redis;

/// <summary>A line that redis-server prints: <c>9051:M 22 Nov 2026 14:01:00.123 # WARNING Memory overcommit must be enabled! …</c>.</summary>
/// <remarks>Source: serverLogRaw in server.c; the mark is one of <c>. - * #</c> for debug, verbose, notice, warning.</remarks>
internal static class RedisLogLine
{
    /// <summary>What Redis marks as a warning at every start and stop although all is well.</summary>
    private static readonly string[] Routine =
    [
        "oO0OoO0OoO0Oo", "Redis version=", "Valkey version=", "Configuration loaded", "Server initialized", "User requested shutdown",
        "Redis is now ready to exit", "Valkey is now ready to exit",
    ];

    /// <summary>The text, and whether an operator should see it. A line of another form is a fatal error that Redis prints before its log is open.</summary>
    public static (string Message, bool IsWarning) Read(string line)
    {
        var words = line.Split(' ', 7);
        // 9051:signal-handler (1795360364) Received SIGTERM scheduling shutdown...
        if (words[0].EndsWith(":signal-handler", StringComparison.Ordinal)) return (line, false);
        if (words.Length < 7 || words[5].Length != 1 || !words[0].Contains(':', StringComparison.Ordinal)) return (line, true);
        return (words[6], words[5] == "#" && !Routine.Any(start => words[6].StartsWith(start, StringComparison.Ordinal)));
    }
}
