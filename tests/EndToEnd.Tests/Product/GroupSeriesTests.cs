using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>How far the consumers are behind, at the API's <c>/metrics</c>.</summary>
public sealed class GroupSeriesTests
{
    private const string Lag = "wgmonitor_api_group_lag_events{group=\"projector\"}";
    private const string LagSeconds = "wgmonitor_api_group_lag_seconds{group=\"projector\"}";
    private const string Unowned = "wgmonitor_api_group_partitions_unowned{group=\"projector\"}";

    [Fact]
    public async Task Events_that_nobody_applied_are_the_lag_of_a_group_without_a_replica()
    {
        await using var api = await ApiHost.StartAsync("");
        var empty = await api.ScrapeAsync();
        Assert.Equal((0, 0, 4), (empty[Lag], empty[LagSeconds], empty[Unowned]));

        var database = (await api.Redis.ConnectAsync()).GetDatabase();
        await database.ExecuteAsync("XGROUP", "CREATE", "wgmonitor:{p1}:events", "projector", "0", "MKSTREAM");
        // Redis tells the age by its own clock: an entry of long ago.
        await database.StreamAddAsync("wgmonitor:{p1}:events", "type", "interface-created.v1", "1700000000000-0");
        await database.StreamAddAsync("wgmonitor:{p1}:events", "type", "interface-created.v1");
        api.Later(TimeSpan.FromSeconds(5));
        var behind = await api.ScrapeAsync();

        Assert.Equal((2, 4), (behind[Lag], behind[Unowned]));
        Assert.InRange(behind[LagSeconds], 1e6, 1e10);
    }

    [Fact]
    public async Task While_redis_does_not_tell_there_is_no_number()
    {
        await using var api = await ApiHost.StartAsync("peer_series_max = 0");
        Assert.Contains(Lag, (await api.ScrapeAsync()).Keys);

        await api.Redis.StopAsync();
        api.Later(TimeSpan.FromSeconds(5));
        var away = await api.ScrapeAsync();

        Assert.DoesNotContain(away.Keys, name => name.StartsWith("wgmonitor_api_group_", StringComparison.Ordinal));
    }
}
