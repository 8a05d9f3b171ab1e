using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Hosting.Tests;

/// <summary>The question a container's health check asks, put to a running host.</summary>
public sealed class HealthProbeTests
{
    private static readonly ServiceModule NotReady = new("notifier", [], (services, _) => services.AddHealthChecks().AddCheck("lease", () => HealthCheckResult.Unhealthy("none")))
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9996),
    };

    [Fact]
    public async Task A_process_that_can_do_its_work_is_asked_by_the_address_of_its_configuration()
    {
        await using var host = await StartAsync("127.0.0.1:0", SampleModules.Collector);

        var (code, output, error) = await AskAsync(["--config", host.ConfigFile], SampleModules.Collector);

        Assert.Equal(0, code);
        Assert.StartsWith($"http://127.0.0.1:{host.Port}/readyz: 200 ", output);
        Assert.Equal("", error);
    }

    [Fact]
    public async Task Every_address_means_loopback()
    {
        await using var host = await StartAsync("0.0.0.0:0", SampleModules.Collector);

        var (code, output, _) = await AskAsync([$"--config={host.ConfigFile}"], SampleModules.Collector);

        Assert.Equal(0, code);
        Assert.StartsWith($"http://127.0.0.1:{host.Port}/readyz", output);
    }

    [Fact]
    public async Task A_process_that_is_not_ready_lives_all_the_same()
    {
        await using var host = await StartAsync("127.0.0.1:0", NotReady);

        var ready = await AskAsync(["--config", host.ConfigFile], NotReady);
        var live = await AskAsync(["--live", "--config", host.ConfigFile], NotReady);

        Assert.Equal(1, ready.Code);
        Assert.Contains("/readyz: 503 ", ready.Error);
        Assert.Contains("lease", ready.Error);
        Assert.Equal((0, $"http://127.0.0.1:{host.Port}/livez: 200 ok\n", ""), live);
    }

    [Fact]
    public async Task Nobody_there_is_a_no()
    {
        using var directory = new TempDirectory();
        var file = directory.Write("config.toml", $"[metrics]\naddress = \"127.0.0.1:{FreePort.Tcp()}\"\n");

        var (code, output, error) = await AskAsync(["--config", file], SampleModules.Collector);

        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Contains("Connection refused", error);
    }

    [Fact]
    public async Task A_wrong_configuration_ends_with_78_and_every_mistake()
    {
        using var directory = new TempDirectory();

        var (code, _, error) = await AskAsync(["--config", directory.Write("config.toml", "[metrics]\naddres = \"127.0.0.1:1\"\n")], SampleModules.Collector);

        Assert.Equal(ConfigurationException.ExitCode, code);
        Assert.Contains("metrics.addres: unknown key", error);
    }

    [Fact]
    public async Task Unknown_arguments_are_refused_with_the_usage()
    {
        var (code, _, error) = await AskAsync(["--lively"], SampleModules.Collector);

        Assert.Equal(1, code);
        Assert.StartsWith("Unknown argument --lively.\n", error);
    }

    private static async Task<(int Code, string Output, string Error)> AskAsync(string[] rest, params ServiceModule[] modules)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var code = await HealthProbe.RunAsync(rest, new Dictionary<string, string>(), output, error, modules);
        return (code, output.ToString(), error.ToString());
    }

    private static async Task<RunningHost> StartAsync(string address, ServiceModule module)
    {
        var host = await TestHost.StartAsync($"[metrics]\naddress = \"{address}\"\n", module);
        return new(host, host.Services.GetRequiredService<Listeners>().Metrics.Port, address);
    }

    /// <summary>A host, and a configuration that names the port it got.</summary>
    private sealed class RunningHost(TestHost host, int port, string address) : IAsyncDisposable
    {
        private readonly TempDirectory directory = new();

        public int Port => port;

        public string ConfigFile => directory.Write("config.toml", $"[metrics]\naddress = \"{address.Replace(":0", $":{port}", StringComparison.Ordinal)}\"\n");

        public async ValueTask DisposeAsync()
        {
            directory.Dispose();
            await host.DisposeAsync();
        }
    }
}
