using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>The log in Redis does not fit the configuration. The message is one sentence that says what to do.</summary>
public sealed class StreamTopologyException : Exception
{
    /// <inheritdoc/>
    public StreamTopologyException() { }

    /// <inheritdoc/>
    public StreamTopologyException(string message) : base(message) { }

    /// <inheritdoc/>
    public StreamTopologyException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>
/// The shape of the log that cannot change while it holds events: the number of partitions and the format. Recorded in Redis by whoever starts first.
/// </summary>
public sealed class StreamTopology(IConnectionMultiplexer redis, StreamKeys keys, IOptions<StreamOptions> options, TimeProvider time)
{
    /// <summary>Version of the key layout and of the scripts; another number means another program wrote the log.</summary>
    public const int Format = 1;

    /// <summary>Field of <c>meta</c> that says how far a repartition is; while it is there, no service starts.</summary>
    public const string RepartitionField = "repartition";

    private static readonly TimeSpan KeepInterval = TimeSpan.FromSeconds(10);

    /// <summary>Records the number of partitions, or compares it with the recorded one. Call once before anything else of this library.</summary>
    /// <exception cref="StreamTopologyException">The recorded number or format is another one.</exception>
    /// <exception cref="RedisException">Redis did not answer; the caller decides how long to try.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var reply = await RedisScript.Topology.EvaluateAsync(redis.GetDatabase(), [keys.Meta], [options.Value.Partitions, Format]).WaitAsync(cancellationToken).ConfigureAwait(false);
        if ((string?)reply[0] == "WRONGTYPE")
            throw new StreamTopologyException($"The Redis key '{keys.Meta}' is used by something else: choose another stream.prefix or another database.");
        var partitions = (string?)reply[0] ?? "";
        var format = (string?)reply[1] ?? "";
        if (format != Format.ToString(CultureInfo.InvariantCulture))
            throw new StreamTopologyException($"The log '{keys.Prefix}' in Redis has format {format} and this program writes format {Format}: use the version of the program that wrote it, or another stream.prefix.");
        if (reply.Length > 2 && (string?)reply[2] is { Length: > 0 })
            throw new StreamTopologyException($"The log '{keys.Prefix}' in Redis is being repartitioned: wait for `wgmonitor repartition` to end, and if it was interrupted, run it again.");
        if (partitions != options.Value.Partitions.ToString(CultureInfo.InvariantCulture))
            throw new StreamTopologyException(
                $"The log '{keys.Prefix}' in Redis was made with {partitions} partitions, but stream.partitions is {options.Value.Partitions}: "
                + $"set stream.partitions = {partitions}, or stop all services and run `wgmonitor repartition {options.Value.Partitions}`.");
    }

    /// <summary>As <see cref="EnsureAsync"/>, trying until Redis answers.</summary>
    /// <exception cref="StreamTopologyException">The recorded number or format is another one.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await EnsureAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (RedisWeather.TryRead(exception, out _))
            {
                await Task.Delay(options.Value.BackoffMin, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Looks again from time to time: a Redis that came back empty must know the number of partitions before another replica starts.</summary>
    /// <exception cref="StreamTopologyException">The recorded number or format is another one.</exception>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(KeepInterval, time, cancellationToken).ConfigureAwait(false);
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
