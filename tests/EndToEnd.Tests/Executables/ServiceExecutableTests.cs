using System.Net;
using System.Text.RegularExpressions;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Executables;

/// <summary>Each service is an executable of its own against any Redis.</summary>
public sealed partial class ServiceExecutableTests
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(25);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    [Theory]
    [InlineData("wgmonitor-collector")]
    [InlineData("wgmonitor-projector")]
    [InlineData("wgmonitor-notifier")]
    [InlineData("wgmonitor-api")]
    [InlineData("wgmonitor", "run", "collector")]
    [InlineData("wgmonitor", "run", "projector")]
    [InlineData("wgmonitor", "run", "notifier")]
    [InlineData("wgmonitor", "run", "api")]
    public async Task A_service_alone_becomes_ready_and_ends_with_0_on_sigterm(string program, params string[] command)
    {
        using var directory = new TempDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var service = WgMonitorProgram.Start(directory.Path, [.. command, "--config", directory.Write("wg.toml", $"""
            [redis]
            url = "redis://{redis.Address}"
            [stream]
            prefix = "{redis.KeyPrefix}"
            # Read by the projector only; the others know that it is there.
            [archive]
            keep = "30d"
            [[collector.listen]]
            address = "127.0.0.1:0"
            [api]
            address = "127.0.0.1:0"
            [metrics]
            address = "127.0.0.1:0"
            """)], program: program);
        await service.OutputHas("metrics and health on");
        var health = $"http://{Address().Match(service.StandardOutput).Groups[1].Value}/readyz";

        await Wait.Until(async () => await StatusAsync(health) == HttpStatusCode.OK, $"{program} is ready");
        service.Terminate();

        Assert.Equal(0, await service.ExitAsync(DrainLimit));
        Assert.Equal("", service.StandardError);
    }

    private static async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var answer = await Http.GetAsync(url);
        return answer.StatusCode;
    }

    [GeneratedRegex(@"metrics and health on (127\.0\.0\.1:[0-9]+)")]
    private static partial Regex Address();
}
