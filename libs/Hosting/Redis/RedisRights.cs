using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

/// <summary>Redis does not let this process do what it is for. The message names the command and the key, and says what to do.</summary>
public sealed class RedisRightsException(string message) : Exception(message);

/// <summary>Commands that a process needs, each as it would be called, with a key that stands for all of the kind: <c>XADD wgmonitor:{p0}:events * f v</c>.</summary>
public sealed record RedisRights(IReadOnlyList<string[]> Commands);

/// <summary>
/// Asks Redis once, at the start, whether its access control list allows every command that the services of this process use. A missing right would show
/// much later and in the middle of a script; so the process ends and says which.
/// </summary>
internal sealed class RedisRightsCheck(RedisConnection connection, IEnumerable<RedisRights> rights, RedisOptions options, TimeProvider time) : BackgroundService
{
    // Looks and does nothing; there since Redis 7.0.
    private const string Ask = "#!lua flags=no-writes,allow-stale\nreturn redis.acl_check_cmd(unpack(ARGV)) and 1 or 0";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var command in rights.SelectMany(right => right.Commands))
        {
            while (!await IsAskedAsync(command)) await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
        }
    }

    /// <summary>False while Redis does not answer.</summary>
    /// <exception cref="RedisRightsException">The command is not allowed.</exception>
    private async Task<bool> IsAskedAsync(string[] command)
    {
        try
        {
            var allowed = await connection.Multiplexer.GetDatabase().ScriptEvaluateAsync(Ask, [], [.. command.Select(word => (RedisValue)word)], CommandFlags.DemandMaster);
            return (int)allowed == 1 ? true : throw Missing($"{command[0]}{(command.Length > 1 ? $" on {command[1]}" : "")}");
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.NoPermission)
        {
            throw Missing($"EVAL ({exception.Message})");
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            return false;
        }
    }

    private RedisRightsException Missing(string what) => new(
        $"Redis does not let the user '{options.ToConfigurationOptions("").User ?? "default"}' run {what}. Allow it in Redis' access control list (ACL SETUSER), or use another user.");
}

/// <summary>Registration of the rights a service needs.</summary>
public static class RedisRightsRegistration
{
    extension(IServiceCollection services)
    {
        /// <summary>The process ends with exit code 78 where Redis does not allow one of these commands. May be called by several modules.</summary>
        public IServiceCollection AddRedisRights(IReadOnlyList<string[]> commands)
        {
            services.AddSingleton(new RedisRights(commands));
            if (!services.Any(service => service.ImplementationType == typeof(RedisRightsCheck))) services.AddHostedService<RedisRightsCheck>();
            return services;
        }
    }
}
