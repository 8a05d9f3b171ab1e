using System.Globalization;

namespace WgMonitor.Collector.Listeners;

/// <summary>How many files, sockets among them, this process may have open.</summary>
internal static class OpenFiles
{
    private const string Limit = "Max open files";

    /// <summary>Soft limit, which .NET raises to the hard one at the start; a large number where the system does not tell.</summary>
    /// <remarks><c>Max open files            1024                 524288               files</c> in /proc/self/limits, fs/proc/base.c.</remarks>
    public static long Max()
    {
        try
        {
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Limit, StringComparison.Ordinal));
            var words = line?[Limit.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            return words.Length > 0 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
        }
        catch (IOException)
        {
            return int.MaxValue;
        }
    }
}
