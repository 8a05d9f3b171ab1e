using WgMonitor.Streams;

namespace WgMonitor.Projector;

internal static partial class ProjectorLog
{
    [LoggerMessage(2000, LogLevel.Warning, "Entry {Id} could not be applied ({Reason}) and was parked.")]
    public static partial void EventParked(this ILogger logger, StreamId id, string reason);

    [LoggerMessage(2002, LogLevel.Error, "{Count} entries of partition {Partition}, the first of them {First}, could not be folded into the base snapshot, which goes on without them.")]
    public static partial void LeftOutOfBase(this ILogger logger, int partition, long count, StreamId first);

    [LoggerMessage(2003, LogLevel.Warning, "{Count} hosts of partition {Partition} were told of {Kind}: what is known of them may be incomplete.")]
    public static partial void LossTold(this ILogger logger, int partition, int count, string kind);

    [LoggerMessage(2004, LogLevel.Warning, "What was lost of partition {Partition} could not be told yet; the next round goes on with it.")]
    public static partial void LossTellingLate(this ILogger logger, Exception exception, int partition);

    [LoggerMessage(2020, LogLevel.Information, "{Entries} entries of partition {Partition} archived in {Files} files of {Bytes} bytes, up to {Last}.")]
    public static partial void Archived(this ILogger logger, long entries, int partition, int files, long bytes, StreamId last);

    [LoggerMessage(2021, LogLevel.Error, "Entries of partition {Partition} between {After} and {Before} were gone before they could be archived.")]
    public static partial void ArchiveGap(this ILogger logger, int partition, StreamId after, StreamId before);

    [LoggerMessage(2022, LogLevel.Error, "Partition {Partition} cannot be archived ({Reason}). Its log is not trimmed until it can; trying again.")]
    public static partial void ArchiveFailed(this ILogger logger, Exception exception, int partition, string reason);

    [LoggerMessage(2023, LogLevel.Error, "The base snapshot of partition {Partition} begins at {First}, behind {Removed} entries that are gone: it is incomplete. wgmonitor replay --from-archive makes it anew.")]
    public static partial void BaseIncomplete(this ILogger logger, int partition, StreamId first, long removed);

    [LoggerMessage(2001, LogLevel.Warning, "History points of partition {Partition} could not be written; the next round goes on from what is stored.")]
    public static partial void HistoryPointsLate(this ILogger logger, Exception exception, int partition);

    [LoggerMessage(2030, LogLevel.Information, "{Count} peers of host {Host} are kept as hashes wireguard_peer:N too (compat.legacy_hashes), and from now on what changes of them.")]
    public static partial void LegacyHashesWritten(this ILogger logger, int count, string host);
}
