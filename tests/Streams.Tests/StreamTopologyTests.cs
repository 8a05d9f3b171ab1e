using Microsoft.Extensions.Options;
using Xunit;

namespace WgMonitor.Streams.Tests;

public class StreamTopologyTests(SharedRedis shared)
{
    [Fact]
    public async Task The_first_start_fixes_the_partitions_and_another_number_is_refused_with_what_to_do()
    {
        var log = await Log.CreateAsync(shared.Server, options => options.Partitions = 4);

        await Topology(log, 4).EnsureAsync(default);
        await Topology(log, 4).EnsureAsync(default);
        var refused = await Assert.ThrowsAsync<StreamTopologyException>(() => Topology(log, 8).EnsureAsync(default));

        Assert.Equal(
            $"The log '{log.Keys.Prefix}' in Redis was made with 4 partitions, but stream.partitions is 8: set stream.partitions = 4, or stop all services and run `wgmonitor repartition 8`.",
            refused.Message);
    }

    [Fact]
    public async Task A_log_of_another_format_is_refused()
    {
        var log = await Log.CreateAsync(shared.Server);
        await log.Database.HashSetAsync(log.Keys.Meta, [new("partitions", 1), new("format", 2)]);

        var refused = await Assert.ThrowsAsync<StreamTopologyException>(() => Topology(log, 1).EnsureAsync(default));

        Assert.Contains("has format 2", refused.Message);
    }

    [Fact]
    public async Task A_foreign_key_is_refused()
    {
        var log = await Log.CreateAsync(shared.Server);
        await log.Database.StringSetAsync(log.Keys.Meta, "x");

        await Assert.ThrowsAsync<StreamTopologyException>(() => Topology(log, 1).EnsureAsync(default));
    }

    private static StreamTopology Topology(Log log, int partitions) =>
        new(log.Connection, log.Keys, Options.Create(new StreamOptions { Prefix = log.Keys.Prefix, Partitions = partitions }), TimeProvider.System);
}
