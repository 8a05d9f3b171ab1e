using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prometheus;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Projector;
using WgMonitor.Projector.Compat;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.EndToEnd.Tests.Parked;

/// <summary>A projector in this process whose fold throws where the product's does not: a version with a bug that the next one mends. Stopping it is as SIGTERM.</summary>
internal sealed class OlderProjector : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly PartitionOwners owners;
    private readonly Task run;

    public OlderProjector(Deployment product, ApplyToHost fold)
    {
        var registry = Metrics.NewCustomRegistry();
        var options = new StreamOptions
        {
            Partitions = product.Partitions,
            LeaseTtl = TimeSpan.FromSeconds(2),
            RebalanceInterval = TimeSpan.FromMilliseconds(100),
            BackoffMin = TimeSpan.FromMilliseconds(20),
            BackoffMax = TimeSpan.FromMilliseconds(100),
        };
        var metrics = new ProjectorMetrics(Metrics.WithCustomRegistry(registry), NullLogger<ProjectorMetrics>.Instance);
        var factory = new PeerProjections(
            product.Connection, new StateGenerations(product.Connection, product.Keys), new StateOptions(), new ProjectorOptions(), new LegacyHashes(new CompatOptions(), options, metrics), metrics)
        {
            Apply = fold,
        };
        owners = new PartitionOwners(
            product.Connection, product.Keys, ConsumerGroups.Projector, factory, Options.Create(options), new StreamMetrics(registry), TimeProvider.System, NullLogger<PartitionOwners>.Instance);
        run = owners.RunAsync(stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await run;
        owners.Dispose();
        stopping.Dispose();
    }
}
