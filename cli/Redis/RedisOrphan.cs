using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace WgMonitor.Cli.Redis;

/// <summary>
/// The redis-server that a killed wgmonitor left behind. We hold the lock of the data directory, so one that works in its folder belongs to nobody any
/// more. It is asked to end (it writes its data first) and waited for; it is never killed.
/// </summary>
internal static partial class RedisOrphan
{
    private const int PathBytesMax = 4096;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns once no redis-server works in the folder.</summary>
    /// <exception cref="CannotStartException">It does not end.</exception>
    public static async Task EndAsync(RedisHome home, ILogger logger, TimeProvider time, CancellationToken stop)
    {
        var folder = RealPath(home.Directory);
        var found = Find(folder);
        foreach (var processId in found)
        {
            logger.OrphanFound(processId, home.Directory);
            ProcessSignal.Terminate(processId);
        }

        var begin = time.GetTimestamp();
        for (; found.Count > 0; found = Find(folder))
        {
            if (time.GetElapsedTime(begin) > EndLimit)
                throw new CannotStartException($"The redis-server of an earlier run (process {found[0]}) still uses {home.Directory} and does not end: end it by hand, then start again.");
            await Task.Delay(LookInterval, time, stop);
        }
    }

    /// <summary>
    /// Servers whose working directory is the folder. Not by a pid file: numbers are used again, and Redis removes its pid file before it has closed
    /// (and unlinked) its socket.
    /// </summary>
    private static List<int> Find(string folder)
    {
        List<int> found = [];
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var processId) && WorksIn(folder, directory)) found.Add(processId);
        }

        return found;
    }

    private static bool WorksIn(string folder, string process)
    {
        try
        {
            return new FileInfo($"{process}/cwd").LinkTarget == folder && File.ReadAllText($"{process}/comm").AsSpan().Trim() is "redis-server" or "valkey-server";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or belongs to somebody else.
            return false;
        }
    }

    /// <summary>The kernel shows working directories without symbolic links; the data directory may lie behind one.</summary>
    private static string RealPath(string path)
    {
        var resolved = new byte[PathBytesMax];
        return ResolvePath(path, resolved) == 0 ? path : Encoding.UTF8.GetString(resolved.AsSpan(0, resolved.AsSpan().IndexOf((byte)0)));
    }

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ResolvePath(string path, [Out] byte[] resolved);
}
