using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests;

/// <summary>What a former owner of a partition can still do: nothing.</summary>
public class OwnershipTests(SharedRedis shared)
{
    private static readonly WireGuardEvent[] OneMove = [Samples.Keepalive("203.0.113.5:51820", 0), Samples.Keepalive("203.0.113.6:51820", 10)];

    private sealed record Owner(OwnedPartition Partition, AlertPipelines Pipelines, AlertRoutes Routes, CollectorRegistry Registry, CancellationTokenSource Lost) : IDisposable
    {
        public static async Task<Owner> TakeAsync(NotifierLogFixture log, NotifierOptions options, string name)
        {
            var lease = new Lease(log.Connection, log.Keys, ConsumerGroups.Notifier, name);
            LeaseGrant? grant = null;
            await Wait.Until(async () => (grant = await lease.AcquireAsync(0, TimeSpan.FromMilliseconds(50), 0)) is not null, "the lease before runs out");
            var registry = Metrics.NewCustomRegistry();
            var metrics = new NotifierMetrics(registry, NullLogger<NotifierMetrics>.Instance, TimeProvider.System);
            var committer = new BatchCommitter(log.Connection, log.Keys, new StreamMetrics(registry), TimeProvider.System);
            var lost = new CancellationTokenSource();
            var routes = new AlertRoutes(options, metrics, new RecordingLogger<LogChannel>(), TimeProvider.System, new Random(1));
            var partition = new OwnedPartition(0, ConsumerGroups.Notifier, log.Keys, grant!.Value, committer, lost.Token);
            return new Owner(partition, new AlertPipelines(log.Connection, log.Keys, log.State, options, routes, metrics, TimeProvider.System), routes, registry, lost);
        }

        public async Task<string> MetricsAsync()
        {
            using var text = new MemoryStream();
            await Registry.CollectAndExportAsTextAsync(text);
            return System.Text.Encoding.UTF8.GetString(text.ToArray());
        }

        public void Dispose()
        {
            Routes.Dispose();
            Lost.Dispose();
        }
    }

    private static async Task<List<StreamEntry>> EntriesAsync(NotifierLogFixture log) =>
    [
        .. (await log.Database.StreamRangeAsync(log.Keys.Events(0))).Select(entry => new StreamEntry(
            StreamId.Parse(entry.Id.ToString()), [.. entry.Values.Select(field => new EventField((byte[])field.Name!, (byte[])field.Value!))])),
    ];

    [Fact]
    public async Task A_former_owner_writes_neither_alert_nor_state()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        var options = new NotifierOptions { Route = [RunningNotifier.Webhook("ops", receiver)] };
        await log.AppendAsync(OneMove);
        using var former = await Owner.TakeAsync(log, options, "former");
        await using var handler = await former.Pipelines.CreateAsync(former.Partition, StreamId.Zero, default);
        var batch = former.Partition.NewBatch();
        await handler.ApplyAsync(await EntriesAsync(log), batch, default);
        Assert.True(batch.Count > 3, "there is something to write");

        using var next = await Owner.TakeAsync(log, options, "next");

        Assert.IsType<CommitOutcome.LeaseLost>(await former.Partition.CommitAsync(batch, default));
        var keys = log.Connection.GetServer(log.Server.Host, log.Server.Port).Keys(pattern: $"{log.Keys.Prefix}:*").Select(key => key.ToString()).ToArray();
        Assert.DoesNotContain(keys, key => key.Contains(":alert", StringComparison.Ordinal) || key.Contains("notifier:host", StringComparison.Ordinal));
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task A_former_owner_sends_nothing_of_what_its_successor_raised()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var formerReceiver = await WebhookReceiver.StartAsync();
        await using var nextReceiver = await WebhookReceiver.StartAsync();
        using var former = await Owner.TakeAsync(log, new NotifierOptions { Route = [RunningNotifier.Webhook("ops", formerReceiver)] }, "former");
        await using var formerHandler = await former.Pipelines.CreateAsync(former.Partition, StreamId.Zero, default);
        await log.AppendAsync(OneMove);
        await formerHandler.ApplyAsync(await EntriesAsync(log), former.Partition.NewBatch(), default);

        using var next = await Owner.TakeAsync(log, new NotifierOptions { Route = [RunningNotifier.Webhook("ops", nextReceiver)] }, "next");
        await using var handler = await next.Pipelines.CreateAsync(next.Partition, StreamId.Zero, default);
        var batch = next.Partition.NewBatch();
        await handler.ApplyAsync(await EntriesAsync(log), batch, default);
        Assert.IsType<CommitOutcome.Applied>(await next.Partition.CommitAsync(batch, default));

        // As if it had written them itself: its worker finds the alert in the outbox.
        await formerHandler.CommittedAsync(StreamId.Zero, default);
        await Wait.Until(async () => (await former.MetricsAsync()).Contains("outcome=\"lease_lost\"} 1", StringComparison.Ordinal), "the former owner's worker is refused");
        Assert.Empty(formerReceiver.Requests);

        await handler.CommittedAsync(StreamId.Zero, default);
        Assert.Equal(DeliveryState.Delivered, Assert.Single(await log.SettledAsync("ops", 1)).State);
        Assert.Single(nextReceiver.Requests);
        Assert.Empty(formerReceiver.Requests);
    }
}
