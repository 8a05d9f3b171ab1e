using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests;

/// <summary>Events in, alerts out, with a real redis-server and a real receiver.</summary>
public class AlertPipelineTests(SharedRedis shared)
{
    /// <summary>Peer 17 is seen at <c>endpoints[0]</c> first and then at each of the others, 10 s apart.</summary>
    private static WireGuardEvent[] Moves(int from, params string[] endpoints) => [.. endpoints.Select((endpoint, index) => Samples.Keepalive(endpoint, from + index * 10))];

    private static NotifierOptions Routes(params RouteOptions[] routes) => new() { Route = [.. routes] };

    private static string AlertIdOf(WebhookRequest request) => request.Headers["webhook-id"];

    [Fact]
    public async Task A_changed_endpoint_is_delivered_once_and_written_down()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var notifier = await RunningNotifier.StartAsync(log, Routes(RunningNotifier.Webhook("ops", receiver)));

        await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.5:51820"));
        var cause = await log.AppendAsync(Moves(20, "198.51.100.7:40000"));
        var delivery = Assert.Single(await log.SettledAsync("ops", 1));

        var request = Assert.Single(receiver.Requests);
        var id = AlertId.Of("endpoint-changed", "vpn-01/1/17", cause);
        Assert.Equal(id, AlertIdOf(request));
        var data = JsonDocument.Parse(request.Body).RootElement.GetProperty("data");
        Assert.Equal(("203.0.113.5", "198.51.100.7"), (data.GetProperty("old_endpoint").GetProperty("ip").GetString(), data.GetProperty("new_endpoint").GetProperty("ip").GetString()));
        Assert.Equal(cause.ToString(), data.GetProperty("causes")[0].GetString());
        Assert.Equal(("ops", DeliveryState.Delivered, 1, ""), (delivery.Route, delivery.State, delivery.Attempts, delivery.Reason));

        var known = (await log.Alerts.FindAsync(id, default))!;
        Assert.Equal((EndpointChange.Address, EndpointCertainty.Authenticated), (known.Alert.Change, known.Alert.Certainty));
        Assert.Equal(delivery, Assert.Single(known.Deliveries));
        var ttl = await log.Database.KeyTimeToLiveAsync(log.AlertKeys.Alert(0, id));
        Assert.InRange(ttl!.Value, TimeSpan.FromDays(29.9), TimeSpan.FromDays(30));
        var metrics = await notifier.MetricsAsync();
        Assert.Contains("wgmonitor_notifier_alerts_total{rule=\"endpoint-changed\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("wgmonitor_notifier_deliveries_total{route=\"ops\",outcome=\"delivered\",reason=\"\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("wgmonitor_notifier_outbox_pending{route=\"ops\"} 0", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnprovenAlerts.Mark, 2)]
    [InlineData(UnprovenAlerts.Suppress, 1)]
    public async Task A_rule_marks_or_suppresses_what_rests_on_less_than_it_asks_for(UnprovenAlerts unproven, int raised)
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        var options = new NotifierOptions { Rule = [new() { Kind = RuleKind.EndpointChanged, MinTrust = TrustLevel.TlsClientCert, Unproven = unproven }] };
        await using var notifier = await RunningNotifier.StartAsync(log, options);

        await log.AppendAsync(
            Samples.Keepalive("203.0.113.5:51820", 0, trust: TrustLevel.TlsClientCert), Samples.Keepalive("203.0.113.6:51820", 10, trust: TrustLevel.TlsClientCert),
            Samples.Keepalive("203.0.113.7:51820", 20, trust: TrustLevel.Udp));
        await log.AppliedAsync(await log.AppendAsync(Samples.Keepalive("203.0.113.7:51820", 30)));

        var alerts = (await log.HistoryAsync()).Select(alert => alert.Alert).ToArray();
        Assert.Equal(new[] { (TrustLevel.TlsClientCert, false), (TrustLevel.Udp, true) }.Take(raised), alerts.Select(alert => (alert.Trust, alert.Unproven)));
        var suppressed = (await notifier.MetricsAsync()).Contains("wgmonitor_notifier_alerts_suppressed_total{rule=\"endpoint-changed\"} 1", StringComparison.Ordinal);
        Assert.Equal(unproven == UnprovenAlerts.Suppress, suppressed);
    }

