using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Streams.Tests;

public class StreamRegistrationTests(SharedRedis shared)
{
    [Fact]
    public async Task A_host_that_registers_the_log_consumes_it_and_is_ready()
    {
        var log = await Log.CreateAsync(shared.Server);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConnectionMultiplexer>(log.Connection);
        services.AddSingleton(Metrics.NewCustomRegistry());
        services.AddSingleton(log.Database);
        services.AddSingleton("g");
        services.AddSingleton(Options.Create(log.Settings));
        services.AddEventStream();
        services.AddPartitionConsumers<NumberHandlerFactory>("g");
        services.AddStreamTrimmer(_ => new TrimGroups(["g"], []));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<StreamTopology>().EnsureAsync(default);
        var health = provider.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);

        foreach (var hosted in provider.GetServices<IHostedService>()) await hosted.StartAsync(default);
        await provider.GetRequiredService<EventAppender>().AppendAsync(0, "c1", 1, Numbers.Batch([1, 2]), default);
        var factory = provider.GetRequiredService<NumberHandlerFactory>();
        await Wait.Until(async () => await factory.StoredAsync(0) == NumberHandlerFactory.Fold([1, 2]), "the events are applied");

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        foreach (var hosted in provider.GetServices<IHostedService>()) await hosted.StopAsync(default);
        Assert.Null((await provider.GetRequiredService<StreamStatusReader>().ReadAsync(0, "g", default)).Owner);
    }

    [Fact]
    public void Defaults_are_valid_and_values_out_of_range_are_not()
    {
        Assert.Empty(Mistakes(new StreamOptions()));
        Assert.Equal(
            ["LeaseTtl", "Partitions", "PollMin", "Prefix", "ReadBatchMax"],
            Mistakes(new StreamOptions { Prefix = "a{b}", Partitions = 257, ReadBatchMax = 0, LeaseTtl = TimeSpan.FromMilliseconds(999), PollMin = TimeSpan.Zero }).Order());
    }

    private static IEnumerable<string> Mistakes(StreamOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.SelectMany(result => result.MemberNames);
    }
}
