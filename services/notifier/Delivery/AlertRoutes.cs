using System.Net;

namespace WgMonitor.Notifier;

/// <summary>The configured routes, built once.</summary>
internal sealed class AlertRoutes : IDisposable
{
    private readonly Random random;
    private readonly Lock gate = new();

    public AlertRoutes(NotifierOptions options, NotifierMetrics metrics, ILogger<LogChannel> logger, TimeProvider time, Random random)
    {
        this.random = random;
        All = [.. options.EffectiveRoutes.Select(route => new AlertRoute(route, Channel(route, options, logger, time), RoutePipeline.Create(route, metrics, time, Chance), metrics))];
    }

    /// <summary>Routes that were built elsewhere.</summary>
    internal AlertRoutes(IReadOnlyList<AlertRoute> all, Random random) => (All, this.random) = (all, random);

    /// <summary>In the order of the configuration; at least one.</summary>
    public IReadOnlyList<AlertRoute> All { get; }

    /// <summary>0 to 1, for jitter. <see cref="Random"/> is not thread-safe and routes run at once.</summary>
    public double Chance()
    {
        lock (gate) return random.NextDouble();
    }

    public void Dispose()
    {
        foreach (var route in All) route.Dispose();
    }

    private static IAlertChannel Channel(RouteOptions route, NotifierOptions options, ILogger logger, TimeProvider time) => route.Type switch
    {
        RouteType.Webhook => Webhook(route, options, time),
        RouteType.Log => new LogChannel(logger),
        _ => throw new ArgumentOutOfRangeException(nameof(route), route.Type, "no such type of route"),
    };

    private static WebhookChannel Webhook(RouteOptions route, NotifierOptions options, TimeProvider time)
    {
        var connector = new WebhookConnector(route.AllowInsecure, Dns.GetHostAddressesAsync);
        return new WebhookChannel(connector.CreateHandler(), route.Url!, route.Format, options.PublicUrl, WebhookSignature.Of(route.Secret, route.SecretPrevious), time);
    }
}