    [Fact]
    public async Task The_log_route_writes_one_line_an_alert_with_named_values()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var notifier = await RunningNotifier.StartAsync(log, new NotifierOptions());

        await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.5:40000"));
        await log.SettledAsync("log", 1);

        var (_, text, values) = Assert.Single(notifier.Log.Lines);
        Assert.StartsWith("Peer vpn-01/1/17 on wg0 changed its port from 203.0.113.5:51820 to 203.0.113.5:40000. Alert ", text, StringComparison.Ordinal);
        Assert.Equal(("vpn-01/1/17", "203.0.113.5:51820", "203.0.113.5:40000", "port"), (values["Peer"], values["OldEndpoint"], values["NewEndpoint"], values["Change"]));
    }

    [Fact]
    public async Task Alerts_of_a_partition_arrive_in_order_whatever_the_receiver_does()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync(
            new WebhookAnswer.Status(500), new WebhookAnswer.Reset(), WebhookAnswer.Ok, new WebhookAnswer.RetryAfter("0"), WebhookAnswer.Ok, new WebhookAnswer.Status(503));
        await using var notifier = await RunningNotifier.StartAsync(log, Routes(RunningNotifier.Webhook("ops", receiver)));

        await log.AppendAsync(Moves(0, [.. Enumerable.Range(0, 21).Select(i => $"203.0.113.{i}:51820")]));
        await log.SettledAsync("ops", 20);

        var raised = (await log.HistoryAsync()).Select(alert => alert.Alert.Id).ToArray();
        Assert.Equal(20, raised.Length);
        Assert.Equal(raised, receiver.Requests.Select(AlertIdOf).Distinct());
        Assert.Equal(24, receiver.Requests.Count);
        Assert.Equal(3, (await log.Alerts.FindAsync(raised[0], default))!.Deliveries[0].Attempts);
    }

    [Fact]
    public async Task A_route_that_hangs_does_not_delay_another()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var dead = await WebhookReceiver.StartAsync();
        dead.AfterScript = new WebhookAnswer.Hang();
        await using var alive = await WebhookReceiver.StartAsync();
        var slow = RunningNotifier.Webhook("dead", dead);
        slow.AttemptTimeout = slow.TotalTimeout = TimeSpan.FromMinutes(2);
        await using var notifier = await RunningNotifier.StartAsync(log, Routes(slow, RunningNotifier.Webhook("alive", alive)));

        await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.6:51820", "203.0.113.7:51820"));
        await log.SettledAsync("alive", 2);
        await dead.ReceivedAsync(1);

        Assert.Equal(2, alive.Requests.Count);
        Assert.Single(dead.Requests);
        var metrics = await notifier.MetricsAsync();
        Assert.Contains("wgmonitor_notifier_outbox_pending{route=\"dead\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("wgmonitor_notifier_outbox_pending{route=\"alive\"} 0", metrics, StringComparison.Ordinal);
        var first = (await log.HistoryAsync())[0];
        Assert.Equal(DeliveryState.Pending, first.Deliveries.Single(delivery => delivery.Route == "dead").State);
    }

    [Fact]
    public async Task A_refusal_is_written_down_and_the_next_alert_goes_on()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync(new WebhookAnswer.Status(404), WebhookAnswer.Ok);
        await using var notifier = await RunningNotifier.StartAsync(log, Routes(RunningNotifier.Webhook("ops", receiver)));

        await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.6:51820", "203.0.113.7:51820"));
        var settled = await log.SettledAsync("ops", 2);

        Assert.Equal([(DeliveryState.Rejected, 1, "http_4xx"), (DeliveryState.Delivered, 1, "")], settled.Select(delivery => (delivery.State, delivery.Attempts, delivery.Reason)));
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task After_410_nothing_is_sent_until_the_next_start_and_then_what_waited_is()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync(new WebhookAnswer.Status(410));
        var options = Routes(RunningNotifier.Webhook("ops", receiver));
        await using (await RunningNotifier.StartAsync(log, options))
        {
            await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.6:51820", "203.0.113.7:51820"));
            Assert.Equal("http_410", Assert.Single(await log.SettledAsync("ops", 1)).Reason);
            await Wait.Until(async () => (await log.HistoryAsync())[1].Deliveries.Any(delivery => delivery.Reason == "http_410"), "the second alert waits");
            Assert.Single(receiver.Requests);
        }

        await using var again = await RunningNotifier.StartAsync(log, options);
        var settled = await log.SettledAsync("ops", 2);

        Assert.Equal([DeliveryState.Rejected, DeliveryState.Delivered], settled.Select(delivery => delivery.State));
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task A_replay_of_the_whole_log_raises_and_sends_nothing_again()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        var options = Routes(RunningNotifier.Webhook("ops", receiver));
        StreamId last;
        await using (await RunningNotifier.StartAsync(log, options))
        {
            last = await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.6:51820", "203.0.113.7:51820"));
            await log.SettledAsync("ops", 2);
        }

        // The notifier's own memory is lost: state and checkpoint, and in the second round the cursors too.
        foreach (var alsoCursors in (bool[])[false, true])
        {
            var server = log.Connection.GetServer(log.Server.Host, log.Server.Port);
            foreach (var key in server.Keys(pattern: $"{log.Keys.InPartition(0, "notifier:")}*").ToArray())
                if (alsoCursors || key != log.AlertKeys.Cursors(0)) await log.Database.KeyDeleteAsync(key);
            await log.Database.KeyDeleteAsync(log.Keys.Checkpoint(0, ConsumerGroups.Notifier));
            await using var replaying = await RunningNotifier.StartAsync(log, options);
            await log.AppliedAsync(last);
        }

        Assert.Equal(2, receiver.Requests.Count);
        Assert.Equal(2, await log.Database.StreamLengthAsync(log.AlertKeys.Outbox(0)));
    }

    [Fact]
    public async Task A_new_route_gets_what_happens_from_then_on()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var old = await WebhookReceiver.StartAsync();
        await using var added = await WebhookReceiver.StartAsync();
        await using (await RunningNotifier.StartAsync(log, Routes(RunningNotifier.Webhook("old", old))))
        {
            await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.6:51820"));
            await log.SettledAsync("old", 1);
        }

        await using var notifier = await RunningNotifier.StartAsync(log, Routes(RunningNotifier.Webhook("old", old), RunningNotifier.Webhook("added", added)));
        var cause = await log.AppendAsync(Moves(30, "203.0.113.7:51820"));
        await log.SettledAsync("added", 1);
        await log.SettledAsync("old", 2);

        Assert.Equal(AlertId.Of("endpoint-changed", "vpn-01/1/17", cause), AlertIdOf(Assert.Single(added.Requests)));
        Assert.Equal(2, old.Requests.Count);
    }

    [Fact]
    public async Task Somebody_elses_key_where_the_ledger_belongs_stops_nothing()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync(new WebhookAnswer.Hang());
        var options = Routes(RunningNotifier.Webhook("ops", receiver));
        options.DrainMax = TimeSpan.FromMilliseconds(100);
        string key;
        await using (await RunningNotifier.StartAsync(log, options))
        {
            var cause = await log.AppendAsync(Moves(0, "203.0.113.5:51820", "203.0.113.6:51820"));
            await receiver.ReceivedAsync(1);
            key = log.AlertKeys.Alert(0, AlertId.Of("endpoint-changed", "vpn-01/1/17", cause));
        }

        await log.Database.KeyDeleteAsync(key);
        await log.Database.ListRightPushAsync(key, "not ours");
        await using var notifier = await RunningNotifier.StartAsync(log, options);
        await log.AppendAsync(Moves(30, "203.0.113.7:51820"));
        await log.SettledAsync("ops", 1);

        Assert.Equal(3, receiver.Requests.Count);
        Assert.Equal(2, (await log.HistoryAsync()).Count);
        Assert.Equal(RedisType.List, await log.Database.KeyTypeAsync(key));
    }
}
