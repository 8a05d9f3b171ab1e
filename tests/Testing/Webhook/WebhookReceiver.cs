using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace WgMonitor.Testing;

/// <summary>A request as a <see cref="WebhookReceiver"/> got it. Header names are looked up without regard to case.</summary>
public sealed record WebhookRequest(
    int Number, DateTimeOffset ReceivedAt, string Method, string Path, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body, WebhookAnswer Answer)
{
    public string BodyText => Encoding.UTF8.GetString(Body.Span);
}

/// <summary>
/// A web server on a free loopback port that records every request and answers as scripted: first the script in order, then
/// <see cref="AfterScript"/>. Safe for concurrent senders.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<WebhookRequest> requests = [];
    private readonly Queue<WebhookAnswer> script = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly WebApplication application;

    private WebhookReceiver(WebApplication application) => this.application = application;

    /// <summary>For example http://127.0.0.1:40123/hook. Every path is answered.</summary>
    public Uri Url => new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook");

    /// <summary>The answer when the script has ended; 200 unless set.</summary>
    public WebhookAnswer AfterScript { get; set; } = WebhookAnswer.Ok;

    /// <summary>All requests until now, in order of arrival.</summary>
    public IReadOnlyList<WebhookRequest> Requests
    {
        get
        {
            lock (gate)
                return [.. requests];
        }
    }

    public static async Task<WebhookReceiver> StartAsync(params WebhookAnswer[] script)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication application = builder.Build();
        var receiver = new WebhookReceiver(application);
        receiver.Script(script);
        application.Run(receiver.AnswerAsync);
        await application.StartAsync();
        return receiver;
    }

    /// <summary>Appends to the script.</summary>
    public void Script(params WebhookAnswer[] answers)
    {
        lock (gate)
        {
            foreach (WebhookAnswer answer in answers)
                script.Enqueue(answer);
        }
    }

    /// <summary>Waits for so many requests and returns all there are then.</summary>
    /// <exception cref="TimeoutException">Fewer came.</exception>
    public async Task<IReadOnlyList<WebhookRequest>> ReceivedAsync(int count, TimeSpan? limit = null)
    {
        await Wait.Until(() => Requests.Count >= count, $"{count} requests reach the receiver", limit);
        return Requests;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await application.DisposeAsync();
        stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, stopping.Token);
        WebhookAnswer answer = Record(context.Request, body.ToArray());

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, context.RequestAborted);
        try
        {
            await answer.GiveAsync(context, ended.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private WebhookAnswer Record(HttpRequest request, byte[] body)
    {
        var headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        lock (gate)
        {
            WebhookAnswer answer = script.Count > 0 ? script.Dequeue() : AfterScript;
            requests.Add(new WebhookRequest(requests.Count + 1, DateTimeOffset.UtcNow, request.Method, request.Path, headers, body, answer));
            return answer;
        }
    }
}
