using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests.Channels;

public class WebhookChannelTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero));

    private static WebhookChannel Channel(
        Uri url, bool allowInsecure = true, WebhookFormat format = WebhookFormat.Standard, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null,
        params string[] secrets) =>
        new(new WebhookConnector(allowInsecure, resolve ?? Dns.GetHostAddressesAsync).CreateHandler(), url, format, null, WebhookSignature.Of(secrets), Clock);

    private static async Task<ChannelOutcome> SendAsync(Uri url, bool allowInsecure = true, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        using var channel = Channel(url, allowInsecure, resolve: resolve);
        return await channel.SendAsync(Samples.Alert(), TestContext.Current.CancellationToken);
    }

    private static async Task<ChannelOutcome> SendAsync(WebhookAnswer answer)
    {
        await using var receiver = await WebhookReceiver.StartAsync(answer);
        var outcome = await SendAsync(receiver.Url);
        Assert.Single(receiver.Requests);
        return outcome;
    }

    [Fact]
    public async Task A_request_is_signed_named_and_stamped()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var channel = Channel(receiver.Url, secrets: Secret);

        Assert.IsType<ChannelOutcome.Delivered>(await channel.SendAsync(Samples.Alert(), TestContext.Current.CancellationToken));

        var request = Assert.Single(receiver.Requests);
        Assert.Equal(("POST", "/hook", "application/json"), (request.Method, request.Path, request.Headers["content-type"]));
        Assert.Equal(Samples.Alert().Id, request.Headers["webhook-id"]);
        Assert.Equal("1772359200", request.Headers["webhook-timestamp"]);
        Assert.Equal(WebhookSignatureTests.Expected(Secret, request.Headers["webhook-id"], "1772359200", request.Body.ToArray()), request.Headers["webhook-signature"]);
        Assert.Equal("WgMonitor/0.1.0", request.Headers["user-agent"]);
        Assert.Equal(WebhookPayload.Of(Samples.Alert(), null), request.Body.ToArray());
        Assert.False(request.Headers.ContainsKey("traceparent"));
    }

    [Fact]
    public async Task Without_a_secret_nothing_is_signed_and_the_original_body_is_sent_where_asked_for()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var channel = Channel(receiver.Url, format: WebhookFormat.Original);

        await channel.SendAsync(Samples.Alert(), TestContext.Current.CancellationToken);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal("""{"peer": "198.51.100.7:40000"}""", request.BodyText);
        Assert.False(request.Headers.ContainsKey("webhook-signature"));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(204)]
    public async Task Any_2xx_is_delivered(int status) => Assert.IsType<ChannelOutcome.Delivered>(await SendAsync(new WebhookAnswer.Status(status)));

    [Theory]
    [InlineData(408, "http_408")]
    [InlineData(425, "http_425")]
    [InlineData(429, "http_429")]
    [InlineData(500, "http_5xx")]
    [InlineData(502, "http_5xx")]
    [InlineData(599, "http_5xx")]
    public async Task Weather_of_the_receiver_is_tried_again(int status, string reason)
    {
        var retry = Assert.IsType<ChannelOutcome.Retry>(await SendAsync(new WebhookAnswer.Status(status)));

        Assert.Equal((reason, null), (retry.Reason.Word(), retry.RetryAfter));
    }

    [Theory]
    [InlineData(300, "http_3xx", false)]
    [InlineData(304, "http_3xx", false)]
    [InlineData(400, "http_4xx", false)]
    [InlineData(401, "http_4xx", false)]
    [InlineData(404, "http_4xx", false)]
    [InlineData(410, "http_410", true)]
    [InlineData(451, "http_4xx", false)]
    [InlineData(600, "http_other", false)]
    public async Task A_refusal_is_final(int status, string reason, bool gone)
    {
        var rejected = Assert.IsType<ChannelOutcome.Rejected>(await SendAsync(new WebhookAnswer.Status(status)));

        Assert.Equal((reason, gone), (rejected.Reason.Word(), rejected.IsGone));
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("86400", 3600)]
    [InlineData("Sun, 01 Mar 2026 10:02:00 GMT", 120)]
    [InlineData("Sun, 01 Mar 2026 09:00:00 GMT", 0)]
    [InlineData("Mon, 01 Mar 2027 10:00:00 GMT", 3600)]
    public async Task Retry_after_is_taken_in_both_forms_up_to_an_hour(string value, int seconds)
    {
        var retry = Assert.IsType<ChannelOutcome.Retry>(await SendAsync(new WebhookAnswer.RetryAfter(value, 503)));

        Assert.Equal(TimeSpan.FromSeconds(seconds), retry.RetryAfter);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("99999999999999")]
    public async Task A_retry_after_that_is_none_counts_as_missing(string value) =>
        Assert.Null(Assert.IsType<ChannelOutcome.Retry>(await SendAsync(new WebhookAnswer.RetryAfter(value))).RetryAfter);

    [Fact]
    public async Task A_redirect_is_refused_and_not_followed()
    {
        await using var target = await WebhookReceiver.StartAsync();

        var rejected = Assert.IsType<ChannelOutcome.Rejected>(await SendAsync(new WebhookAnswer.Redirect(target.Url.ToString(), 307)));

        Assert.Equal(DeliveryReason.Http3xx, rejected.Reason);
        Assert.Empty(target.Requests);
    }

    [Fact]
    public async Task A_reset_connection_is_tried_again() =>
        Assert.Equal(DeliveryReason.Broken, Assert.IsType<ChannelOutcome.Retry>(await SendAsync(new WebhookAnswer.Reset())).Reason);

    [Fact]
    public async Task A_body_of_any_size_is_not_read_to_its_end() => Assert.IsType<ChannelOutcome.Delivered>(await SendAsync(new WebhookAnswer.HugeBody(10L * 1024 * 1024 * 1024)));

    [Fact]
    public async Task A_dripping_answer_is_delivered_and_left_after_a_moment()
    {
        await using var receiver = await WebhookReceiver.StartAsync(new WebhookAnswer.Drip(1_000_000, TimeSpan.FromMilliseconds(100)));
        var clock = new FakeTimeProvider();
        using var channel = new WebhookChannel(
            new WebhookConnector(true, Dns.GetHostAddressesAsync).CreateHandler(), receiver.Url, WebhookFormat.Standard, null, WebhookSignature.Of(), clock);

        var sent = channel.SendAsync(Samples.Alert(), TestContext.Current.CancellationToken);
        await receiver.ReceivedAsync(1);
        await Wait.Until(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return sent.IsCompleted;
        }, "the drip is left alone");

        Assert.IsType<ChannelOutcome.Delivered>(await sent);
    }

    [Fact]
    public async Task A_hanging_receiver_keeps_the_attempt_until_it_is_cancelled()
    {
        await using var receiver = await WebhookReceiver.StartAsync(new WebhookAnswer.Hang());
        using var channel = Channel(receiver.Url);
        using var attempt = new CancellationTokenSource();

        var sent = channel.SendAsync(Samples.Alert(), attempt.Token);
        await receiver.ReceivedAsync(1);
        Assert.False(sent.IsCompleted);
        await attempt.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
    }

    [Fact]
    public async Task A_closed_port_is_tried_again() =>
        Assert.Equal(DeliveryReason.Connect, Assert.IsType<ChannelOutcome.Retry>(await SendAsync(new Uri($"http://127.0.0.1:{FreePort.Tcp()}/"))).Reason);

    [Fact]
    public async Task A_name_that_does_not_resolve_is_tried_again()
    {
        var outcome = await SendAsync(new Uri("https://hooks.invalid/"), resolve: (_, _) => throw new SocketException((int)SocketError.HostNotFound));

        Assert.Equal(DeliveryReason.Dns, Assert.IsType<ChannelOutcome.Retry>(outcome).Reason);
    }

    [Fact]
    public async Task Tls_with_somebody_who_speaks_none_is_tried_again()
    {
        await using var receiver = await WebhookReceiver.StartAsync();

        var outcome = await SendAsync(new UriBuilder(receiver.Url) { Scheme = "https" }.Uri);

        Assert.Equal(DeliveryReason.Tls, Assert.IsType<ChannelOutcome.Retry>(outcome).Reason);
        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_private_address_is_refused_before_it_is_connected_to(string host)
    {
        await using var receiver = await WebhookReceiver.StartAsync();

        var outcome = await SendAsync(new UriBuilder(receiver.Url) { Host = host }.Uri, allowInsecure: false);

        Assert.Equal(DeliveryReason.AddressRefused, Assert.IsType<ChannelOutcome.Retry>(outcome).Reason);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task A_public_name_that_turns_to_a_private_address_is_refused_when_it_does()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var url = new UriBuilder(receiver.Url) { Host = "hooks.example" }.Uri;
        Task<IPAddress[]> Rebound(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254"), IPAddress.Loopback]);

        Assert.Equal(DeliveryReason.AddressRefused, Assert.IsType<ChannelOutcome.Retry>(await SendAsync(url, false, Rebound)).Reason);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task The_next_address_of_a_name_is_tried_when_one_does_not_answer()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var url = new UriBuilder(receiver.Url) { Host = "hooks.example" }.Uri;
        Task<IPAddress[]> Two(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]);

        Assert.IsType<ChannelOutcome.Delivered>(await SendAsync(url, true, Two));
    }
}
