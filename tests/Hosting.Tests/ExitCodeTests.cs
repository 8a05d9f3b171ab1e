using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace WgMonitor.Hosting.Tests;

/// <summary>What a process says on standard error and with which code it ends.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("wgmonitor-hosting-").FullName;
    private readonly StringWriter error = new();

    [Fact]
    public async Task A_stopped_service_ends_with_0()
    {
        var module = new ServiceModule("sample", [], (services, _) => services.AddHostedService<StopsAtOnce>());

        Assert.Equal(0, await Run([.. Config("[metrics]\naddress = \"127.0.0.1:0\"\n")], module));
        Assert.Equal("", error.ToString());
    }

    [Fact]
    public async Task A_cancelled_run_ends_with_0()
    {
        using var stop = new CancellationTokenSource();
        var module = new ServiceModule("sample", [], (services, _) => services.AddHostedService(provider => new Cancels(provider.GetRequiredService<IHostApplicationLifetime>(), stop)));

        Assert.Equal(0, await Run([.. Config("[metrics]\naddress = \"127.0.0.1:0\"\n")], module, stop.Token));
    }

    [Fact]
    public async Task A_background_service_that_threw_ends_the_process_with_1()
    {
        var module = new ServiceModule("sample", [], (services, _) => services.AddHostedService<Throws>());

        Assert.Equal(1, await Run([.. Config("[metrics]\naddress = \"127.0.0.1:0\"\n")], module));
    }

    [Fact]
    public async Task A_wrong_configuration_ends_with_78_and_all_mistakes_on_standard_error()
    {
        var config = Config("[api]\ntitel = \"x\"\naddress = \"8080\"\n[redis]\nport = 0\n");

        Assert.Equal(78, await Run([.. config], SampleModules.Api));
        Assert.Equal($"""
            {config[1]}:2:1 api.titel: unknown key. Did you mean "title"?
            {config[1]}:3:11 api.address: must be an IP address and port like "127.0.0.1:9999" or "[::1]:9999" (got "8080").
            {config[1]}:5:8 redis.port: must be between 1 and 65535 (got 0).

            """, error.ToString());
    }

    [Theory]
    [InlineData("--config", "")]
    [InlineData("--config=", "")]
    [InlineData("", "CONFIG_FILE")]
    public async Task A_missing_file_is_one_sentence_and_ends_with_78(string argument, string variable)
    {
        var missing = Path.Combine(directory, "missing.toml");
        string[] args = argument switch
        {
            "--config" => ["--config", missing],
            "--config=" => ["--config=" + missing],
            _ => [],
        };
        var environment = variable.Length == 0 ? [] : new Dictionary<string, string> { [variable] = missing };

        Assert.Equal(78, await WgMonitorHost.RunAsync(args, environment, error, [SampleModules.Api], TestContext.Current.CancellationToken));
        Assert.Equal($"Configuration file {missing} does not exist.\n", error.ToString());
    }

    [Fact]
    public async Task A_directory_or_a_binary_file_is_refused_with_78()
    {
        var binary = Path.Combine(directory, "binary.toml");
        await File.WriteAllBytesAsync(binary, [0x80, 0x81, 0x00], TestContext.Current.CancellationToken);

        Assert.Equal(78, await Run(["--config", directory], SampleModules.Api));
        Assert.Equal(78, await Run(["--config", binary], SampleModules.Api));
        Assert.Equal($"Configuration file {directory} is a directory.\nConfiguration file {binary} is not UTF-8 text.\n", error.ToString());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_sentence_and_ends_with_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        Assert.Equal(1, await Run([.. Config($"[metrics]\naddress = \"{taken.LocalEndpoint}\"\n")], SampleModules.Collector));
        Assert.Equal($"Failed to bind to address http://{taken.LocalEndpoint}: address already in use. Another process listens there; stop it or choose another port.\n", error.ToString());
    }

    [Theory]
    [InlineData("--verbose", "Unknown argument --verbose.", 1)]
    [InlineData("--config", "--config needs the name of a file.", 1)]
    [InlineData("--help", "Options:", 0)]
    public async Task Arguments_are_checked(string argument, string begin, int exitCode)
    {
        Assert.Equal(exitCode, await Run([argument], SampleModules.Collector));
        Assert.StartsWith(begin, error.ToString());
    }

    public void Dispose()
    {
        error.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private Task<int> Run(string[] args, ServiceModule module, CancellationToken? stop = null) =>
        WgMonitorHost.RunAsync(args, new Dictionary<string, string> { ["LOG_LEVEL"] = "none" }, error, [module], stop ?? TestContext.Current.CancellationToken);

    private string[] Config(string toml)
    {
        var path = Path.Combine(directory, "config.toml");
        File.WriteAllText(path, toml);
        return ["--config", path];
    }

    private sealed class StopsAtOnce(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            lifetime.ApplicationStarted.Register(lifetime.StopApplication);
            return Task.CompletedTask;
        }
    }

    private sealed class Cancels(IHostApplicationLifetime lifetime, CancellationTokenSource stop) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            lifetime.ApplicationStarted.Register(stop.Cancel);
            return Task.Delay(Timeout.Infinite, stoppingToken);
        }
    }

    private sealed class Throws : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("a bug");
        }
    }
}
