using Microsoft.Extensions.Time.Testing;
using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests.Delivery;

/// <summary>Alerts that cannot be delivered for long, in time that the test moves.</summary>
public class GivingUpTests(SharedRedis shared)
{
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);

    private async Task<IReadOnlyList<DeliveryRecord>> SettledAsync(NotifierLogFixture log, int count, TimeSpan step)
    {
        IReadOnlyList<DeliveryRecord> settled = [];
        await Wait.Until(
            async () =>
            {
                clock.Advance(step);
                return (settled = [.. (await log.HistoryAsync()).SelectMany(alert => alert.Deliveries).Where(delivery => delivery.IsSettled)]).Count >= count;
            },
            $"{count} alerts are settled",
            TimeSpan.FromSeconds(60));
        return settled;
    }

    [Fact]
    public async Task An_outage_of_hours_ends_with_every_alert_delivered_in_order()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AfterScript = new WebhookAnswer.Status(503);
        var route = RunningNotifier.Webhook("ops", receiver);
        (route.RetryPause, route.RetryPauseMax, route.BreakAfter) = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), 8);
        await using var notifier = await RunningNotifier.StartAsync(log, new NotifierOptions { Route = [route] }, clock);
        await log.AppendAsync([.. Enumerable.Range(0, 4).Select(i => Samples.Keepalive($"203.0.113.{i}:51820", i * 10))]);
        var start = clock.GetUtcNow();
        await Wait.Until(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(30));
                return clock.GetUtcNow() - start > TimeSpan.FromHours(2) && receiver.Requests.Count > 10;
            },
            "two hours pass",
            TimeSpan.FromSeconds(60));
        Assert.Single(receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct());

        receiver.AfterScript = WebhookAnswer.Ok;
        var settled = await SettledAsync(log, 3, TimeSpan.FromSeconds(30));

        Assert.All(settled, delivery => Assert.Equal(DeliveryState.Delivered, delivery.State));
        Assert.Equal((await log.HistoryAsync()).Select(alert => alert.Alert.Id), receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct());
        // One request in each of some hundred pauses, not a flood.
        Assert.InRange(receiver.Requests.Count, 11, 1000);
    }

    [Fact]
    public async Task What_is_too_old_expires_and_is_counted()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AfterScript = new WebhookAnswer.Status(500);
        var route = RunningNotifier.Webhook("ops", receiver);
        (route.RetryPauseMax, route.ExpiresAfter) = (TimeSpan.FromMinutes(5), TimeSpan.FromHours(2));
        await using var notifier = await RunningNotifier.StartAsync(log, new NotifierOptions { Route = [route] }, clock);

        await log.AppendAsync(Samples.Keepalive("203.0.113.5:51820", 0), Samples.Keepalive("203.0.113.6:51820", 10));
        await receiver.ReceivedAsync(1);
        var expired = Assert.Single(await SettledAsync(log, 1, TimeSpan.FromMinutes(1)));

        Assert.Equal((DeliveryState.Expired, "too_old", true), (expired.State, expired.Reason, expired.Attempts > 0));
        Assert.Contains("wgmonitor_notifier_deliveries_total{route=\"ops\",outcome=\"expired\",reason=\"too_old\"} 1", await notifier.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_may_wait_expires_from_the_oldest()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AfterScript = new WebhookAnswer.Status(500);
        var options = new NotifierOptions { Route = [RunningNotifier.Webhook("ops", receiver)], OutboxPendingMax = 2 };
        await using var notifier = await RunningNotifier.StartAsync(log, options);

        await log.AppendAsync([.. Enumerable.Range(0, 6).Select(i => Samples.Keepalive($"203.0.113.{i}:51820", i * 10))]);
        var expired = await log.SettledAsync("ops", 3);

        Assert.All(expired, delivery => Assert.Equal((DeliveryState.Expired, "overflow"), (delivery.State, delivery.Reason)));
        receiver.AfterScript = WebhookAnswer.Ok;
        Assert.Equal([DeliveryState.Delivered, DeliveryState.Delivered], (await log.SettledAsync("ops", 5)).Skip(3).Select(delivery => delivery.State));
    }
}
