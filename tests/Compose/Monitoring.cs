using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>The profile <c>monitoring</c> beside the stack with two projectors and two notifiers, and what its two programs answer.</summary>
public sealed class Monitoring(Stack stack) : IAsyncLifetime
{
    private static readonly string[] Programs = ["prometheus", "alertmanager"];

    /// <summary>Prometheus looks for replicas, scrapes and evaluates every 15 s.</summary>
    public static readonly TimeSpan ScrapeLimit = TimeSpan.FromMinutes(3);

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public async ValueTask InitializeAsync()
    {
        await stack.ScaleAsync(2);
        await stack.UpWithProfileAsync("monitoring", await MonitoringImages.HereAsync(stack.Environment), Programs);
        await stack.HealthyAsync();
        await SeesEveryReplicaAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await stack.RemoveWithProfileAsync("monitoring", Programs);
    }

    /// <summary>Containers of the two.</summary>
    public async Task<IReadOnlyList<string>> ContainersAsync() => [.. await stack.ContainersAsync("prometheus"), .. await stack.ContainersAsync("alertmanager")];

    /// <summary><c>data</c> of an answer of Prometheus' API.</summary>
    public async Task<JsonElement> PrometheusAsync(string path)
    {
        var answer = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{stack.PrometheusPort}/api/v1/{path}"));
        Assert.Equal("success", answer.GetProperty("status").GetString());
        return answer.GetProperty("data");
    }

    /// <summary>True when Alertmanager holds a firing alert of this name with this label.</summary>
    public async Task<bool> HasAlertAsync(string alert, string label, string value)
    {
        var alerts = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{stack.AlertmanagerPort}/api/v2/alerts"));
        return alerts.EnumerateArray().Select(one => one.GetProperty("labels")).Any(labels =>
            labels.GetProperty("alertname").GetString() == alert && labels.TryGetProperty(label, out var has) && has.GetString() == value);
    }

    /// <summary>Waits until each container of each service is one target that is up, and there is no other.</summary>
    public async Task SeesEveryReplicaAsync()
    {
        var differences = "";
        try
        {
            await Wait.Until(async () => (differences = await DifferencesAsync()).Length == 0, "targets are the containers", ScrapeLimit);
        }
        catch (TimeoutException)
        {
            Assert.Equal("", differences);
        }
    }

    // Of containers and targets: what is missing or too much.
    private async Task<string> DifferencesAsync()
    {
        var targets = (await PrometheusAsync("targets?state=active")).GetProperty("activeTargets").EnumerateArray().Select(target => (
            Job: target.GetProperty("labels").GetProperty("job").GetString()!,
            Address: IPEndPoint.Parse(target.GetProperty("labels").GetProperty("instance").GetString()!).Address.ToString(),
            Health: target.GetProperty("health").GetString()!)).ToList();
        var differences = targets.Where(target => target.Health != "up").Select(target => $"{target.Job} {target.Address} is {target.Health}").ToList();
        foreach (var service in Stack.Services)
        {
            var found = targets.Where(target => target.Job == $"wgmonitor-{service}").Select(target => target.Address).ToList();
            foreach (var container in await stack.ContainersAsync(service))
            {
                var networks = (await Docker.InspectAsync(container)).GetProperty("NetworkSettings").GetProperty("Networks");
                var addresses = networks.EnumerateObject().Select(network => network.Value.GetProperty("IPAddress").GetString()).ToList();
                if (found.RemoveAll(addresses.Contains) != 1) differences.Add($"{service} at {string.Join(", ", addresses)} is not one target");
            }
            differences.AddRange(found.Select(address => $"{address} is no {service}"));
        }
        return string.Join("; ", differences);
    }
}
