using System.Security.Cryptography;
using Parquet;
using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>Writes one Parquet file, a row group after the other. It does not count before <see cref="ArchiveFolder.Publish"/>; disposed before, it is deleted.</summary>
internal sealed class ArchiveFileWriter : IAsyncDisposable
{
    /// <summary>More rows compress little better, and a reader holds as many in memory.</summary>
    public const int RowsPerGroup = 50_000;

    private static readonly ParquetOptions Options = new() { CompressionMethod = CompressionMethod.Zstd };

    private readonly ArchiveFolder folder;
    private readonly string path;
    private readonly FileStream stream;
    private readonly EntryRows rows = new(RowsPerGroup);
    private readonly List<ArchiveRowGroup> groups = [];
    private ParquetWriter? parquet;
    private bool isComplete;

    private ArchiveFileWriter(ArchiveFolder folder, string file)
    {
        this.folder = folder;
        File = file;
        path = folder.PathOf(file + ".tmp");
        stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
    }

    /// <summary>Name of the file once it counts.</summary>
    public string File { get; }

    public long Rows => groups.Sum(group => (long)group.Rows) + rows.Count;

    /// <summary>Begins a file. The middle of its name is what its manifest is called; its end is random, so that nobody else writes the same.</summary>
    public static ArchiveFileWriter Create(ArchiveFolder folder, DateOnly day, StreamId? after)
    {
        Directory.CreateDirectory(folder.Path);
        var name = after is { } position ? $"{day:yyyy-MM-dd}.after-{position}" : $"{day:yyyy-MM-dd}";
        return new(folder, $"{name}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.parquet");
    }

    public async Task AddAsync(StreamEntry entry, CancellationToken cancellationToken)
    {
        rows.Add(entry);
        if (rows.Count == rows.Capacity) await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return;
        parquet ??= await ParquetWriter.CreateAsync(ArchiveColumns.Schema, stream, Options, cancellationToken: cancellationToken).ConfigureAwait(false);
        using (var group = parquet.CreateRowGroup())
        {
            await group.WriteAsync<long>(ArchiveColumns.Milliseconds, rows.Milliseconds.AsMemory(0, rows.Count), cancellationToken: cancellationToken).ConfigureAwait(false);
            await group.WriteAsync<long>(ArchiveColumns.Sequence, rows.Sequence.AsMemory(0, rows.Count), cancellationToken: cancellationToken).ConfigureAwait(false);
            foreach (var column in ArchiveColumns.All) await WriteAsync(group, column, cancellationToken).ConfigureAwait(false);
            await group.WriteAsync(ArchiveColumns.EndpointAddress, Texts(rows.EndpointAddress)).ConfigureAwait(false);
            await group.WriteAsync<int>(ArchiveColumns.EndpointPort, rows.EndpointPort.AsMemory(0, rows.Count), cancellationToken: cancellationToken).ConfigureAwait(false);
            await group.WriteAsync(ArchiveColumns.Fields, Texts(rows.Fields)).ConfigureAwait(false);
        }
        groups.Add(new(rows.IdOf(0), rows.IdOf(rows.Count - 1), rows.Count));
        rows.Clear();
    }

    private async Task WriteAsync(ParquetRowGroupWriter group, ArchiveColumn column, CancellationToken cancellationToken)
    {
        switch (column.Kind)
        {
            case ColumnKind.Signed:
                await group.WriteAsync<long>(column.Field, rows.Signed[column.Slot].AsMemory(0, rows.Count), cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            case ColumnKind.Unsigned:
                await group.WriteAsync<ulong>(column.Field, rows.Unsigned[column.Slot].AsMemory(0, rows.Count), cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            default:
                await group.WriteAsync(column.Field, Texts(rows.Texts[column.Slot])).ConfigureAwait(false);
                break;
        }
    }

    private ArraySegment<string> Texts(string?[] column) => new(column!, 0, rows.Count);

    /// <summary>Ends the file and puts it on the disk. It held at least one entry.</summary>
    /// <param name="after">Entry that its first one follows in the archive.</param>
    /// <param name="gaps">What is known to be missing in the range.</param>
    /// <param name="entriesAdded">Entries the log had ever taken up to the last one; null for not known.</param>
    /// <param name="isWholeDay">No other file of the day counts.</param>
    /// <param name="cancellationToken">Stops; the file is deleted at disposal.</param>
    public async Task<ArchiveManifest> CompleteAsync(
        StreamId after, IReadOnlyList<ArchiveGap> gaps, long? entriesAdded, bool isWholeDay, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await parquet!.DisposeAsync().ConfigureAwait(false);
        parquet = null;
        stream.Flush(flushToDisk: true);
        stream.Position = 0;
        var hash = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
        isComplete = true;
        return new()
        {
            Format = ArchiveManifest.FormatOfThisVersion,
            Partition = folder.Partition,
            Day = ArchiveFolder.DayOf(groups[0].First),
            File = File,
            IsWholeDay = isWholeDay,
            After = after,
            First = groups[0].First,
            Last = groups[^1].Last,
            Rows = Rows,
            Bytes = stream.Length,
            Sha256 = Convert.ToHexStringLower(hash),
            EntriesAdded = entriesAdded,
            Gaps = gaps,
            RowGroups = groups,
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (parquet is not null) await parquet.DisposeAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        if (!isComplete) System.IO.File.Delete(path);
    }
}
