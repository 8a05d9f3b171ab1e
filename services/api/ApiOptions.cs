using System.ComponentModel.DataAnnotations;
using System.Net;

namespace WgMonitor.Api;

/// <summary>Section <c>[api]</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>Where API, reference page and (alone in a process) metrics are served. Default <c>127.0.0.1:8080</c>. It has no login: leave it on loopback or behind a proxy that has one.</summary>
    public IPEndPoint Address { get; set; } = new(IPAddress.Loopback, 8080);

    /// <summary>Most items of one page. Default 1000, 1 to 10000; more asked for is cut to this.</summary>
    [Range(1, 10_000)]
    public int PageMax { get; set; } = 1000;

    /// <summary>Most peers with series of their own at <c>/metrics</c>; 0 for none. Default 1000, up to 100000. Beyond it no peer has any, and <c>wgmonitor_api_peer_series_refused</c> says so.</summary>
    [Range(0, 100_000)]
    public int PeerSeriesMax { get; set; } = 1000;
}
