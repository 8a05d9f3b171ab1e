using System.Globalization;
using System.Runtime.InteropServices;
using WgMonitor.Testing;

namespace WgMonitor.Throughput.Deploy;

/// <summary>One service as a process of its own, with the runtime's defaults.</summary>
internal sealed class ServiceUnderLoad : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly ChildProcess process;
    private readonly int metricsPort = FreePort.Tcp();

    public ServiceUnderLoad(string name, string configuration)
    {
        Name = name;
        process = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, $"wgmonitor-{name}"), ["--config", configuration],
            new Dictionary<string, string?>
            {
                ["CONFIG_FILE"] = null,
                ["WGMONITOR__METRICS__ADDRESS"] = $"127.0.0.1:{metricsPort}",
                ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
            },
            Path.GetDirectoryName(configuration));
    }

    public string Name { get; }

    public int ProcessId => process.Id;

    public Task ReadyAsync() => Wait.Until(async () =>
    {
        if (process.HasExited) throw new InvalidOperationException($"{Name} ended:\n{process.Output}");
        try
        {
            using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{metricsPort}/readyz"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, $"{Name} gets ready", TimeSpan.FromSeconds(60));

    /// <summary>The sum of all samples of a metric.</summary>
    public async Task<long> MetricAsync(string metric)
    {
        var text = await Http.GetStringAsync(new Uri($"http://127.0.0.1:{metricsPort}/metrics"));
        return (long)text.Split('\n')
            .Where(line => line.StartsWith(metric + " ", StringComparison.Ordinal) || line.StartsWith(metric + "{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public async Task StopAsync()
    {
        process.Terminate();
        await process.ExitAsync();
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
