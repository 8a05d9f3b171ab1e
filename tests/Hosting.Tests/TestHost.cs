using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace WgMonitor.Hosting.Tests;

/// <summary>A started host on free loopback ports, and clients for its two listeners.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private TestHost(WebApplication app)
    {
        this.app = app;
        var listeners = app.Services.GetRequiredService<Listeners>();
        Metrics = new() { BaseAddress = new($"http://{listeners.Metrics}") };
        if (listeners.Http is not null) Http = new() { BaseAddress = new($"http://{listeners.Http}") };
    }

    public IServiceProvider Services => app.Services;

    public HttpClient Metrics { get; }

    public HttpClient Http { get; } = null!;

    public static async Task<TestHost> StartAsync(string toml, params ServiceModule[] modules)
    {
        var quiet = new Dictionary<string, string> { ["LOG_LEVEL"] = "none" };
        var app = WgMonitorHost.Build(ConfigurationDocument.Parse(toml, quiet), modules);
        await app.StartAsync(Xunit.TestContext.Current.CancellationToken);
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        Metrics.Dispose();
        Http?.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
