using System.Text.Json;
using Prometheus;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Api.Metrics;

/// <summary>
/// Peer state as Prometheus series, read from Redis when somebody scrapes. Bounded: at most one read in <see cref="Interval"/>; a scrape waits
/// <see cref="ScrapeWaitMax"/> for it and then shows the state before, while the read goes on up to <see cref="ReadMax"/>; a read ends at the
/// first peer beyond <see cref="ApiOptions.PeerSeriesMax"/>, and then no peer has series.
/// </summary>
internal sealed class PeerSeries(PeerSamples samples, MetricFactory factory, PeerDirectory directory, ApiOptions options, TimeProvider time, ILogger<PeerSeries> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ScrapeWaitMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadMax = TimeSpan.FromSeconds(30);

    private readonly Gauge refused = factory.CreateGauge(
        "wgmonitor_api_peer_series_refused",
        "1 while no peer has series because there are more than api.peer_series_max. Staying 1: raise it if your Prometheus can bear it.");

    private readonly Counter stale = factory.CreateCounter(
        "wgmonitor_api_peer_series_stale_total", "Scrapes that showed an older state of the peers, because reading it failed or took more than 2 s. Rising: look at Redis.");

    private readonly Lock gate = new();
    private Task<Exception?> read = Task.FromResult<Exception?>(null);
    private long? startedAt;

    /// <summary>Brings the series up to date if they are older than <see cref="Interval"/>. Weather at Redis is counted, never thrown.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (options.PeerSeriesMax == 0) return;
        try
        {
            if (await Running().WaitAsync(ScrapeWaitMax, time, cancellationToken) is { } failure) logger.PeerSeriesStale(stale, failure);
        }
        catch (TimeoutException exception)
        {
            logger.PeerSeriesStale(stale, exception);
        }
    }

    private Task<Exception?> Running()
    {
        lock (gate)
        {
            if (!read.IsCompleted || (startedAt is { } start && time.GetElapsedTime(start) < Interval)) return read;
            startedAt = time.GetTimestamp();
            // Of no single scrape: the next one profits when this one's scraper goes away.
            return read = Task.Run(TryReadAsync, CancellationToken.None);
        }
    }

    /// <summary>Null, or why the series show an older state.</summary>
    private async Task<Exception?> TryReadAsync()
    {
        using var limit = new CancellationTokenSource(ReadMax, time);
        try
        {
            await ReadPeersAsync(limit.Token);
            return null;
        }
        catch (Exception exception) when (RedisAway.Is(exception) || exception is JsonException or OperationCanceledException)
        {
            return exception;
        }
    }

    private async Task ReadPeersAsync(CancellationToken cancellationToken)
    {
        var now = UnixMicroseconds.Now(time);
        var alive = new List<ListedPeer>();
        var gone = 0;
        var limit = Math.Min(options.PageMax, options.PeerSeriesMax + 1);
        for (var after = ""; after is not null && alive.Count <= options.PeerSeriesMax;)
        {
            var page = await directory.ReadPageAsync(after, limit, cancellationToken);
            alive.AddRange(page.Peers.Where(listed => !listed.Peer.IsGone));
            gone += page.Peers.Count(listed => listed.Peer.IsGone);
            after = page.Next;
        }
        var tooMany = alive.Count > options.PeerSeriesMax;
        refused.Set(tooMany ? 1 : 0);
        if (tooMany) samples.ShowNone();
        else samples.Show(alive, gone, now);
    }
}
