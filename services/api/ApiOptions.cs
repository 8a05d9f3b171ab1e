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

    /// <summary>Most readers of <c>/api/v1/events/stream</c> at once; further ones get 503. Default 32, 0 to 10000.</summary>
    [Range(0, 10_000)]
    public int StreamClientsMax { get; set; } = 32;

    /// <summary>How long a reader of the stream may take nothing before it is dropped. Default 10 s, 100 ms to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan StreamStallMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two looks for new entries, for all readers of the stream together. Default 250 ms, 10 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan StreamPollInterval { get; set; } = TimeSpan.FromMilliseconds(250);
}
