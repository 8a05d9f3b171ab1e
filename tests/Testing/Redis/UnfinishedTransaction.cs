using System.Text;

namespace WgMonitor.Testing;

/// <summary>What a redis-server leaves in its append-only file when it is killed while it writes a transaction: the beginning, a whole command, half of another.</summary>
public static class UnfinishedTransaction
{
    /// <summary>The key of the whole command.</summary>
    public const string Key = "unfinished";

    /// <summary>Writes it to the end of the log.</summary>
    /// <param name="dataDirectory">Of a server that does not run.</param>
    public static void AppendTo(string dataDirectory)
    {
        string log = Directory.GetFiles(Path.Combine(dataDirectory, "appendonlydir"), "*.incr.aof").Order().Last();
        File.AppendAllText(log, Command("MULTI") + Command("SET", Key, "1") + Command("SET", "half", "1")[..^7], Encoding.ASCII);
    }

    private static string Command(params string[] words) => $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"));
}
