using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// Registers the log. The host brings <see cref="IConnectionMultiplexer"/>, <c>CollectorRegistry</c>, logging and the bound <see cref="StreamOptions"/>.
/// A log that does not fit the options ends the consumers with a <see cref="StreamTopologyException"/>.
/// </summary>
public static class StreamRegistration
{
    extension(IServiceCollection services)
    {
        /// <summary>What reads and writes the log: keys, topology, appender, reader, status, metrics.</summary>
        public IServiceCollection AddEventStream()
        {
            services.TryAddSingleton(TimeProvider.System);
            services.TryAddSingleton<IOptions<StreamOptions>>(provider => Options.Create(provider.GetRequiredService<StreamOptions>()));
            services.TryAddSingleton(provider => new StreamKeys(provider.GetRequiredService<IOptions<StreamOptions>>().Value.Prefix));
            services.TryAddSingleton<StreamMetrics>();
            services.TryAddSingleton<StreamTopology>();
            services.TryAddSingleton<EventAppender>();
            services.TryAddSingleton<LogReader>();
            services.TryAddSingleton<PartitionClaims>();
            services.TryAddSingleton<StreamStatusReader>();
            services.TryAddSingleton<LogExtentReader>();
            services.TryAddSingleton<LostEntriesReader>();
            return services;
        }

        /// <summary>Consumes the log as a replica of <paramref name="group"/>, with handlers made by <typeparamref name="TFactory"/>; adds a readiness check tagged <c>ready</c>.</summary>
        public IServiceCollection AddPartitionConsumers<TFactory>(string group)
            where TFactory : class, IPartitionHandlerFactory
        {
            services.AddSingleton<TFactory>();
            services.AddKeyedSingleton(group, (provider, _) => ActivatorUtilities.CreateInstance<PartitionOwners>(provider, group, provider.GetRequiredService<TFactory>()));
            services.AddSingleton<IHostedService>(provider => new Running(stopping => ConsumeAsync(
                provider.GetRequiredService<StreamTopology>(), provider.GetRequiredKeyedService<PartitionOwners>(group), stopping)));
            services.AddHealthChecks().Add(new(
                $"stream-{group}",
                provider => ActivatorUtilities.CreateInstance<OwnershipHealthCheck>(provider, provider.GetRequiredKeyedService<PartitionOwners>(group)),
                failureStatus: null,
                tags: ["ready"]));
            return services;
        }

        /// <summary>Trims the log in the background, behind the checkpoints of <paramref name="groups"/> up to the ceiling.</summary>
        /// <param name="groups">Made once; whose entries are kept until they are applied.</param>
        /// <param name="beforeTrim">Made once; called before each trim of a partition.</param>
        public IServiceCollection AddStreamTrimmer(Func<IServiceProvider, TrimGroups> groups, Func<IServiceProvider, BeforeTrim>? beforeTrim = null)
        {
            services.AddSingleton(provider => new StreamTrimmer(
                provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<StreamKeys>(), groups(provider), beforeTrim?.Invoke(provider),
                provider.GetRequiredService<IOptions<StreamOptions>>(),
                provider.GetRequiredService<StreamMetrics>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StreamTrimmer>>()));
            services.AddSingleton<IHostedService>(provider => new Running(provider.GetRequiredService<StreamTrimmer>().RunAsync));
            return services;
        }
    }

    private static async Task ConsumeAsync(StreamTopology topology, PartitionOwners owners, CancellationToken stopping)
    {
        await topology.WaitAsync(stopping);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var keeping = topology.KeepAsync(ended.Token);
        var consuming = owners.RunAsync(ended.Token);
        var first = await Task.WhenAny(keeping, consuming);
        await ended.CancelAsync();
        await ((Task)consuming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
        await consuming;
    }

    private sealed class Running(Func<CancellationToken, Task> run) : BackgroundService
    {
        /// <summary>Stopping is no failure, not even before the start was complete.</summary>
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                await run(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
        }
    }
}
