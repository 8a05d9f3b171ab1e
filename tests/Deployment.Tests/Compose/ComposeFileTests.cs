using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Hosting;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests.Compose;

/// <summary>The rules that every container of the stack keeps, read from the file; <c>make compose-test</c> starts it.</summary>
public sealed partial class ComposeFileTests
{
    private const string Folder = "deploy/compose";

    private static readonly string[] Programs = ["collector", "projector", "notifier", "api"];

    private static readonly JsonObject File = Yaml.Document(Repository.Read($"{Folder}/compose.yaml"));

    public static TheoryData<string> Services => [.. File["services"]!.AsObject().Select(service => service.Key)];

    public static TheoryData<string> Ours => [.. Programs];

    [Fact]
    public void It_holds_the_product_and_what_watches_it() =>
        Assert.Equal(["alertmanager", "api", "collector", "demo", "notifier", "projector", "prometheus", "redis", "wgmonitor"], File["services"]!.AsObject().Select(service => service.Key).Order(StringComparer.Ordinal));

    /// <summary>docker-compose 1.29 refuses a top-level name; both read the file .env beside compose.yaml.</summary>
    [Fact]
    public void The_stack_has_a_name_of_its_own_that_both_versions_of_compose_take()
    {
        Assert.Null(File["name"]);
        Assert.Contains("\nCOMPOSE_PROJECT_NAME=wgmonitor\n", Repository.Read($"{Folder}/.env"));
    }

    [Fact]
    public void Images_are_those_of_this_version_unless_somebody_names_another()
    {
        var version = VersionElement().Match(Repository.Read("Directory.Build.props")).Groups[1].Value;

        Assert.All((string[])[.. Programs, "demo", "wgmonitor"], name =>
        {
            Assert.EndsWith($":${{WGMONITOR_TAG:-{version}}}", (string)Service(name)["image"]!);
            Assert.Equal($"${{WGMONITOR_VERSION:-{version}}}", (string)Service(name)["build"]!["args"]!["VERSION"]!);
        });
        Assert.Contains($"\nARG VERSION={version}\n", Repository.Read("deploy/docker/Dockerfile"));
    }

    [Fact]
    public void There_is_no_version_key_which_compose_v2_warns_of() => Assert.Null(File["version"]);

