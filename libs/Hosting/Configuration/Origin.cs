namespace WgMonitor.Hosting;

/// <summary>Where a setting came from; prints as <c>config.toml:14:9</c>, <c>WGMONITOR__REDIS__URL</c> or <c>default</c>.</summary>
/// <param name="Source">File as it was named, or environment variable, or <c>default</c>.</param>
/// <param name="Line">Line in the file, from 1; 0 when the source is no file.</param>
/// <param name="Column">Column in the file, from 1; 0 when the source is no file.</param>
public readonly record struct Origin(string Source, int Line = 0, int Column = 0)
{
    /// <summary>Nobody set it: the value of the options class.</summary>
    public static Origin Default { get; } = new("default");

    /// <summary>True for a place in the configuration file.</summary>
    public bool IsFile => Line > 0;

    /// <summary>True when nobody set it.</summary>
    public bool IsDefault => this == Default;

    /// <inheritdoc/>
    public override string ToString() => IsFile ? $"{Source}:{Line}:{Column}" : Source;
}
