using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

/// <summary>
/// Ready while a Redis that takes writes answers. A script that asks for the role answers on a replica too, and a primary that lost its place says so.
/// Liveness never asks Redis: restarting this process does not mend that one.
/// </summary>
internal sealed class RedisReadinessCheck(RedisConnection connection, TimeProvider time) : IHealthCheck
{
    // ROLE may not be called by scripts. "#!lua flags=…" lets it run where a script could write: on a replica, and without memory.
    private const string AskRole = "#!lua flags=no-writes,allow-stale\nreturn string.match(redis.call('INFO', 'replication'), 'role:(%a+)')";

    private const string AskCluster = "#!lua flags=no-writes,allow-stale\nreturn redis.call('CLUSTER', 'INFO')";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var start = time.GetTimestamp();
            if (await ClusterStateAsync(cancellationToken) is { } state and not "ok")
                return HealthCheckResult.Unhealthy($"the Redis cluster's state is {state}: some keys have no primary");
            var role = (string?)await connection.Multiplexer.GetDatabase().ScriptEvaluateAsync(AskRole, flags: CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            return role == "master"
                ? HealthCheckResult.Healthy($"answered in {time.GetElapsedTime(start).TotalMilliseconds:0.0} ms")
                : HealthCheckResult.Unhealthy("Redis is a replica and takes no writes");
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("Redis does not answer");
        }
    }

    /// <summary>As one node of the cluster sees it: <c>ok</c> while every slot has a primary. Null where there is no cluster.</summary>
    private async Task<string?> ClusterStateAsync(CancellationToken cancellationToken)
    {
        var node = connection.Multiplexer.GetServers().FirstOrDefault(server => server is { ServerType: ServerType.Cluster, IsConnected: true });
        if (node is null) return null;
        var info = (string?)await node.ExecuteAsync("EVAL", AskCluster, 0).WaitAsync(cancellationToken) ?? "";
        return info.Split("\r\n").Select(line => line.Split(':')).FirstOrDefault(pair => pair[0] == "cluster_state")?[^1];
    }
}

/// <summary>Registration of readiness checks this library offers.</summary>
public static class ReadinessRegistration
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// <c>/readyz</c> of this process needs an answer from Redis within a second, and its settings are looked at. May be called by several modules.
        /// </summary>
        public IServiceCollection AddRedisReadiness()
        {
            if (services.Any(service => service.ServiceType == typeof(RedisReadinessCheck))) return services;
            services.AddSingleton<RedisReadinessCheck>();
            services.AddHostedService<RedisWatch>();
            services.AddHealthChecks().Add(new("redis", provider => provider.GetRequiredService<RedisReadinessCheck>(), null, null, TimeSpan.FromSeconds(1)));
            return services;
        }
    }
}
