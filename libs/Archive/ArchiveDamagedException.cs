namespace WgMonitor.Archive;

/// <summary>A file of the archive is not what was written. The message is a sentence that names it.</summary>
/// <param name="file">Path of the file.</param>
/// <param name="what">What is wrong with it, e.g. <c>its SHA-256 is not the one in its manifest</c>.</param>
/// <param name="innerException">What it failed with.</param>
public sealed class ArchiveDamagedException(string file, string what, Exception? innerException = null)
    : Exception($"{file} is damaged: {what}. Put back an undamaged copy, or move it and its manifest away; what it held is then told as missing.", innerException)
{
    /// <summary>Path of the file.</summary>
    public string File { get; } = file;

    /// <summary>It is not there at all.</summary>
    internal bool IsMissing => InnerException is FileNotFoundException;
}
