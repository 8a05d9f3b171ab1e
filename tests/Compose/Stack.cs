using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>The stack of <c>deploy/compose</c>, built and started with two projectors and two notifiers, on free ports and with a password of its own. Gone with the tests that share it.</summary>
public sealed class Stack : IAsyncLifetime
{
    private const int RangeOfPorts = 20;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private static readonly string[] Profiles = ["--profile", "monitoring", "--profile", "demo"];

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(20);

    private readonly TempDirectory directory = new();
    private readonly string project = $"wgmonitor-test-{Guid.NewGuid():N}"[..26];
    private readonly int redisPort = FreePort.Tcp();

    // Those without a name outlive `down` when their container was scaled away or recreated.
    private readonly HashSet<string> volumes = [];
    private Dictionary<string, string?> environment = [];
    private (string Program, string[] First) compose;
    private ConnectionMultiplexer? connection;
    private bool started;

    public int SyslogPort { get; } = FreePort.Tcp();

    public int RelpPort { get; } = FreePort.Tcp();

    public int TlsPort { get; } = FreePort.Tcp();

    public int ApiPort { get; } = FreePort.Tcp();

    public int PrometheusPort { get; } = FreePort.Tcp();

    public int AlertmanagerPort { get; } = FreePort.Tcp();

    /// <summary>What it has in Redis.</summary>
    internal InstalledLog Log { get; private set; } = null!;

    /// <summary>Of a sender that trusts the collector's certificate.</summary>
    public RsyslogForward TlsForward { get; private set; } = RsyslogForward.Udp;

    /// <summary>What compose is told by variables.</summary>
    internal IReadOnlyDictionary<string, string?> Environment => environment;

    /// <summary>The services in the order in which they are upgraded.</summary>
    public static IReadOnlyList<string> Services { get; } = ["collector", "projector", "notifier", "api"];

    /// <summary>Containers of a service while nothing else is said.</summary>
    public static int Replicas(string service) => service is "projector" or "notifier" ? 2 : 1;

    public async ValueTask InitializeAsync()
    {
        if (!await Docker.SucceedsAsync("info"))
            throw new InvalidOperationException("No Docker engine answers (`docker info`). This test builds and starts the images of the product; start an engine first.");
        compose = await Docker.FindComposeAsync();
        var password = Guid.NewGuid().ToString("N");
        // Read by users of the containers.
        File.SetUnixFileMode(directory.Write("redis_password", password), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        TlsForward = WriteCertificates();
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
            ["TEST_TLS_PORT"] = $"{TlsPort}",
            ["RUNTIME_IMAGE"] = await Docker.FirstHereAsync("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", "mcr.microsoft.com/dotnet/aspnet:10.0"),
            ["REDIS_IMAGE"] = await Docker.FirstHereAsync("redis:7.2.11-bookworm", "redis:7"),
            ["DOCKER_BUILDKIT"] = await Docker.SucceedsAsync("buildx", "version") ? null : "0",
        };
        environment = Merged(Versions.Variables(Versions.Current));
        await BuildAsync(Versions.Current);
        var clock = Stopwatch.StartNew();
        started = true;
        await ScaleAsync(2);
        await HealthyAsync();
        Tell($"stack healthy {clock.Elapsed.TotalSeconds:0} s after `up`");
        connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", redisPort } },
            User = "wgmonitor",
            Password = password,
            AbortOnConnectFail = false,
            ReconnectRetryPolicy = new ExponentialRetry(100, 1000),
        });
        Log = new(connection);
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null) await connection.DisposeAsync();
        if (started) await ComposeAsync(StartLimit, [.. Profiles, "down", "--volumes", "--timeout", "40"]);
        if (volumes.Count > 0) await Docker.RunAsync(["volume", "rm", "--force", .. volumes]);
        directory.Dispose();
    }

    /// <summary>Builds the images of a version, of the same sources whichever it is.</summary>
    public async Task BuildAsync(string version)
    {
        var clock = Stopwatch.StartNew();
        await ComposeAsync(BuildLimit, ["build"], Merged(Versions.Variables(version)));
        Tell($"images of {version} built in {clock.Elapsed.TotalSeconds:0} s");
    }

    /// <summary>Starts what does not run, and so many projectors and notifiers; what runs stays as it is.</summary>
    public Task<string> ScaleAsync(int replicas) =>
        ComposeAsync(StartLimit, ["up", "-d", "--no-build", "--no-recreate", "--scale", $"projector={replicas}", "--scale", $"notifier={replicas}"]);

    /// <summary>Puts one service, and no other, to a version of its images, and waits until it is well.</summary>
    public async Task UpgradeAsync(string service, string version)
    {
        await ComposeAsync(StartLimit, ["up", "-d", "--no-build", "--no-deps", "--scale", $"{service}={Replicas(service)}", service], Merged(Versions.Variables(version)));
        await HealthyAsync();
    }

    /// <summary>The same with a range of ports for what is published, so that several replicas find one each; what runs stays as it is.</summary>
    public Task<string> UpWithRangesAsync(params string[] arguments) => ComposeAsync(
        StartLimit,
        ["up", "-d", "--no-build", "--no-recreate", .. arguments],
        Merged(new Dictionary<string, string?>
        {
            ["WGMONITOR_SYSLOG_PORT"] = $"{SyslogPort}-{SyslogPort + RangeOfPorts}",
            ["WGMONITOR_RELP_PORT"] = $"{RelpPort}-{RelpPort + RangeOfPorts}",
            ["WGMONITOR_API_PORT"] = $"{ApiPort}-{ApiPort + RangeOfPorts}",
            ["TEST_TLS_PORT"] = $"{TlsPort}-{TlsPort + RangeOfPorts}",
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
            var all = await Docker.InspectAsync(container);
            volumes.UnionWith(all.GetProperty("Mounts").EnumerateArray().Where(mount => mount.GetProperty("Type").GetString() == "volume").Select(mount => mount.GetProperty("Name").GetString()!));
            var state = all.GetProperty("State");
            if (state.GetProperty("Health").GetProperty("Status").GetString() != "healthy") return false;
        }
        return true;
    }, "all containers are healthy", StartLimit);

    /// <summary>What the API answers.</summary>
    /// <param name="question">Path and query behind <c>/api/v1/</c>.</param>
    public Task<JsonElement> ApiAsync(string question) => Http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{ApiPort}/api/v1/{question}"));

    public static void Tell(string text)
    {
        Console.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
    }

    /// <summary>Certificates of the collector and of a sender; the collector's is in the folder that is mounted.</summary>
    private RsyslogForward WriteCertificates()
    {
        using var authority = new TestAuthority();
        using var server = authority.IssueServer();
        using var client = authority.Issue(new() { CommonName = "sender" });
        File.SetUnixFileMode(directory.Write("collector.pem", TestAuthority.PemWithKey(server)), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return RsyslogForward.Tls(
            directory.Write("authority.pem", authority.Pem), directory.Write("sender.pem", client.ExportCertificatePem()), directory.Write("sender-key.pem", TestAuthority.KeyPem(client)));
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
