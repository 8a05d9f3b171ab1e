using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace WgMonitor.Archive;

/// <summary>Puts the names in a directory on the disk: a file whose name a power failure took is lost, however often it was flushed itself.</summary>
/// <remarks>.NET opens no directories, hence open(2). Source: fsync(2).</remarks>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Flush(string directory)
    {
        using var handle = new SafeFileHandle(Open(directory, ReadOnly), ownsHandle: true);
        if (handle.IsInvalid || Synchronize(handle) != 0) throw new IOException($"{directory}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeHandle directory);
}
