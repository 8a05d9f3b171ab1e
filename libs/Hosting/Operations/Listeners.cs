using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace WgMonitor.Hosting;

/// <summary>What a connection may ask for, decided by the port it came in on.</summary>
internal sealed record ListenerFeature(bool Operations, bool Routes);

/// <summary>
/// The two HTTP listeners of a process; one when both addresses are equal. After the start the really bound ports, also where 0 was
/// asked for.
/// </summary>
public sealed class Listeners
{
    private readonly IPEndPoint metrics;
    private readonly IPEndPoint? http;
    private readonly bool shared;
    private ListenOptions? metricsListener;
    private ListenOptions? httpListener;

    /// <param name="metrics">Null means the same port as <paramref name="http"/>.</param>
    /// <param name="http">Null when there are no routes; then <paramref name="metrics"/> is given.</param>
    internal Listeners(IPEndPoint? metrics, IPEndPoint? http)
    {
        // Port 0 asks for a free port each time it is written.
        shared = metrics is null || (metrics.Equals(http) && metrics.Port != 0);
        this.metrics = metrics ?? http!;
        this.http = http;
    }

    /// <summary>Where <c>/metrics</c> and health are served.</summary>
    public IPEndPoint Metrics => metricsListener?.IPEndPoint ?? metrics;

    /// <summary>Where the routes of the modules are served; null when no module has any.</summary>
    public IPEndPoint? Http => httpListener?.IPEndPoint ?? http;

    internal void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(metrics, listen => metricsListener = Mark(listen, new(Operations: true, Routes: shared)));
        if (shared) httpListener = metricsListener;
        else if (http is not null) kestrel.Listen(http, listen => httpListener = Mark(listen, new(Operations: false, Routes: true)));
    }

    private static ListenOptions Mark(ListenOptions listen, ListenerFeature feature)
    {
        listen.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
        return listen;
    }
}
