using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace WgMonitor.Cli.Demo;

/// <summary>The demo's webhook: a web server on a free loopback port that takes the notifier's POSTs and hands on what they say.</summary>
internal sealed class AlertReceiver : IAsyncDisposable
{
    private const int BodyBytesMax = 64 * 1024;

    private readonly WebApplication application;

    private AlertReceiver(WebApplication application) => this.application = application;

    /// <summary>For the notifier's route.</summary>
    public Uri Url => new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/alerts");

    /// <param name="show">Gets the summary of every alert.</param>
    /// <param name="stop">Of the start.</param>
    public static async Task<AlertReceiver> StartAsync(Action<string> show, CancellationToken stop)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        });
        var application = builder.Build();
        application.Run(context => TakeAsync(context, show));
        await application.StartAsync(stop);
        return new(application);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    /// <summary>204 for an alert; 400 for what is none, which the notifier does not send.</summary>
    private static async Task TakeAsync(HttpContext context, Action<string> show)
    {
        try
        {
            using var alert = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            show(alert.RootElement.GetProperty("data").GetProperty("summary").GetString() ?? "");
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }
}
