using System.Net;
using System.Net.Sockets;
using Xunit;

namespace WgMonitor.Testing.Tests.Webhook;

public sealed class WebhookReceiverTests : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    [Fact]
    public async Task Answers_follow_the_script_and_then_are_200()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(
            new WebhookAnswer.RetryAfter("7"), new WebhookAnswer.Status(500), new WebhookAnswer.Redirect("http://169.254.169.254/"));

        HttpResponseMessage[] answers = [await PostAsync(receiver), await PostAsync(receiver), await PostAsync(receiver), await PostAsync(receiver)];

        Assert.Equal([429, 500, 302, 200], answers.Select(a => (int)a.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(7), answers[0].Headers.RetryAfter!.Delta);
        Assert.Equal(new Uri("http://169.254.169.254/"), answers[2].Headers.Location);
    }

    [Fact]
    public async Task Requests_are_recorded_with_headers_body_and_order()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        client.DefaultRequestHeaders.Add("webhook-id", "a1");

        await PostAsync(receiver, "one");
        await PostAsync(receiver, "two");

        IReadOnlyList<WebhookRequest> requests = await receiver.ReceivedAsync(2);
        Assert.Equal(["one", "two"], requests.Select(r => r.BodyText));
        Assert.Equal([1, 2], requests.Select(r => r.Number));
        Assert.Equal("a1", requests[0].Headers["Webhook-Id"]);
        Assert.Equal(("POST", "/hook"), (requests[0].Method, requests[0].Path));
    }

    [Fact]
    public async Task Reset_ends_the_connection_by_rst()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(new WebhookAnswer.Reset());
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, receiver.Url.Port);

        await socket.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"u8.ToArray());

        SocketException e = await Assert.ThrowsAsync<SocketException>(() => socket.ReceiveAsync(new byte[10]));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_hanging_request_ends_when_the_sender_gives_up_and_does_not_hinder_others()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(new WebhookAnswer.Hang());
        using var giveUp = new CancellationTokenSource();
        Task<HttpResponseMessage> hanging = client.PostAsync(receiver.Url, new StringContent(""), giveUp.Token);
        await receiver.ReceivedAsync(1);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(receiver)).StatusCode);
        Assert.False(hanging.IsCompleted);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }

    [Fact]
    public async Task Drip_and_huge_bodies_have_the_length_asked_for()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(
            new WebhookAnswer.Drip(5, TimeSpan.FromMilliseconds(1)), new WebhookAnswer.HugeBody(1_000_001));

        Assert.Equal(5, (await (await PostAsync(receiver)).Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(1_000_001, (await (await PostAsync(receiver)).Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task Concurrent_senders_are_all_recorded_once()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => PostAsync(receiver, $"{i}")));

        Assert.Equal(Enumerable.Range(0, 50), receiver.Requests.Select(r => int.Parse(r.BodyText)).Order());
    }

    public void Dispose() => client.Dispose();

    private Task<HttpResponseMessage> PostAsync(WebhookReceiver receiver, string body = "") => client.PostAsync(receiver.Url, new StringContent(body));
}
