namespace WgMonitor.Cli.Up;

/// <summary>
/// The one directory that <c>wgmonitor up</c> writes to, held by one live process. The lock is the kernel's (flock): it ends with the process,
/// however that ends.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>EAGAIN: how the runtime reports a lock that somebody else holds.</summary>
    private const int HeldByOther = 11;

    private readonly FileStream heldLock;

    private DataDirectory(string path, FileStream heldLock) => (Path, this.heldLock) = (path, heldLock);

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Makes the directory (mode 700; an existing one is left as it is) and takes its lock.</summary>
    /// <exception cref="CannotStartException">Another process holds it, or it cannot be written.</exception>
    public static DataDirectory Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
            var pidFile = System.IO.Path.Combine(path, "wgmonitor.pid");
            var heldLock = TakeLock(path, pidFile);
            File.WriteAllText(pidFile, $"{Environment.ProcessId}\n");
            return new(path, heldLock);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The data directory {path} cannot be used: {exception.Message} Choose another one with --data-dir.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => heldLock.Dispose();

    private static FileStream TakeLock(string path, string pidFile)
    {
        try
        {
            return new(System.IO.Path.Combine(path, "wgmonitor.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult == HeldByOther)
        {
            var holder = File.Exists(pidFile) ? $" (process {File.ReadAllText(pidFile).Trim()})" : "";
            throw new CannotStartException($"Another wgmonitor{holder} uses the data directory {path}: stop it, or choose another directory with --data-dir.");
        }
    }
}
