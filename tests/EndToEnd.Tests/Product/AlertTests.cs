using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Alerts of a recorded run, delivered to a receiver that fails in every way a receiver can.</summary>
public sealed class AlertTests
{
    [Theory]
    [InlineData("D-server")]
    [InlineData("C-part1")]
    public async Task Every_endpoint_change_of_the_reference_fold_is_delivered_and_no_other(string run)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Script([.. Enumerable.Range(0, 12).SelectMany(_ => (WebhookAnswer[])
            [WebhookAnswer.Ok, new WebhookAnswer.Status(500), new WebhookAnswer.Hang(), new WebhookAnswer.Reset(), WebhookAnswer.Ok, new WebhookAnswer.RetryAfter("1")])]);
        await using var product = await Deployment.StartAsync(redis, routes: Webhook(receiver));
        using var sender = new SyslogSender(product.SyslogPort);

        await product.SendAsync([.. Corpus.Run(run).Datagrams(SyslogTemplate.SyslogProtocol23).Select(datagram => datagram.Bytes)],
            datagrams => sender.SendAsync(datagrams, Pace.Messages(2_000)));
        await product.CaughtUpAsync("notifier");

        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions);
        var expected = reference.Alerts.Select(alert => alert.Id).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, await ReferenceFold.OutboxAsync(product.Connection, product.Keys, product.Partitions));
        await Wait.Until(() => expected.ToHashSet().SetEquals(DeliveredIds(receiver)), "every alert is answered with 200", TimeSpan.FromMinutes(3));
        foreach (var alert in reference.Alerts) AssertTells(alert, receiver);
    }

    internal static string Webhook(WebhookReceiver receiver) => $"""
        [[notifier.route]]
        name = "ops"
        type = "webhook"
        url = "{receiver.Url}"
        allow_insecure = true
        attempt_timeout = "1s"
        total_timeout = "5s"
        retry_pause = "100ms"
        retry_pause_max = "1s"
        break_duration = "1s"
        """;

    internal static HashSet<string> DeliveredIds(WebhookReceiver receiver) =>
        [.. receiver.Requests.Where(request => request.Answer == WebhookAnswer.Ok).Select(request => request.Headers["webhook-id"])];

    private static void AssertTells(ReadModel.AlertRecord alert, WebhookReceiver receiver)
    {
        var request = receiver.Requests.First(candidate => candidate.Headers["webhook-id"] == alert.Id);
        var data = JsonDocument.Parse(request.BodyText).RootElement.GetProperty("data").GetRawText();
        Assert.Contains(alert.OldEndpoint.ToString(), data);
        Assert.Contains(alert.NewEndpoint.ToString(), data);
        Assert.Contains($"{alert.Host}/{alert.Peer.Epoch}/{alert.Peer.Number}", data);
    }
}
