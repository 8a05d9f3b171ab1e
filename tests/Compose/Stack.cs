using System.Diagnostics;
using StackExchange.Redis;
using WgMonitor.Architecture.Tests;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>The stack of <c>deploy/compose</c>, built and started with two projectors and two notifiers, on free ports and with a password of its own. Gone with the tests that share it.</summary>
public sealed class Stack : IAsyncLifetime
{
    public const int Partitions = 8;

    private const int RangeOfPorts = 20;

    private static readonly string[] Profiles = ["--profile", "monitoring", "--profile", "demo"];

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(20);

    private readonly TempDirectory directory = new();
    private readonly string project = $"wgmonitor-test-{Guid.NewGuid():N}"[..26];
    private readonly int redisPort = FreePort.Tcp();
    private Dictionary<string, string?> environment = [];
    private (string Program, string[] First) compose;
    private bool started;

    public int SyslogPort { get; } = FreePort.Tcp();

    public int RelpPort { get; } = FreePort.Tcp();

    public int ApiPort { get; } = FreePort.Tcp();

    public int PrometheusPort { get; } = FreePort.Tcp();

    public int AlertmanagerPort { get; } = FreePort.Tcp();

    public ConnectionMultiplexer Connection { get; private set; } = null!;

    public StreamKeys Keys { get; } = new("wgmonitor");

    /// <summary>What compose is told by variables.</summary>
    internal IReadOnlyDictionary<string, string?> Environment => environment;

    /// <summary>The services in the order in which they are upgraded.</summary>
    public static IReadOnlyList<string> Services { get; } = ["collector", "projector", "notifier", "api"];

    public async ValueTask InitializeAsync()
    {
        if (!await Docker.SucceedsAsync("info"))
            throw new InvalidOperationException("No Docker engine answers (`docker info`). This test builds and starts the images of the product; start an engine first.");
        compose = await Docker.FindComposeAsync();
        var password = Guid.NewGuid().ToString("N");
        // Read by users of the containers.
        File.SetUnixFileMode(directory.Write("redis_password", password), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        environment = new()
        {
            ["WGMONITOR_SECRETS"] = directory.Path,
            ["WGMONITOR_SYSLOG_PORT"] = $"{SyslogPort}",
            ["WGMONITOR_RELP_PORT"] = $"{RelpPort}",
            ["WGMONITOR_API_PORT"] = $"{ApiPort}",
            ["WGMONITOR_IMAGE_PREFIX"] = "wgmonitor-test",
            ["PROMETHEUS_PORT"] = $"{PrometheusPort}",
            ["ALERTMANAGER_PORT"] = $"{AlertmanagerPort}",
            ["TEST_REDIS_PORT"] = $"{redisPort}",
            ["RUNTIME_IMAGE"] = await Docker.FirstHereAsync("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", "mcr.microsoft.com/dotnet/aspnet:10.0"),
            ["REDIS_IMAGE"] = await Docker.FirstHereAsync("redis:7.2.11-bookworm", "redis:7"),
            ["DOCKER_BUILDKIT"] = await Docker.SucceedsAsync("buildx", "version") ? null : "0",
        };
        var clock = Stopwatch.StartNew();
        await ComposeAsync(BuildLimit, ["build"]);
        Tell($"images built in {clock.Elapsed.TotalSeconds:0} s");
        clock.Restart();
        started = true;
        await UpAsync("--scale", "projector=2", "--scale", "notifier=2");
        await HealthyAsync();
        Tell($"stack healthy {clock.Elapsed.TotalSeconds:0} s after `up`");
        Connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", redisPort } },
            User = "wgmonitor",
            Password = password,
            AbortOnConnectFail = false,
            ReconnectRetryPolicy = new ExponentialRetry(100, 1000),
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Connection is not null) await Connection.DisposeAsync();
        if (started) await ComposeAsync(StartLimit, [.. Profiles, "down", "--volumes", "--timeout", "40"]);
        directory.Dispose();
    }

    /// <summary><c>up -d</c> with more arguments; images are there already.</summary>
    public Task<string> UpAsync(params string[] arguments) => ComposeAsync(StartLimit, ["up", "-d", "--no-build", .. arguments]);

    /// <summary>The same with a range of ports for what is published, so that several replicas find one each; what runs stays as it is.</summary>
    public Task<string> UpWithRangesAsync(params string[] arguments) => ComposeAsync(
        StartLimit,
        ["up", "-d", "--no-build", "--no-recreate", .. arguments],
        Merged(new Dictionary<string, string?>
        {
            ["WGMONITOR_SYSLOG_PORT"] = $"{SyslogPort}-{SyslogPort + RangeOfPorts}",
            ["WGMONITOR_RELP_PORT"] = $"{RelpPort}-{RelpPort + RangeOfPorts}",
            ["WGMONITOR_API_PORT"] = $"{ApiPort}-{ApiPort + RangeOfPorts}",
        }));

