using Prometheus;

namespace WgMonitor.Hosting;

/// <summary>
/// The series of one moment. One scrape at a time: series are read one after the other, and another scrape would bring those not yet read up to a later moment,
/// so that what belongs together would not fit together.
/// </summary>
internal sealed class MetricsScrape(CollectorRegistry registry, IEnumerable<BeforeScrape> sources) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>The text in memory: a scraper that reads slowly holds up no other.</summary>
    /// <exception cref="ScrapeFailedException">A source cannot be read.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var source in sources) await source.Read(cancellationToken);
            using var text = new MemoryStream();
            await registry.CollectAndExportAsTextAsync(text, cancellationToken);
            return text.GetBuffer().AsMemory(0, (int)text.Length);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}
