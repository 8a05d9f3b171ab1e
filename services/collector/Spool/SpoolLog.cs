namespace WgMonitor.Collector.Spool;

/// <summary>Log messages of the spool, ids 1040 to 1059.</summary>
internal static partial class SpoolLog
{
    [LoggerMessage(1060, LogLevel.Information, "Spool {Directory}: {Events} events of {Segments} files wait for Redis to say which of them it has; durability {Durability}.")]
    public static partial void Opened(ILogger logger, string directory, long events, int segments, Durability durability);

    [LoggerMessage(1061, LogLevel.Warning, "Spool: {Path} is no file and is left alone.")]
    public static partial void NoFile(ILogger logger, string path);

    [LoggerMessage(1062, LogLevel.Warning, "Spool: {Path} cannot be removed: {Reason}")]
    public static partial void NotRemoved(ILogger logger, string path, string reason);

    [LoggerMessage(1063, LogLevel.Error, "Spool: the disk refuses what is written, lines are now only as safe as in memory: {Reason}")]
    public static partial void WriteFailed(ILogger logger, string reason);

    [LoggerMessage(1064, LogLevel.Information, "Spool: the disk takes what is written again.")]
    public static partial void WriteRecovered(ILogger logger);

    [LoggerMessage(1065, LogLevel.Error, "Spool: no room left in {BytesMax} bytes; {Consequence}.")]
    public static partial void Full(ILogger logger, long bytesMax, string consequence);

    [LoggerMessage(1066, LogLevel.Warning, "Partition {Partition}: Redis lost what it had behind batch {Mark}; what the spool still holds is sent again.")]
    public static partial void Rewound(ILogger logger, int partition, long mark);

    [LoggerMessage(1067, LogLevel.Information, "Partition {Partition}: {Events} events stay in the spool for the next start.")]
    public static partial void Left(ILogger logger, int partition, long events);

    [LoggerMessage(1068, LogLevel.Error, "Partition {Partition}: Redis knows batch {Mark} of this spool, which never was sent from here: another collector runs on a copy of it. Remove the copy.")]
    public static partial void Foreign(ILogger logger, int partition, long mark);

    [LoggerMessage(1069, LogLevel.Warning, "Spool: {Path} cannot be read, its rest is skipped: {Reason}")]
    public static partial void ReadFailed(ILogger logger, string path, string reason);

    [LoggerMessage(1070, LogLevel.Warning, "Spool: {Path} belongs to another spool and is left alone.")]
    public static partial void OtherSpool(ILogger logger, string path);
}