    [Theory]
    [InlineData("", "")]
    [InlineData("restart_policy", "/services/api: must NOT have additional properties {\"additionalProperty\":\"restart_policy\"}")]
    public async Task It_is_what_compose_v2_reads(string unknownKey, string said)
    {
        using var directory = new TempDirectory();
        var document = (JsonObject)File.DeepClone();
        if (unknownKey.Length > 0) document["services"]!["api"]![unknownKey] = true;
        var file = directory.Write("compose.json", document.ToJsonString());
        var script = Path.Combine(Repository.Root, "tests/Deployment.Tests/Compose/validate.mjs");

        await using var node = ChildProcess.Start("/bin/sh", ["-c", "exec node \"$1\" \"$2\" < \"$3\"", "sh", script, Path.Combine(Repository.Root, "artifacts/kubernetes-models"), file]);
        var code = await node.ExitAsync();

        Assert.Equal((0, said), (code, node.Output.Trim()));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_container_has_no_rights_and_limits(string name)
    {
        var service = Service(name);

        Assert.True((bool)service["read_only"]!);
        Assert.Equal(["ALL"], Strings(service["cap_drop"]));
        Assert.Null(service["cap_add"]);
        Assert.Null(service["privileged"]);
        Assert.Equal(["no-new-privileges:true"], Strings(service["security_opt"]));
        Assert.DoesNotMatch("^(root|0)(:|$)", (string)service["user"]!);
        Assert.NotNull(service["mem_limit"]);
        Assert.NotNull(service["cpus"]);
        Assert.NotNull(service["pids_limit"]);
        Assert.Equal("40s", (string)service["stop_grace_period"]!);
        Assert.Equal(name == "wgmonitor" ? "no" : "unless-stopped", (string)service["restart"]!);
        Assert.NotNull(service["logging"]!["options"]!["max-size"]);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_container_has_a_health_check_and_a_pinned_image(string name)
    {
        var service = Service(name);
        var image = Default().Replace((string)service["image"]!, match => match.Groups[1].Value);

        // The demo sends only, and an operator's command ends.
        if (name is "demo" or "wgmonitor") Assert.True((bool)service["healthcheck"]!["disable"]!);
        else Assert.NotEmpty(Strings(service["healthcheck"]!["test"]));
        Assert.Matches(@":v?\d+\.\d+\.\d+(-[a-z0-9.]+)?$", image);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Ports_are_published_on_loopback_unless_somebody_says_otherwise(string name) =>
        Assert.All(Strings(Service(name)["ports"]), port => Assert.Matches(@"^(\$\{WGMONITOR_BIND:-127\.0\.0\.1\}|127\.0\.0\.1):", port));

    [Fact]
    public void An_operators_command_has_the_services_configuration_and_starts_when_it_is_called_only()
    {
        var (tool, projector) = (Service("wgmonitor"), Service("projector"));

        Assert.Equal(["tools"], Strings(tool["profiles"]));
        Assert.All(["volumes", "secrets", "networks", "user"], key => Assert.True(JsonNode.DeepEquals(projector[key], tool[key]), key));
    }

    [Theory]
    [MemberData(nameof(Ours))]
    public void A_service_waits_for_redis_asks_itself_how_it_is_and_can_be_scaled(string name)
    {
        var service = Service(name);

        Assert.Equal("service_healthy", (string)service["depends_on"]!["redis"]!["condition"]!);
        Assert.Equal(["CMD", $"/app/wgmonitor-{name}", "health"], Strings(service["healthcheck"]!["test"]));
        Assert.Equal(name, (string)service["build"]!["target"]!);
        Assert.Equal("deploy/docker/Dockerfile", (string)service["build"]!["dockerfile"]!);
        // A fixed name or a named volume would be one replica's only.
        Assert.Null(service["container_name"]);
        Assert.DoesNotContain(Strings(service["volumes"]), volume => File["volumes"]!.AsObject().Any(named => volume.StartsWith(named.Key + ":", StringComparison.Ordinal)));
    }

    [Fact]
    public void Secrets_are_files_and_stand_in_no_environment()
    {
        Assert.All(File["secrets"]!.AsObject(), secret => Assert.NotNull(secret.Value!["file"]));
        Assert.All(File["services"]!.AsObject(), service => Assert.DoesNotMatch("(?i)password|secret|token", service.Value!["environment"]?.ToJsonString() ?? ""));
        Assert.Contains("deploy/compose/secrets/", Repository.Read(".gitignore"));
    }

    [Fact]
    public void Redis_can_be_reached_by_the_stack_only_and_keeps_everything()
    {
        var configuration = Repository.Read($"{Folder}/redis/redis.conf");

        Assert.Null(Service("redis")["ports"]);
        Assert.Equal(["log"], Strings(Service("redis")["networks"]));
        Assert.True((bool)File["networks"]!["log"]!["internal"]!);
        Assert.Contains("\nappendonly yes\n", configuration);
        Assert.Contains("\nmaxmemory-policy noeviction\n", configuration);
        Assert.Contains(Strings(Service("redis")["volumes"]), volume => volume == "redis-data:/data");
    }

    [Fact]
    public void Files_that_are_mounted_exist()
    {
        var mounted = File["services"]!.AsObject().SelectMany(service => Strings(service.Value!["volumes"])).Where(volume => volume.StartsWith('.')).ToList();

        Assert.NotEmpty(mounted);
        Assert.All(mounted, volume =>
        {
            Assert.EndsWith(":ro", volume);
            Assert.True(System.IO.File.Exists(Path.Combine(Repository.Root, Folder, volume.Split(':')[0])), volume);
        });
    }

    [Theory]
    [InlineData("prometheus", "monitoring")]
    [InlineData("alertmanager", "monitoring")]
    [InlineData("demo", "demo")]
    public void What_is_not_the_product_is_started_on_request(string name, string profile) => Assert.Equal([profile], Strings(Service(name)["profiles"]));

    [Theory]
    [MemberData(nameof(Ours))]
    public void Prometheus_scrapes_every_replica(string name)
    {
        var prometheus = Yaml.Document(Repository.Read($"{Folder}/prometheus/prometheus.yml"));
        var job = prometheus["scrape_configs"]!.AsArray().Single(job => (string)job!["job_name"]! == $"wgmonitor-{name}")!;

        Assert.Equal([name], Strings(job["dns_sd_configs"]![0]!["names"]));
        Assert.Equal(9998, (int)job["dns_sd_configs"]![0]!["port"]!);
        Assert.Contains("log", Strings(Service("prometheus")["networks"]));
    }

    [Fact]
    public void The_configuration_is_sound_once_its_secret_is_there()
    {
        using var directory = new TempDirectory();
        var secret = directory.Write("redis_password", "0123456789abcdef");
        var file = directory.Write("config.toml", Repository.Read($"{Folder}/config.toml").Replace("/run/secrets/redis_password", secret, StringComparison.Ordinal));

        var result = CheckConfig.Run(file, new Dictionary<string, string>(), ServiceSections.All);

        Assert.True(result.ExitCode == 0, string.Join('\n', result.Lines));
    }

    private static JsonObject Service(string name) => File["services"]![name]!.AsObject();

    private static IEnumerable<string> Strings(JsonNode? list) => list?.AsArray().Select(item => item!.ToString()) ?? [];

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex VersionElement();

    [GeneratedRegex(@"\$\{\w+:-([^}]*)\}")]
    private static partial Regex Default();
}
