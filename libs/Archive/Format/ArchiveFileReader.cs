using System.Security.Cryptography;
using Parquet;

namespace WgMonitor.Archive;

/// <summary>Reads back what <see cref="ArchiveFileWriter"/> wrote, and says so when it is something else.</summary>
internal static class ArchiveFileReader
{
    /// <summary>Compares the whole file with its manifest.</summary>
    /// <exception cref="ArchiveDamagedException">It is missing, or differs.</exception>
    public static async Task VerifyAsync(ArchiveFolder folder, ArchiveManifest manifest, CancellationToken cancellationToken)
    {
        await using var stream = Open(folder, manifest);
        if (stream.Length != manifest.Bytes) throw new ArchiveDamagedException(stream.Name, $"it has {stream.Length} bytes, and its manifest says {manifest.Bytes}");
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        if (hash != manifest.Sha256) throw new ArchiveDamagedException(stream.Name, $"its SHA-256 is {hash}, and its manifest says {manifest.Sha256}");
    }

    /// <summary>The entries of a row group.</summary>
    /// <exception cref="ArchiveDamagedException">They are not those that the manifest names.</exception>
    public static async Task<EntryRows> ReadAsync(ArchiveFolder folder, ArchiveManifest manifest, int index, CancellationToken cancellationToken)
    {
        await using var stream = Open(folder, manifest);
        try
        {
            await using var parquet = await ParquetReader.CreateAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false);
            using var group = parquet.OpenRowGroupReader(index);
            var expected = manifest.RowGroups[index];
            if (group.RowCount != expected.Rows) throw new ArchiveDamagedException(stream.Name, $"row group {index} has {group.RowCount} rows, and its manifest says {expected.Rows}");
            var rows = await ReadAsync(group, expected.Rows, cancellationToken).ConfigureAwait(false);
            if (rows.IdOf(0) != expected.First || rows.IdOf(rows.Count - 1) != expected.Last)
                throw new ArchiveDamagedException(stream.Name, $"row group {index} goes from {rows.IdOf(0)} to {rows.IdOf(rows.Count - 1)}, and its manifest says {expected.First} to {expected.Last}");
            return rows;
        }
        catch (Exception exception) when (exception is not (ArchiveDamagedException or OperationCanceledException or OutOfMemoryException))
        {
            // The library answers bytes that it cannot make sense of with whatever exception it runs into.
            throw new ArchiveDamagedException(stream.Name, $"it cannot be read ({exception.Message})", exception);
        }
    }

    private static FileStream Open(ArchiveFolder folder, ArchiveManifest manifest)
    {
        var path = folder.Find(manifest);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (FileNotFoundException exception)
        {
            throw new ArchiveDamagedException(path, "it is missing, and its manifest is there", exception);
        }
    }

    private static async Task<EntryRows> ReadAsync(ParquetRowGroupReader group, int count, CancellationToken cancellationToken)
    {
        var rows = new EntryRows(count);
        await group.ReadAsync<long>(ArchiveColumns.Milliseconds, rows.Milliseconds, cancellationToken: cancellationToken).ConfigureAwait(false);
        await group.ReadAsync<long>(ArchiveColumns.Sequence, rows.Sequence, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var column in ArchiveColumns.All)
        {
            // A version that did not know the field yet wrote the file.
            if (!group.ColumnExists(column.Field)) continue;
            if (column.Kind == ColumnKind.Signed) await group.ReadAsync<long>(column.Field, rows.Signed[column.Slot], cancellationToken: cancellationToken).ConfigureAwait(false);
            else if (column.Kind == ColumnKind.Unsigned) await group.ReadAsync<ulong>(column.Field, rows.Unsigned[column.Slot], cancellationToken: cancellationToken).ConfigureAwait(false);
            else await group.ReadAsync(column.Field, rows.Texts[column.Slot]!, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        await group.ReadAsync(ArchiveColumns.Fields, rows.Fields!, cancellationToken: cancellationToken).ConfigureAwait(false);
        rows.Filled();
        return rows;
    }
}
