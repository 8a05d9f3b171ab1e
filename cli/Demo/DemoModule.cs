using WgMonitor.Cli.Demo.Fleet;
using WgMonitor.Collector;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.Demo;

/// <summary>What a demo adds to the services it runs: readiness that asks Redis, the banner, and the fleet once everything listens.</summary>
internal static class DemoModule
{
    public static ServiceModule Create(FleetStory story, FleetTransport transport, DemoScreen screen, bool ownRedis) => new("demo", [], (services, _) =>
    {
        services.AddRedisReadiness();
        services.AddHostedService(provider => new FleetService(
            provider.GetRequiredService<Listeners>(), provider.GetRequiredService<BoundListeners>(), provider.GetRequiredService<TimeProvider>(), story, transport, screen, ownRedis));
    });

    /// <summary>The last of the hosted services: it starts when all ports are bound, and stops before the collector drains.</summary>
    private sealed class FleetService(
        Listeners http, BoundListeners syslog, TimeProvider time, FleetStory story, FleetTransport transport, DemoScreen screen, bool ownRedis) : BackgroundService, IHostedLifecycleService
    {
        private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <inheritdoc/>
        public Task StartedAsync(CancellationToken cancellationToken)
        {
            screen.Banner(story, syslog.All, http.Http!, http.Metrics, ownRedis);
            started.SetResult();
            return Task.CompletedTask;
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        /// <inheritdoc/>
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await started.Task.WaitAsync(stoppingToken);
            var ports = syslog.All.ToDictionary(listener => listener.Protocol, listener => listener.Address);
            using var sender = new FleetSender(new(ports["udp"].Address.ToString(), ports["udp"].Port, ports["tcp"].Port), transport, screen.Fleet, time);
            await sender.RunAsync(story.Steps(), stoppingToken);
        }
    }
}