    /// <summary>Starts the profile <c>demo</c>.</summary>
    public async Task DemoAsync()
    {
        await ComposeAsync(BuildLimit, ["--profile", "demo", "build", "demo"]);
        await UpWithProfileAsync("demo", environment, "demo");
    }

    /// <summary>Starts services of a profile with more variables; images are there already, and what runs stays as it is.</summary>
    public Task<string> UpWithProfileAsync(string profile, IReadOnlyDictionary<string, string?> variables, params string[] services) =>
        ComposeAsync(StartLimit, ["--profile", profile, "up", "-d", "--no-build", "--no-deps", .. services], Merged(variables));

    public Task<string> RemoveWithProfileAsync(string profile, params string[] services) =>
        ComposeAsync(StartLimit, ["--profile", profile, "rm", "--stop", "--force", .. services]);

    public Task<string> ComposeAsync(params string[] arguments) => ComposeAsync(StartLimit, arguments);

    /// <summary>Ids of the containers of a service, or of all.</summary>
    public async Task<IReadOnlyList<string>> ContainersAsync(string service = "") =>
        (await ComposeAsync(StartLimit, service.Length == 0 ? [.. Profiles, "ps", "-q"] : [.. Profiles, "ps", "-q", service])).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>SIGKILL, as a crash; then started again, as its restart policy would.</summary>
    public static async Task KillAndStartAsync(string container)
    {
        await Docker.RunAsync("kill", container);
        await Docker.RunAsync("start", container);
    }

    /// <summary>Every container's health check says yes.</summary>
    public async Task HealthyAsync() => await Wait.Until(async () =>
    {
        foreach (var container in await ContainersAsync())
        {
            var state = (await Docker.InspectAsync(container)).GetProperty("State");
            if (state.GetProperty("Health").GetProperty("Status").GetString() != "healthy") return false;
        }
        return true;
    }, "all containers are healthy", StartLimit);

    public async Task<long> EntriesAsync()
    {
        var lengths = await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => Connection.GetDatabase().StreamLengthAsync(Keys.Events(partition))));
        return lengths.Sum();
    }

    /// <summary>Waits until projector and notifier have applied everything, and compares state, checkpoints and alerts with one fold of the log.</summary>
    internal async Task<ReferenceFoldResult> EqualsReferenceAsync()
    {
        foreach (var group in ConsumerGroups.All)
            await Wait.Until(async () => await IsCaughtUpAsync(group), $"{group} catches up", StartLimit);
        var reference = await EndToEnd.Tests.Product.ReferenceFold.OfAsync(Connection, Keys, Partitions);
        Assert.Equal("", await reference.DifferencesAsync(Connection, StateKeys.Projector(Keys), Partitions));
        var outbox = await EndToEnd.Tests.Product.ReferenceFold.OutboxAsync(Connection, Keys, Partitions);
        Assert.Equal(reference.Alerts.Select(alert => alert.Id).Order(StringComparer.Ordinal), outbox.Order(StringComparer.Ordinal));
        return new(reference.Hosts.Count, reference.Hosts.Values.Sum(host => host.Peers.Count), outbox.Count);
    }

    public static void Tell(string text)
    {
        Console.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }

    private async Task<bool> IsCaughtUpAsync(string group)
    {
        try
        {
            var database = Connection.GetDatabase();
            for (var partition = 0; partition < Partitions; partition++)
            {
                var last = await database.StreamRangeAsync(Keys.Events(partition), count: 1, messageOrder: Order.Descending);
                if (last.Length > 0 && await database.StringGetAsync(Keys.Checkpoint(partition, group)) != last[0].Id) return false;
            }
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private Dictionary<string, string?> Merged(IReadOnlyDictionary<string, string?> variables)
    {
        var all = new Dictionary<string, string?>(environment);
        foreach (var (name, value) in variables) all[name] = value;
        return all;
    }

    private Task<string> ComposeAsync(TimeSpan limit, string[] arguments, IReadOnlyDictionary<string, string?>? variables = null)
    {
        string[] files = ["-f", Path.Combine(Repository.Root, "deploy/compose/compose.yaml"), "-f", Path.Combine(Repository.Root, "tests/Compose/compose.test.yaml")];
        return Docker.RunAsync(compose.Program, [.. compose.First, "-p", project, .. files, .. arguments], variables ?? environment, limit);
    }
}

/// <summary>The tests that share one stack, one after another.</summary>
[CollectionDefinition]
public sealed class StackCollection : ICollectionFixture<Stack>;

/// <summary>What the stack holds, equal to one fold of its log.</summary>
internal readonly record struct ReferenceFoldResult(int Hosts, int Peers, int Alerts);
