using System.Runtime.InteropServices;
using WgMonitor.Testing;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>One service as a process of its own that can be killed, frozen and started again under the same configuration.</summary>
internal sealed class ServiceProcess(string name, string directory, int metricsPort) : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    private ChildProcess? process;

    public string Name => name;

    /// <summary>A program that runs the service in surroundings of its own and becomes it: first the program, then its arguments.</summary>
    public IReadOnlyList<string> Within { get; set; } = [];

    public ChildProcess Process => process ?? throw new InvalidOperationException($"{name} was not started");

    public void Start()
    {
        string[] command = [.. Within, Path.Combine(AppContext.BaseDirectory, $"wgmonitor-{name}"), "--config", Path.Combine(directory, "config.toml")];
        process = ChildProcess.Start(command[0], command[1..],
            new Dictionary<string, string?>
            {
                ["CONFIG_FILE"] = null,
                ["WGMONITOR__METRICS__ADDRESS"] = $"127.0.0.1:{metricsPort}",
                ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
                // Many of them on few processors: no spinning, one heap.
                ["DOTNET_gcServer"] = "0",
                ["DOTNET_TieredPGO"] = "0",
            },
            directory);
    }

    /// <summary>SIGKILL, and gone when this returns.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.Kill();
        await process.ExitAsync();
        await process.DisposeAsync();
        process = null;
    }

    /// <summary>SIGTERM, and gone when this returns.</summary>
    public async Task StopAsync()
    {
        Process.Terminate();
        await Process.ExitAsync();
        await Process.DisposeAsync();
        process = null;
    }

    public async Task ReadyAsync() =>
        await Wait.Until(async () =>
        {
            if (Process.HasExited) throw new InvalidOperationException($"{name} ended:\n{Process.Output}");
            return await IsReadyAsync();
        }, $"{name} gets ready:\n{process?.Output}", TimeSpan.FromSeconds(60));

    public Task<bool> IsReadyAsync() => AnswersAsync("readyz");

    /// <summary>The sum of all samples of a metric, or null while the process does not answer.</summary>
    public async Task<double?> MetricAsync(string metric)
    {
        try
        {
            var text = await Http.GetStringAsync(new Uri($"http://127.0.0.1:{metricsPort}/metrics"));
            return text.Split('\n')
                .Where(line => line.StartsWith(metric + " ", StringComparison.Ordinal) || line.StartsWith(metric + "{", StringComparison.Ordinal))
                .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private async Task<bool> AnswersAsync(string path)
    {
        try
        {
            using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{metricsPort}/{path}"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await process.DisposeAsync();
    }
}
