using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus;

namespace WgMonitor.Hosting;

/// <summary>
/// <c>/healthz</c> and <c>/livez</c> (the process lives; asks nothing), <c>/readyz</c> (the registered health checks; 200 or 503 with a JSON list)
/// and <c>/metrics</c>. Middleware instead of routes: it runs by listener, before anything a module maps, so no port shows what belongs to another.
/// </summary>
internal sealed class OperationsEndpoints(RequestDelegate next, MetricsScrape scrape, HealthCheckService health)
{
    public Task InvokeAsync(HttpContext context)
    {
        var listener = context.Features.Get<ListenerFeature>();
        // A connection of somebody else's listener (a module's own TLS port, say) is left alone.
        if (listener is null) return next(context);
        if (listener.Operations && Find(context.Request.Path) is { } serve)
            return IsRead(context) ? serve(context) : Refuse(context, StatusCodes.Status405MethodNotAllowed);
        return listener.Routes ? next(context) : Refuse(context, StatusCodes.Status404NotFound);
    }

    private RequestDelegate? Find(PathString path) => path.Value switch
    {
        "/healthz" or "/livez" => ServeLiveness,
        "/readyz" => ServeReadiness,
        "/metrics" => ServeMetrics,
        _ => null,
    };

    private static Task ServeLiveness(HttpContext context)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("ok\n", context.RequestAborted);
    }

    private async Task ServeReadiness(HttpContext context)
    {
        var report = await health.CheckHealthAsync(context.RequestAborted);
        var ready = report.Status != HealthStatus.Unhealthy;
        var checks = report.Entries.Select(entry => new ReadinessCheck(entry.Key, Word(entry.Value.Status), entry.Value.Description)).ToArray();
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        var body = new Readiness(ready ? "ready" : "not_ready", checks);
        await context.Response.WriteAsJsonAsync(body, ReadinessJson.Default.Readiness, cancellationToken: context.RequestAborted);
    }

    private async Task ServeMetrics(HttpContext context)
    {
        try
        {
            var text = await scrape.ReadAsync(context.RequestAborted);
            context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
            await context.Response.Body.WriteAsync(text, context.RequestAborted);
        }
        catch (ScrapeFailedException exception) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(exception.Message + "\n", context.RequestAborted);
        }
    }

    private static bool IsRead(HttpContext context) => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);

    private static Task Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}

/// <summary>
/// Work of a module before each answer of <c>/metrics</c>, for series that are read elsewhere (Redis, say). A <c>ScrapeFailedException</c>
/// makes the answer 503, so that the scraper sees a failure and not old values; the library's own callbacks (8.2.1) swallow it.
/// </summary>
/// <param name="Read">Brings the series up to date; cancelled when the scraper goes away.</param>
public sealed record BeforeScrape(Func<CancellationToken, Task> Read);

/// <summary>Body of <c>/readyz</c>.</summary>
internal sealed record Readiness(string Status, ReadinessCheck[] Checks);

/// <summary>One line of it.</summary>
internal sealed record ReadinessCheck(string Name, string Status, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Readiness))]
internal sealed partial class ReadinessJson : JsonSerializerContext;
