using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using WgMonitor.Hosting;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>
/// One POST an attempt, signed as Standard Webhooks 1.0.0 has it. <c>webhook-id</c> is the alert's id, so that a receiver knows an alert it got before.
/// The status decides; what stands in the answer's body does not matter.
/// </summary>
internal sealed class WebhookChannel(HttpMessageHandler handler, Uri url, WebhookFormat format, Uri? publicUrl, WebhookSignature signature, TimeProvider time)
    : IAlertChannel, IDisposable
{
    /// <summary>Read of an answer's body, so that its connection can be used again; nobody looks at it.</summary>
    private const int AnswerBytesMax = 4 * 1024;

    /// <summary>A receiver that drips its answer does not keep the next alert waiting.</summary>
    private static readonly TimeSpan AnswerReadMax = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromHours(1);

    private static readonly string UserAgent = $"WgMonitor/{ProductVersion.Text}";

    // Time-outs belong to the route's pipeline.
    private readonly HttpMessageInvoker http = new(handler);

    /// <inheritdoc/>
    public async Task<ChannelOutcome> SendAsync(AlertRecord alert, CancellationToken cancellationToken)
    {
        using var request = Request(alert);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var outcome = Judge(response);
            await DrainAsync(response, cancellationToken);
            return outcome;
        }
        catch (HttpRequestException exception)
        {
            return new ChannelOutcome.Retry(ReasonOf(exception));
        }
        catch (IOException) // the connection broke outside of what the handler translates
        {
            return new ChannelOutcome.Retry(DeliveryReason.Broken);
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(AlertRecord alert)
    {
        var body = format == WebhookFormat.Original ? WebhookPayload.OriginalOf(alert) : WebhookPayload.Of(alert, publicUrl);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd(UserAgent);
        request.Headers.Add("webhook-id", alert.Id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (signature.Sign(alert.Id, timestamp, body) is { } signatures) request.Headers.Add("webhook-signature", signatures);
        return request;
    }

    private ChannelOutcome Judge(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        >= 200 and <= 299 => ChannelOutcome.Delivered.Value,
        408 => new ChannelOutcome.Retry(DeliveryReason.Http408, RetryAfter(response)),
        425 => new ChannelOutcome.Retry(DeliveryReason.Http425, RetryAfter(response)),
        429 => new ChannelOutcome.Retry(DeliveryReason.Http429, RetryAfter(response)),
        >= 500 and <= 599 => new ChannelOutcome.Retry(DeliveryReason.Http5xx, RetryAfter(response)),
        410 => new ChannelOutcome.Rejected(DeliveryReason.Http410, IsGone: true),
        >= 300 and <= 399 => new ChannelOutcome.Rejected(DeliveryReason.Http3xx),
        >= 400 and <= 499 => new ChannelOutcome.Rejected(DeliveryReason.Http4xx),
        _ => new ChannelOutcome.Rejected(DeliveryReason.HttpOther),
    };

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var given = response.Headers.RetryAfter;
        var wait = given?.Delta ?? given?.Date - time.GetUtcNow();
        return wait is null ? null : TimeSpan.FromTicks(Math.Clamp(wait.Value.Ticks, 0, RetryAfterMax.Ticks));
    }

    private async Task DrainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerReadMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var buffer = new byte[AnswerBytesMax];
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, either.Token);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status was all that counts; the connection is closed.
        }
    }

    private static DeliveryReason ReasonOf(HttpRequestException exception)
    {
        for (var cause = exception.InnerException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AddressRefusedException: return DeliveryReason.AddressRefused;
                case AuthenticationException: return DeliveryReason.Tls;
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery }: return DeliveryReason.Dns;
            }
        }

        return exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => DeliveryReason.Dns,
            HttpRequestError.ConnectionError => DeliveryReason.Connect,
            HttpRequestError.SecureConnectionError => DeliveryReason.Tls,
            _ => DeliveryReason.Broken,
        };
    }
}
