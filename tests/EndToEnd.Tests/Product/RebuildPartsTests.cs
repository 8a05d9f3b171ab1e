using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.EndToEnd.Tests.History;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>A rebuild writes a large view in parts. Whatever part it ends behind, the next run comes to the same state.</summary>
public sealed class RebuildPartsTests
{
    private const int Peers = 700;
    private const int Ends = 25;

    [Fact]
    public async Task A_rebuild_that_ended_between_two_parts_begins_anew_and_is_right()
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var connection = await redis.ConnectAsync();
        var (log, stream) = (new EventLog(connection, 1), new StreamOptions { Partitions = 1, LeaseTtl = TimeSpan.FromSeconds(1) });
        for (var round = 1; round <= 2; round++)
        {
            for (var peer = 1; peer <= Peers; peer++) await log.AppendAsync("vpn-01", "keepalive-received.v1", peer, $"203.0.113.{round}:{peer}");
        }
        var rebuild = PartitionRebuild.Create(connection, stream, new StateOptions(), TimeProvider.System);
        await SwitchAsync(connection, log, stream, rebuild);
        var reference = await ReferenceFold.OfAsync(connection, log.Keys, 1);
        Assert.Equal("", await reference.DifferencesAsync(connection, StateKeys.Projector(log.Keys, 1), 1));
        Assert.True(await rebuild.FinalizeAsync(0, CancellationToken.None));

        var ended = 0;
        for (var end = 0; end < Ends; end++)
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 120)));
            try
            {
                await rebuild.RunAsync(0, new RebuildOptions { VerifyOnly = true }, stop.Token);
            }
            catch (OperationCanceledException)
            {
                ended++;
            }
        }
        var report = await rebuild.RunAsync(0, new RebuildOptions(), CancellationToken.None);

        TestContext.Current.TestOutputHelper?.WriteLine($"{ended} of {Ends} runs ended early");
        Assert.Equal((RebuildOutcome.Switched, 0), (report.Outcome, report.DifferenceCount));
        Assert.Equal("", await reference.DifferencesAsync(connection, StateKeys.Projector(log.Keys, report.Generation), 1));
    }

    [Fact]
    public async Task Between_its_parts_a_view_has_no_checkpoint()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var connection = await redis.ConnectAsync();
        var (log, stream) = (new EventLog(connection, 1), new StreamOptions { Partitions = 1 });
        for (var peer = 1; peer <= Peers; peer++) await log.AppendAsync("vpn-01", "keepalive-received.v1", peer, $"203.0.113.1:{peer}");
        var rebuild = PartitionRebuild.Create(connection, stream, new StateOptions(), TimeProvider.System);
        var checkpoints = new List<(long Peers, string Checkpoint)>();
        await using var watched = await redis.ConnectAsync();

        var running = SwitchAsync(connection, log, stream, rebuild);
        while (!running.IsCompleted)
        {
            // Both at one moment.
            var seen = (RedisResult[])(await watched.GetDatabase().ScriptEvaluateAsync(
                "return {redis.call('ZCARD', KEYS[1]), redis.call('GET', KEYS[2]) or 'none'}",
                [StateKeys.Projector(log.Keys, 1).PeerIndex(0), log.Keys.Checkpoint(0, ConsumerGroups.Rebuild(1))]))!;
            checkpoints.Add(((long)seen[0], (string)seen[1]!));
        }
        await running;

        Assert.All(checkpoints.Where(seen => seen.Peers is > 0 and < Peers), seen => Assert.Equal("0-0", seen.Checkpoint));
    }

    /// <summary>Makes the view that the projector would have written: a rebuild into nothing, taken for the live state.</summary>
    private static async Task SwitchAsync(ConnectionMultiplexer connection, EventLog log, StreamOptions stream, PartitionRebuild rebuild)
    {
        var last = (await connection.GetDatabase().StreamRangeAsync(log.Keys.Events(0), count: 1, messageOrder: Order.Descending))[0].Id.ToString();
        var claims = new PartitionClaims(connection, log.Keys, Options.Create(stream), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);
        await using (var live = await claims.TakeOverAsync(0, ConsumerGroups.Projector)) await live.SetCheckpointAsync(live.NewBatch(), StreamId.Parse(last), CancellationToken.None);
        var report = await rebuild.RunAsync(0, new RebuildOptions { AcceptDifferences = true }, CancellationToken.None);
        Assert.Equal(RebuildOutcome.Switched, report.Outcome);
    }
}
