using WgMonitor.Archive;

namespace WgMonitor.Api.Status;

/// <summary>What is wrong with the archive, as far as it was read: a sentence a file.</summary>
internal sealed class ArchiveWarnings(ArchiveOptions options, TimeProvider time, ILogger<ArchiveWarnings> logger)
{
    /// <summary>Files that are read are told here when they are damaged.</summary>
    public ArchiveDamage Damage { get; } = new(time, found => logger.ArchiveDamaged(found.Message));

    public IReadOnlyList<string> Read()
    {
        if (!options.IsOn) return [];
        if (!Directory.Exists(options.Directory)) return [$"there is no directory {options.Directory} (archive.directory): what is trimmed from the log cannot be asked for. The API needs to read what the projector writes there"];
        return Damage.Sentences;
    }
}
