using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace WgMonitor.Streams.Tests.Read;

public class LogReaderTests(SharedRedis shared)
{
    [Fact]
    public async Task The_log_is_paged_within_bounds()
    {
        var log = await Log.CreateAsync(shared.Server);
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 10));
        var all = await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 100, default);

        var pages = new List<int[]>();
        await foreach (var page in log.Reader.ReadAllAsync(0, all[1].Id, all[8].Id, 3, default)) pages.Add([.. page.Select(Numbers.Of)]);

        Assert.Equal(Enumerable.Range(0, 10), all.Select(Numbers.Of));
        Assert.Equal([[2, 3, 4], [5, 6, 7], [8]], pages);
    }

    [Fact]
    public async Task Status_of_a_group_that_stands_still_tells_how_far_it_is_behind()
    {
        var log = await Log.CreateAsync(shared.Server);
        Assert.Equal(new StreamStatus(0, "g", 0, default, default, default, 0, 0, null, 0), await log.Status.ReadAsync(0, "g", default));

        await log.AppendAsync(0, "c1", 1, 1, 2, 3);
        var all = await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 100, default);
        await log.Database.StringSetAsync(log.Keys.Checkpoint(0, "g"), all[0].Id.ToString());
        await log.Database.StreamCreateConsumerGroupAsync(log.Keys.Events(0), "g", "0");
        await log.Database.StreamReadGroupAsync(log.Keys.Events(0), "g", "p00", ">", 2);
        await log.Database.StreamAcknowledgeAsync(log.Keys.Events(0), "g", all[0].Id.ToString());
        var status = await log.Status.ReadAsync(0, "g", default);

        Assert.Equal((3, all[0].Id, all[2].Id, all[0].Id, 2L), (status.Entries, status.FirstId, status.LastId, status.Checkpoint, status.LagEntries));
        Assert.InRange(status.LagSeconds, 0, 60);
    }

    [Fact]
    public async Task Trimming_keeps_what_a_registered_group_has_not_applied()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.RetentionEntriesMax = 1000);
        await log.AppendAsync(0, "c1", 1, Enumerable.Range(0, 5000));
        var all = await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 5000, default);
        var trimmer = new StreamTrimmer(log.Connection, log.Keys, new TrimGroups(["a", "b"], []), null, Options.Create(log.Settings), log.Metrics, TimeProvider.System, NullLogger<StreamTrimmer>.Instance);
        async Task<int> OldestAsync() => Numbers.Of((await log.Reader.ReadForwardAsync(0, StreamId.Zero, StreamId.Max, 1, default))[0]);

        await log.Database.StringSetAsync(log.Keys.Checkpoint(0, "a"), all[4999].Id.ToString());
        Assert.Equal(0, await trimmer.TrimAsync(0, default));
        await log.Database.StringSetAsync(log.Keys.Checkpoint(0, "b"), all[700].Id.ToString());
        Assert.InRange(await trimmer.TrimAsync(0, default), 500, 700);
        Assert.InRange(await OldestAsync(), 500, 700);
        await log.Database.StringSetAsync(log.Keys.Checkpoint(0, "b"), all[4999].Id.ToString());
        await trimmer.TrimAsync(0, default);
        Assert.InRange(await log.Database.StreamLengthAsync(log.Keys.Events(0)), 1000, 1200);
    }
}
