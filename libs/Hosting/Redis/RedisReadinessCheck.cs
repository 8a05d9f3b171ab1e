using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

/// <summary>Ready while Redis answers PING. Liveness never asks Redis: restarting this process does not mend that one.</summary>
internal sealed class RedisReadinessCheck(RedisConnection connection) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var roundTrip = await connection.Multiplexer.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy($"answered in {roundTrip.TotalMilliseconds:0.0} ms");
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("Redis does not answer");
        }
    }
}

/// <summary>Registration of readiness checks this library offers.</summary>
public static class ReadinessRegistration
{
    extension(IServiceCollection services)
    {
        /// <summary><c>/readyz</c> of this process needs an answer from Redis within a second. May be called by several modules.</summary>
        public IServiceCollection AddRedisReadiness()
        {
            if (services.Any(service => service.ServiceType == typeof(RedisReadinessCheck))) return services;
            services.AddSingleton<RedisReadinessCheck>();
            services.AddHealthChecks().Add(new("redis", provider => provider.GetRequiredService<RedisReadinessCheck>(), null, null, TimeSpan.FromSeconds(1)));
            return services;
        }
    }
}
