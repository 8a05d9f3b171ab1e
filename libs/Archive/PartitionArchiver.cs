using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>What one step of archiving did.</summary>
/// <param name="Entries">Entries written.</param>
/// <param name="Bytes">Size of the files they are in.</param>
/// <param name="Files">Number of these files.</param>
/// <param name="Last">Entry up to which everything is archived.</param>
/// <param name="Gaps">What was found missing before it could be archived.</param>
public sealed record ArchiveStep(long Entries, long Bytes, int Files, StreamId Last, IReadOnlyList<ArchiveGap> Gaps);

/// <summary>
/// Read this first. Writes what the log of a partition holds into files, in order, each entry once: recover what a killed predecessor left → where does the archive
/// end? → write a file → publish it → move the checkpoint of the group, which lets the log be trimmed → make the files of a past day one → delete days that are too old.
/// </summary>
/// <remarks>
/// It may be killed anywhere. The files themselves say how far the archive reaches; the checkpoint in Redis follows. A former owner that wakes up late cannot publish:
/// the name of a manifest is taken from the entry it goes on from, and a name is given once.
/// </remarks>
/// <param name="options">Directory and bounds.</param>
/// <param name="log">The log.</param>
/// <param name="pageMax">Entries read by one call.</param>
public sealed class PartitionArchiver(ArchiveOptions options, IEntryReader log, int pageMax)
{
    /// <summary>Days with more entries stay in several files: while they are made one, nothing is trimmed.</summary>
    private const long DayEntriesMax = 10_000_000;

    /// <summary>Writes what is due. Call it under a claim of the partition for the archive's group.</summary>
    /// <param name="claim">Its checkpoint is moved.</param>
    /// <param name="extent">The log now.</param>
    /// <param name="cut">What is to be trimmed.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    /// <exception cref="IOException">The disk refuses. Nothing is lost: what is not archived is not trimmed.</exception>
    /// <exception cref="ArchiveDamagedException">A manifest is none, or the files of a day to be made one are damaged.</exception>
    /// <exception cref="PartitionClaimException">Another process works here now.</exception>
    public async Task<ArchiveStep> AdvanceAsync(PartitionClaim claim, LogExtent extent, RetentionCut cut, CancellationToken cancellationToken)
    {
        var folder = new ArchiveFolder(options.Directory!, claim.Partition);
        var files = Recover(folder, claim.Checkpoint).ToList();
        var (entries, bytes, count) = (0L, 0L, 0);
        var gaps = new List<ArchiveGap>();
        if (files.Count > 0 && files[^1].Last > claim.Checkpoint) await claim.SetCheckpointAsync(claim.NewBatch(), files[^1].Last, cancellationToken).ConfigureAwait(false);
        while (await NextAsync(claim, files, extent, cut, cancellationToken).ConfigureAwait(false) is { } next)
        {
            var manifest = await WriteAsync(folder, claim.Checkpoint, next, extent, cancellationToken).ConfigureAwait(false);
            if (claim.Lost.IsCancellationRequested) throw new PartitionClaimException(claim.Partition, claim.Group, new CommitOutcome.LeaseLost());
            if (!folder.Publish(manifest)) break;
            await claim.SetCheckpointAsync(claim.NewBatch(), manifest.Last, cancellationToken).ConfigureAwait(false);
            files.Add(manifest);
            (entries, bytes, count) = (entries + manifest.Rows, bytes + manifest.Bytes, count + 1);
            gaps.AddRange(manifest.Gaps);
        }
        await MakeDayOneAsync(folder, files, cancellationToken).ConfigureAwait(false);
        DeleteOld(folder, files, extent);
        return new(entries, bytes, count, claim.Checkpoint, gaps);
    }

    /// <summary>Puts right what was interrupted, and gives the files that count.</summary>
    private static IReadOnlyList<ArchiveManifest> Recover(ArchiveFolder folder, StreamId checkpoint)
    {
        var all = folder.ReadAll().ToList();
        foreach (var manifest in all) folder.Finish(manifest);
        // Published by somebody who had lost the partition, after its file was cleared away: never acknowledged, so the log still has it.
        foreach (var manifest in all.Where(manifest => manifest.Last > checkpoint && !File.Exists(folder.PathOf(manifest.File))).ToList())
        {
            folder.Delete(manifest);
            all.Remove(manifest);
        }
        var counting = ArchiveFolder.Counting(all);
        foreach (var manifest in all.Except(counting).ToList()) folder.Delete(manifest);
        folder.DeleteUnpublished(counting);
        return counting;
    }

    /// <summary>The first entry of the next file, what is missing before it, and how many entries the log had taken before it; null while no file is due.</summary>
    private sealed record Next(StreamEntry First, IReadOnlyList<ArchiveGap> Gaps, long? AddedBefore);

