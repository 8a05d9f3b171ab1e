using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>What guides tell to do with Docker, done: under a project name, a prefix of images and ports of the test's own, and gone with it.</summary>
public sealed class DocumentedCommandsTests
{
    /// <summary><c>docker compose</c> is <c>docker-compose</c> where the client has no compose, as docs/docker.md says.</summary>
    private const string ComposeOfThisMachine = """
        docker() {
            if [[ $1 == compose ]] && ! command docker compose version > /dev/null 2>&1; then
                shift
                command docker-compose "$@"
            else
                command docker "$@"
            fi
        }

        """;

    private const string Compose = "docker compose -f deploy/compose/compose.yaml --profile demo --profile monitoring ";

    private static readonly string[] Programs = ["collector", "projector", "notifier", "api", "wgmonitor"];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task Every_command_for_docker_works_in_order()
    {
        using var directory = new TempDirectory();
        var environment = await EnvironmentAsync(directory);
        var before = await ImagesAsync();
        try
        {
            foreach (var block in Guides.OfKind("sh compose"))
            {
                foreach (var command in block.Commands)
                {
                    await BashAsync(OnFreePorts(command), environment);
                    Stack.Tell($"{block}: {command}");
                    if (command.Contains(" up ", StringComparison.Ordinal)) await HealthyAsync(environment);
                    if (command.Contains("--scale collector=3", StringComparison.Ordinal)) Assert.Equal(3, (await BashAsync(Compose + "ps -q collector", environment)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
                }
            }
            foreach (var program in Programs) await Docker.RunAsync("image", "inspect", $"registry.example/wgmonitor/{program}:1");
        }
        finally
        {
            await BashAsync(Compose + "down --volumes --timeout 40", environment);
            foreach (var image in (await ImagesAsync()).Except(before)) await Docker.RunAsync("image", "rm", image);
        }
    }

    private static async Task<Dictionary<string, string?>> EnvironmentAsync(TempDirectory directory)
    {
        if (!await Docker.SucceedsAsync("info")) throw new InvalidOperationException("No Docker engine answers (`docker info`).");
        var environment = new Dictionary<string, string?>
        {
            ["COMPOSE_PROJECT_NAME"] = $"wgmonitor-guides-{Guid.NewGuid():N}"[..28],
            ["WGMONITOR_SECRETS"] = directory.File("secrets"),
            ["WGMONITOR_SYSLOG_PORT"] = $"{FreePort.Tcp()}",
            ["WGMONITOR_RELP_PORT"] = $"{FreePort.Tcp()}",
            ["WGMONITOR_API_PORT"] = $"{FreePort.Tcp()}",
            ["PROMETHEUS_PORT"] = $"{FreePort.Tcp()}",
            ["ALERTMANAGER_PORT"] = $"{FreePort.Tcp()}",
            ["WGMONITOR_IMAGE_PREFIX"] = "wgmonitor-guides",
            ["RUNTIME_IMAGE"] = await Docker.FirstHereAsync("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", "mcr.microsoft.com/dotnet/aspnet:10.0"),
            ["REDIS_IMAGE"] = await Docker.FirstHereAsync("redis:7.2.11-bookworm", "redis:7"),
            ["DOCKER_BUILDKIT"] = await Docker.SucceedsAsync("buildx", "version") ? null : "0",
        };
        foreach (var (variable, image) in await MonitoringImages.HereAsync(environment)) environment[variable] = image;
        return environment;
    }

    /// <summary>The command with ranges of ports that are free here.</summary>
    private static string OnFreePorts(string command) => command
        .Replace("WGMONITOR_RELP_PORT=2514-2516", $"WGMONITOR_RELP_PORT={Range()}", StringComparison.Ordinal)
        .Replace("WGMONITOR_SYSLOG_PORT=9999-10001", $"WGMONITOR_SYSLOG_PORT={Range()}", StringComparison.Ordinal);

    /// <summary>More ports than collectors: some may be taken.</summary>
    private static string Range()
    {
        var first = FreePort.Tcp();
        return $"{first}-{first + 20}";
    }

    private static async Task HealthyAsync(Dictionary<string, string?> environment)
    {
        var ailing = "";
        try
        {
            await Wait.Until(async () => (ailing = await AilingAsync(environment)).Length == 0, "all containers are healthy", TimeSpan.FromMinutes(4));
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}: {ailing}");
        }
    }

    /// <summary>What Docker says of the first container that is not healthy, or does not run where it has no health check; empty for none.</summary>
    private static async Task<string> AilingAsync(Dictionary<string, string?> environment)
    {
        foreach (var container in (await BashAsync(Compose + "ps -q", environment)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var all = await Docker.InspectAsync(container);
            var state = all.GetProperty("State");
            var well = state.TryGetProperty("Health", out var health) ? health.GetProperty("Status").GetString() == "healthy" : state.GetProperty("Running").GetBoolean();
            if (!well) return $"{all.GetProperty("Name")} {state}";
        }
        return "";
    }

    private static async Task<string[]> ImagesAsync() => (await Docker.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(image => image.StartsWith("wgmonitor-guides/", StringComparison.Ordinal) || image.StartsWith("wgmonitor/", StringComparison.Ordinal) || image.StartsWith("registry.example/", StringComparison.Ordinal))
        .ToArray();

    private static async Task<string> BashAsync(string script, Dictionary<string, string?> environment)
    {
        await using var bash = ChildProcess.Start(Executable.Find("bash", "bash"), ["-euo", "pipefail", "-c", ComposeOfThisMachine + script], environment, Guides.Root);
        var exitCode = await bash.ExitAsync(Limit);
        return exitCode == 0 ? bash.StandardOutput : throw new InvalidOperationException($"`{script}` ended with {exitCode}:\n{bash.Output}");
    }
}
