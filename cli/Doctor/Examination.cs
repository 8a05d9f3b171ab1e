using StackExchange.Redis;
using WgMonitor.Api.Status;
using WgMonitor.Cli.Redis;
using WgMonitor.Events;
using WgMonitor.Hosting;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Doctor;

/// <summary>
/// Read this first. All checks, from the configuration along the way of a line: Redis, collectors, what arrives there, the log and who reads it, hosts.
/// It reads what the services left in Redis and writes nothing.
/// </summary>
internal sealed class Examination(CheckConfig.Findings found, string dataDirectory, TimeProvider time) : IAsyncDisposable
{
    private readonly StreamOptions stream = found.Options.Get<StreamOptions>();
    private ConnectionMultiplexer? redis;

    /// <summary>One round of checks, in the order they should be mended.</summary>
    public async Task<IReadOnlyList<Check>> RunAsync(CancellationToken cancellationToken)
    {
        var checks = new List<Check>(ConfigurationChecks.Of(found, time.GetUtcNow()));
        try
        {
            await AskRedisAsync(checks, cancellationToken);
        }
        catch (CannotStartException exception)
        {
            checks.Add(Check.Bad("redis", "there is none to ask", exception.Message));
        }
        catch (Exception exception) when (RedisAway.Is(exception))
        {
            checks.Add(Check.Bad("redis", $"it cannot be used: {exception.Message}", "Look at [redis], at its log, and at firewalls on the way."));
        }
        return checks;
    }

    private async Task AskRedisAsync(List<Check> checks, CancellationToken cancellationToken)
    {
        redis ??= await RunningRedis.ConnectAsync(found.Options.Get<RedisOptions>(), dataDirectory, "wgmonitor-doctor");
        var (version, warnings) = await new RedisWarnings(redis).ReadAsync(cancellationToken);
        checks.Add(warnings.Count == 0 ? Check.Good("redis", $"version {version} answers, keeps what it is given and evicts nothing") : Check.Warning("redis", string.Join("; ", warnings)));

        var keys = new StreamKeys(stream.Prefix);
        var recorded = await redis.GetDatabase().HashGetAsync(keys.Meta, "partitions").WaitAsync(cancellationToken);
        if (!recorded.IsNull && recorded != stream.Partitions)
        {
            checks.Add(Check.Bad("event log", $"it has {recorded} partitions, and stream.partitions is {stream.Partitions}: no service starts", $"Set stream.partitions = {recorded}."));
            return;
        }
        var collectors = await new CollectorStatusStore(redis, new CollectorKeys(keys)).ReadAsync(cancellationToken);
        checks.AddRange(ArrivalCheck.Of(collectors));
        if (collectors.Count > 0) checks.AddRange(CollectorWarnings.Of(collectors).Select(warning => Check.Warning("collector", warning)));

        var reader = new StreamStatusReader(redis, keys);
        IReadOnlyList<StreamStatus> partitions = [];
        foreach (var group in ConsumerGroups.All)
        {
            partitions = await Task.WhenAll(Enumerable.Range(0, stream.Partitions).Select(partition => reader.ReadAsync(partition, group, cancellationToken)));
            checks.Add(LogChecks.Of(group, partitions));
        }

        checks.AddRange((await new ParkedWarnings(new ParkedLog(redis, keys, ConsumerGroups.All), stream.Partitions).ReadAsync(cancellationToken)).Select(warning => Check.Warning("parked", warning)));
        checks.AddRange((await new ArchiveFailureWarnings(redis, keys, stream).ReadAsync(cancellationToken)).Select(warning => Check.Warning("archive", warning)));
        var directory = new PeerDirectory(redis, new StateGenerations(redis, keys), stream.Partitions, (_, _) => { });
        var names = await directory.ReadHostNamesAsync("", HostChecks.HostsMax, cancellationToken);
        checks.Add(LogChecks.Retained(partitions, names.Count, names.Count == HostChecks.HostsMax));
        var hosts = new List<HostState>(names.Count);
        foreach (var name in names)
        {
            if (await directory.ReadHostAsync(name, cancellationToken) is { } host) hosts.Add(host);
        }
        checks.AddRange(HostChecks.Of(hosts, UnixMicroseconds.Now(time)));
    }

    public async ValueTask DisposeAsync()
    {
        if (redis is not null) await redis.DisposeAsync();
    }
}
