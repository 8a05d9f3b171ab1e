using WgMonitor.Archive;

namespace WgMonitor.Projector.Archiving;

/// <summary>The archive's directory cannot be used. The message says why and what to do; the process ends with 78.</summary>
public sealed class ArchiveUnusableException(string message) : Exception(message);

/// <summary>Looks at the start whether a file can be written where the archive is to be: hours later, when the first is due, nobody would look.</summary>
internal sealed class ArchiveDirectoryCheck(ArchiveOptions options) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.IsOn) return;
        var directory = Path.GetFullPath(options.Directory!);
        var file = Path.Combine(directory, $".written-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(directory);
            await File.WriteAllBytesAsync(file, "x"u8.ToArray(), stoppingToken);
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ArchiveUnusableException($"archive.directory {directory} cannot be written: {exception.Message} Make it writable for this user, or name another.");
        }
    }
}