    private async Task<Next?> NextAsync(PartitionClaim claim, List<ArchiveManifest> files, LogExtent extent, RetentionCut cut, CancellationToken cancellationToken)
    {
        var position = claim.Checkpoint;
        // What is appended meanwhile is for the next round.
        if (await log.ReadForwardAsync(claim.Partition, position, extent.Last, 1, cancellationToken).ConfigureAwait(false) is not [var first]) return null;
        var isOurs = files.Count > 0 && files[^1].Last == position;
        var known = isOurs ? files[^1].EntriesAdded : null;
        // Nothing is removed behind the position but at the ceiling, or by somebody else.
        var addedBefore = first.Id == extent.First ? extent.Removed : known;
        var missing = position == StreamId.Zero ? extent.Removed > 0 : known is { } added && (addedBefore > added || extent.EntriesAdded < added);
        ArchiveGap[] gaps = missing ? [new(position, first.Id)] : [];
        var waiting = extent.EntriesAdded - (addedBefore ?? extent.Removed);
        var isDue = waiting >= options.FileEntries || waiting > cut.EntriesMax || cut.OverCeiling > 0 || first.Id < cut.OlderThan
            || extent.Now - first.Id.Milliseconds >= options.FileAge.TotalMilliseconds || ArchiveFolder.DayOf(first.Id) < ArchiveFolder.DayOf(extent.Last);
        return isDue ? new(first, gaps, addedBefore) : null;
    }

    private async Task<ArchiveManifest> WriteAsync(ArchiveFolder folder, StreamId after, Next next, LogExtent extent, CancellationToken cancellationToken)
    {
        var day = ArchiveFolder.DayOf(next.First.Id);
        await using var writer = ArchiveFileWriter.Create(folder, day, after);
        var position = after;
        while (writer.Rows < options.FileEntries)
        {
            var page = await log.ReadForwardAsync(folder.Partition, position, extent.Last, (int)Math.Min(pageMax, options.FileEntries - writer.Rows), cancellationToken).ConfigureAwait(false);
            foreach (var entry in page.TakeWhile(entry => ArchiveFolder.DayOf(entry.Id) == day))
            {
                await writer.AddAsync(entry, cancellationToken).ConfigureAwait(false);
                position = entry.Id;
            }
            if (page.Count == 0 || page[^1].Id > position) break;
        }
        return await writer.CompleteAsync(after, next.Gaps, next.AddedBefore + writer.Rows, isWholeDay: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes one file of those of the oldest day that is over; one day a step.</summary>
    private static async Task MakeDayOneAsync(ArchiveFolder folder, List<ArchiveManifest> files, CancellationToken cancellationToken)
    {
        var day = files.GroupBy(file => file.Day).FirstOrDefault(day => day.Key < files[^1].Day && IsToBeOne([.. day]))?.ToList();
        if (day is null) return;
        await using var writer = ArchiveFileWriter.Create(folder, day[0].Day, null);
        foreach (var manifest in day)
        {
            await ArchiveFileReader.VerifyAsync(folder, manifest, cancellationToken).ConfigureAwait(false);
            for (var group = 0; group < manifest.RowGroups.Count; group++)
            {
                var rows = await ArchiveFileReader.ReadAsync(folder, manifest, group, cancellationToken).ConfigureAwait(false);
                for (var row = 0; row < rows.Count; row++) await writer.AddAsync(rows.Entry(row), cancellationToken).ConfigureAwait(false);
            }
        }
        var whole = await writer.CompleteAsync(
            day[0].After, [.. day.SelectMany(manifest => manifest.Gaps)], day[^1].EntriesAdded, isWholeDay: true, cancellationToken).ConfigureAwait(false);
        if (!folder.Publish(whole)) return;
        foreach (var manifest in day) folder.Delete(manifest);
        files.RemoveAll(day.Contains);
        files.Insert(files.FindLastIndex(file => file.Last < whole.First) + 1, whole);
    }

    /// <summary>Files that do not follow each other stay: what is missing between them may be put back.</summary>
    private static bool IsToBeOne(List<ArchiveManifest> day) =>
        !day[0].IsWholeDay && day.Sum(manifest => manifest.Rows) <= DayEntriesMax && day.Zip(day.Skip(1)).All(pair => pair.Second.After == pair.First.Last);

    private void DeleteOld(ArchiveFolder folder, List<ArchiveManifest> files, LogExtent extent)
    {
        if (options.Keep == TimeSpan.Zero) return;
        var oldest = ArchiveFolder.DayOf(new StreamId(Math.Max(0, extent.Now - (long)options.Keep.TotalMilliseconds), 0));
        foreach (var manifest in files.TakeWhile(file => file.Day < oldest)) folder.Delete(manifest);
    }
}
