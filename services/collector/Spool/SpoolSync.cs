using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace WgMonitor.Collector.Spool;

/// <summary>
/// One thread that waits for the disk on behalf of all partitions: while it flushes one file, the others collect batches, so that a flush is shared by
/// whatever came meanwhile. Threads of the pool are never held up by the disk.
/// </summary>
internal sealed class SpoolSync : IDisposable
{
    private readonly BlockingCollection<(SafeFileHandle File, TaskCompletionSource<bool> Done)> requests = [];

    public SpoolSync() => new Thread(Run) { IsBackground = true, Name = "spool-sync" }.Start();

    /// <summary>Ends with true when all that was written to the file is on the disk, with false when the disk refused.</summary>
    public Task<bool> FlushAsync(SafeFileHandle file)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        requests.Add((file, done));
        return done.Task;
    }

    public void Dispose() => requests.CompleteAdding();

    private void Run()
    {
        foreach (var (file, done) in requests.GetConsumingEnumerable())
        {
            try
            {
                RandomAccess.FlushToDisk(file);
                done.SetResult(true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // Closed meanwhile: it was flushed then, or dropped to make room.
                done.SetResult(exception is ObjectDisposedException);
            }
        }
    }
}
