using System.Net;
using WgMonitor.Collector;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Up;

/// <summary>Where the collector of this process listens, for the banner.</summary>
internal static class SyslogListeners
{
    /// <summary>Protocol word and address of every listener.</summary>
    public static IReadOnlyList<(string Protocol, IPEndPoint Address)> Of(BoundOptions options)
    {
        var listen = options.Get<CollectorOptions>().Listen;
        // An empty list means the default one.
        return [.. (listen.Count > 0 ? listen : [new()]).Select(listener => (listener.Protocol.ToString().ToLowerInvariant(), listener.EndPoint))];
    }
}
