using WgMonitor.ReadModel;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests;

/// <summary>The real process, killed with SIGKILL at its worst moments.</summary>
public class KilledNotifierTests(SharedRedis shared)
{
    private static ChildProcess Start(TempDirectory directory, NotifierLogFixture log, WebhookReceiver receiver)
    {
        var config = directory.Write(
            "config.toml",
            $"""
            [redis]
            host = "{log.Server.Host}"
            port = {log.Server.Port}
            [stream]
            prefix = "{log.Settings.Prefix}"
            partitions = 1
            lease_ttl = "2s"
            rebalance_interval = "100ms"
            [metrics]
            address = "127.0.0.1:0"
            [[notifier.route]]
            name = "ops"
            type = "webhook"
            url = "{receiver.Url}"
            allow_insecure = true
            """);
        return ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "wgmonitor-notifier"), ["--config", config]);
    }

    private static Task ReadyAsync(NotifierLogFixture log, ChildProcess process) => Wait.Until(
        async () =>
        {
            Assert.False(process.HasExited, process.Output);
            return await log.Database.HashExistsAsync(log.AlertKeys.Cursors(0), "ops");
        },
        "the notifier owns the partition");

    [Fact]
    public async Task What_was_sent_and_not_written_down_is_sent_again_with_the_same_id()
    {
        using var directory = new TempDirectory();
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync(WebhookAnswer.Ok, new WebhookAnswer.Hang());
        await using (var first = Start(directory, log, receiver))
        {
            await ReadyAsync(log, first);
            await log.AppendAsync([.. Enumerable.Range(0, 4).Select(i => Samples.Keepalive($"203.0.113.{i}:51820", i * 10))]);
            // The second alert is at the receiver, and no answer is back.
            await receiver.ReceivedAsync(2);
            first.Kill();
            await first.ExitAsync();
        }

        Assert.Equal([DeliveryState.Delivered, DeliveryState.Pending], (await log.HistoryAsync()).SelectMany(alert => alert.Deliveries).Select(delivery => delivery.State));
        await using var second = Start(directory, log, receiver);
        await log.SettledAsync("ops", 3);

        var raised = (await log.HistoryAsync()).Select(alert => alert.Alert.Id).ToArray();
        Assert.Equal([raised[0], raised[1], raised[1], raised[2]], receiver.Requests.Select(request => request.Headers["webhook-id"]));
        Assert.Equal(receiver.Requests[1].Body.ToArray(), receiver.Requests[2].Body.ToArray());

        second.Terminate();
        Assert.Equal(0, await second.ExitAsync());
    }

    [Fact]
    public async Task Killed_at_random_moments_it_raises_each_alert_once_and_delivers_all()
    {
        var random = new Random(Seed.Print());
        using var directory = new TempDirectory();
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        const int kills = 5, moves = 40;
        var expected = new List<string>();
        for (var round = 0; round < kills; round++)
        {
            await using var process = Start(directory, log, receiver);
            await ReadyAsync(log, process);
            var seen = receiver.Requests.Count;
            for (var i = 0; i < moves; i++)
            {
                var number = round * moves + i;
                var cause = await log.AppendAsync(Samples.Keepalive($"203.0.{number / 200}.{number % 200}:51820", number * 10));
                if (number > 0) expected.Add(AlertId.Of("endpoint-changed", "vpn-01/1/17", cause));
            }

            var killAfter = seen + random.Next(1, moves - 1);
            await Wait.Until(() => receiver.Requests.Count >= killAfter, $"{killAfter} requests came");
            process.Kill();
            await process.ExitAsync();
        }

        await using var last = Start(directory, log, receiver);
        var settled = await log.SettledAsync("ops", expected.Count);

        Assert.Equal(expected, (await log.HistoryAsync()).Select(alert => alert.Alert.Id));
        Assert.Equal(expected, receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct());
        Assert.All(settled, delivery => Assert.Equal(DeliveryState.Delivered, delivery.State));
        Assert.InRange(receiver.Requests.Count, expected.Count, expected.Count + kills);
    }
}
