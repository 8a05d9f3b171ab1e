using Microsoft.Extensions.Logging;
using Prometheus;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

/// <summary>
/// The one connection of a process to Redis: to one server, to all nodes of a cluster, or to the primary that the sentinels name and its replicas. It is
/// made at the first use, never fails because Redis is away (only where sentinels answer and know no primary does the start wait for one), and mends itself;
/// commands sent while it is down wait up to <see cref="RedisOptions.CommandTimeout"/> and then fail with <c>RedisTimeoutException</c> or
/// <c>RedisConnectionException</c>.
/// </summary>
public sealed class RedisConnection : IDisposable
{
    private static readonly TimeSpan SentinelPause = TimeSpan.FromSeconds(1);

    private readonly ConfigurationOptions configuration;
    private readonly ILogger<RedisConnection> logger;
    private readonly Counter failures;
    private readonly Lazy<ConnectionMultiplexer> multiplexer;
    private ConnectionMultiplexer? sentinels;

    /// <summary>Opens nothing yet.</summary>
    public RedisConnection(RedisOptions options, RedisClientName clientName, MetricFactory metrics, ILogger<RedisConnection> logger)
    {
        this.logger = logger;
        configuration = options.ToConfigurationOptions(clientName.Value);
        failures = metrics.CreateCounter(
            "wgmonitor_redis_connection_failures_total",
            "Connections to Redis that were lost or could not be made. When it rises, look at Redis and the network to it.");
        multiplexer = new(Connect);
    }

    /// <summary>
    /// The shared multiplexer. The first caller waits up to <see cref="RedisOptions.ConnectTimeout"/>; it is returned unconnected when Redis
    /// does not answer.
    /// </summary>
    public IConnectionMultiplexer Multiplexer => multiplexer.Value;

    private ConnectionMultiplexer Connect()
    {
        var connection = configuration.ServiceName is null ? ConnectionMultiplexer.Connect(configuration) : ConnectBySentinel();
        connection.ConnectionFailed += (_, failed) =>
        {
            // The library holds a second connection for subscriptions; one loss is told once.
            if (failed.ConnectionType != ConnectionType.Interactive) return;
            failures.Inc();
            logger.RedisConnectionFailed(failed.EndPoint, failed.FailureType);
        };
        connection.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive) logger.RedisConnectionRestored(restored.EndPoint);
        };
        var endpoint = connection.GetEndPoints()[0];
        if (connection.IsConnected)
        {
            logger.RedisConnectionRestored(endpoint);
        }
        else
        {
            failures.Inc();
            logger.RedisConnectionFailed(endpoint, ConnectionFailureType.UnableToConnect);
        }

        return connection;
    }

    // While no sentinel answers, the client takes the sentinels for the servers and goes on asking; when they answer, and name no primary, it throws.
    private ConnectionMultiplexer ConnectBySentinel()
    {
        while (true)
        {
            // Copies: the client replaces the endpoints of the sentinels by those that they name.
            sentinels = ConnectionMultiplexer.SentinelConnect(configuration.Clone());
            try
            {
                return sentinels.GetSentinelMasterConnection(configuration.Clone());
            }
            catch (RedisConnectionException exception)
            {
                sentinels.Dispose();
                failures.Inc();
                logger.SentinelFailed(configuration.ServiceName!, string.Join(", ", configuration.EndPoints), exception.Message);
                using var pause = new ManualResetEventSlim();
                pause.Wait(SentinelPause);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (multiplexer.IsValueCreated) multiplexer.Value.Dispose();
        sentinels?.Dispose();
    }
}

/// <summary>The name this process has in Redis' <c>CLIENT LIST</c>: <c>wgmonitor-collector</c>, or <c>wgmonitor</c> for several services in one.</summary>
public sealed record RedisClientName(string Value);
