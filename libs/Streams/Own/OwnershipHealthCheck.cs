using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace WgMonitor.Streams;

/// <summary>
/// Ready while Redis answers this replica's heartbeats. A replica without partitions is ready too: there may be more replicas than partitions.
/// </summary>
public sealed class OwnershipHealthCheck(PartitionOwners owners, IOptions<StreamOptions> options) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var silence = owners.SinceHeard;
        var result = owners.HasJoined && silence <= options.Value.LeaseTtl
            ? HealthCheckResult.Healthy($"{owners.Owned.Count} partitions of {owners.Group} owned")
            : HealthCheckResult.Unhealthy($"Redis has not answered group {owners.Group} for {silence.TotalSeconds:F0} s");
        return Task.FromResult(result);
    }
}
