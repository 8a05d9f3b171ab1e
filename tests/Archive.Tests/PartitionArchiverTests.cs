using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Archive.Tests;

public class PartitionArchiverTests(SharedRedis shared)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_day_that_is_over_is_one_file_and_nothing_is_missing()
    {
        using var log = await ArchivedLog.CreateAsync(shared.Server);
        await log.AppendAsync(Noon, 0, 250);
        await log.ArchiveAsync();
        Assert.Equal(3, log.Files.Count(file => file.StartsWith("2026-11-22.after-", StringComparison.Ordinal) && file.EndsWith(".parquet", StringComparison.Ordinal)));
        await log.AppendAsync(Noon.AddHours(12), 250, 120);
        await log.ArchiveAsync();

        Assert.Single(log.Files, file => file.StartsWith("2026-11-22.", StringComparison.Ordinal) && file.EndsWith(".parquet", StringComparison.Ordinal));
        Assert.Contains("2026-11-22.json", log.Files);
        Assert.Equal(await log.LogTextAsync(), await log.ArchiveTextAsync());
        var extent = new ArchiveReader(log.Archive.Directory!).Extent(0);
        Assert.Equal((true, 370L, 0), (extent.IsFromTheBeginning, extent.EntriesAdded, extent.Gaps.Count));
    }

    [Fact]
    public async Task Nothing_is_written_before_it_is_worth_a_file_or_has_to_go()
    {
        using var log = await ArchivedLog.CreateAsync(shared.Server, options => options.FileAge = TimeSpan.FromDays(1));
        var now = (await log.Extents.ReadAsync(0, false, default)).Now;
        var keepAll = new RetentionCut(long.MaxValue, StreamId.Zero, 0);
        await log.AppendAsync(DateTimeOffset.FromUnixTimeMilliseconds(now), 0, 99);

        Assert.Equal(0, (await log.ArchiveAsync(keepAll))!.Entries);
        Assert.Equal(99, (await log.ArchiveAsync(keepAll with { EntriesMax = 98 }))!.Entries);
        await log.AppendAsync(DateTimeOffset.FromUnixTimeMilliseconds(now), 99, 99);
        Assert.Equal(0, (await log.ArchiveAsync(keepAll with { OlderThan = new(now, 0) }))!.Entries);
        Assert.Equal(99, (await log.ArchiveAsync(keepAll with { OlderThan = new(now + 1, 0) }))!.Entries);
        await log.AppendAsync(DateTimeOffset.FromUnixTimeMilliseconds(now), 198, 100);
        Assert.Equal(100, (await log.ArchiveAsync(keepAll))!.Entries);
    }

    [Fact]
    public async Task Killed_at_random_reads_and_left_in_every_state_of_a_publication_it_leaves_no_hole_and_nothing_twice()
    {
        var random = new Random(Seed.Print());
        using var log = await ArchivedLog.CreateAsync(shared.Server, options => options.FileEntries = 40);
        var expected = new List<string>();
        var number = 0;
        for (var round = 0; round < 40; round++)
        {
            var count = random.Next(1, 90);
            await log.AppendAsync(Noon.AddHours(2 * round), number, count);
            number += count;
            try
            {
                await log.ArchiveAsync(new DyingReader(log.Reader, random.Next(12)));
            }
            catch (IOException exception) when (exception.Message == "killed")
            {
            }
            await UnfinishAsync(log, random);
            expected.AddRange((await log.LogTextAsync()).Except(expected).ToList());
            // As far as the trimmer may go.
            var checkpoint = await log.Claims().ReadCheckpointAsync(0, "archive");
            await log.TrimAsync((await log.Reader.ReadForwardAsync(0, StreamId.Zero, checkpoint == StreamId.Zero ? new(1, 0) : checkpoint, 100_000, default)).Count / 2);
        }
        await log.ArchiveAsync();

        Assert.Equal(expected, await log.ArchiveTextAsync());
        var all = new ArchivedLogReader(new ArchiveReader(log.Archive.Directory!), log.Reader, log.Extents);
        Assert.Equal(expected, (await ArchivedLog.AllAsync(all)).Select(CorpusEntries.Text));
        Assert.Empty(await all.GapsAsync(0, default));
        Assert.DoesNotContain(log.Files, file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    /// <summary>A state in which a kill can leave the folder: the last file not renamed, an unpublished one, the checkpoint not moved yet.</summary>
    private static async Task UnfinishAsync(ArchivedLog log, Random random)
    {
        var folder = new ArchiveFolder(log.Archive.Directory!, 0);
        if (folder.ReadAll() is not [.., var last]) return;
        if (random.Next(3) == 0) File.Move(folder.PathOf(last.File), folder.PathOf(last.WrittenFile));
        if (random.Next(3) == 0) await File.WriteAllTextAsync(folder.PathOf($"{last.Day:yyyy-MM-dd}.after-{last.Last}.0123abcd.parquet.tmp"), "half a file");
        if (random.Next(3) == 0) await log.Connection.GetDatabase().StringSetAsync(log.Keys.Checkpoint(0, "archive"), last.After.ToString());
    }

    [Fact]
    public async Task Of_two_processes_one_archives()
    {
        using var log = await ArchivedLog.CreateAsync(shared.Server);
        await log.AppendAsync(Noon, 0, 100);
        await using var other = await log.Claims().TryClaimAsync(0, "archive");

        Assert.Null(await log.ArchiveAsync());
    }

    [Fact]
    public async Task A_former_owner_that_wakes_up_late_cannot_publish_what_its_successor_has()
    {
        using var log = await ArchivedLog.CreateAsync(shared.Server);
        await log.AppendAsync(Noon, 0, 60);
        var folder = new ArchiveFolder(log.Archive.Directory!, 0);
        // The former owner has written its file and sleeps before it publishes.
        await using var writer = ArchiveFileWriter.Create(folder, new DateOnly(2026, 11, 22), StreamId.Zero);
        foreach (var entry in await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 1000, default)) await writer.AddAsync(entry, default);
        var late = await writer.CompleteAsync(StreamId.Zero, [], 60, isWholeDay: false, default);

        await log.AppendAsync(Noon, 60, 40);
        await log.ArchiveAsync();
        Assert.False(folder.Publish(late));

        Assert.Equal(await log.LogTextAsync(), await log.ArchiveTextAsync());
        await log.ArchiveAsync();
        Assert.Equal(2, log.Files.Count());
    }

    [Fact]
    public async Task What_somebody_else_trimmed_before_it_was_archived_is_told_as_missing()
    {
        using var log = await ArchivedLog.CreateAsync(shared.Server);
        await log.AppendAsync(Noon, 0, 100);
        await log.ArchiveAsync();
        await log.AppendAsync(Noon, 100, 50);
        await log.TrimAsync(120);
        var step = await log.ArchiveAsync();

        ArchiveGap gap = new(new(Noon.ToUnixTimeMilliseconds(), 99), new(Noon.ToUnixTimeMilliseconds(), 120));
        Assert.Equal([gap], step!.Gaps);
        Assert.Equal([gap], new ArchiveReader(log.Archive.Directory!).Extent(0).Gaps);
        Assert.Equal(130, (await log.ArchiveTextAsync()).Count);
        // It is still told when the day is one file.
        await log.AppendAsync(Noon.AddDays(1), 150, 100);
        await log.ArchiveAsync();
        Assert.Equal([gap], new ArchiveReader(log.Archive.Directory!).Extent(0).Gaps);
    }

    [Fact]
    public async Task Between_archive_and_log_nothing_may_be_missing_either()
    {
        using var log = await ArchivedLog.CreateAsync(shared.Server);
        await log.AppendAsync(Noon, 0, 150);
        await log.ArchiveAsync(new RetentionCut(long.MaxValue, new(1, 0), 0));
        var both = new ArchivedLogReader(new ArchiveReader(log.Archive.Directory!), log.Reader, log.Extents);
        await log.TrimAsync(100);
        Assert.Empty(await both.GapsAsync(0, default));
        var last = new ArchiveReader(log.Archive.Directory!).Extent(0).Last;

        await log.TrimAsync(40);
        await log.AppendAsync(Noon, 150, 50);
        await log.TrimAsync(20);
        Assert.Equal(last.Sequence >= 159 ? [] : [new ArchiveGap(last, new(Noon.ToUnixTimeMilliseconds(), 160))], await both.GapsAsync(0, default));
    }

    [Fact]
    public async Task Days_longer_ago_than_is_kept_are_deleted_and_the_beginning_is_told_as_missing()
    {
        using var log = await ArchivedLog.CreateAsync(shared.Server, options => options.Keep = TimeSpan.FromDays(3));
        var today = DateTimeOffset.FromUnixTimeMilliseconds((await log.Extents.ReadAsync(0, false, default)).Now);
        for (var day = 0; day < 6; day++) await log.AppendAsync(today.AddDays(day - 5), day * 100, 100);
        await log.ArchiveAsync();
        for (var round = 0; round < 6; round++) await log.ArchiveAsync();

        var extent = new ArchiveReader(log.Archive.Directory!).Extent(0);
        Assert.Equal(200, extent.First.Sequence);
        Assert.False(extent.IsFromTheBeginning);
        Assert.Equal(400, (await log.ArchiveTextAsync()).Count);
    }
}
