using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Hosting;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests.Kubernetes;

/// <summary>What an installation in a cluster promises beside the restricted profile: limits, probes, labels, disruption, network, secrets, scaling.</summary>
public sealed partial class ManifestTests
{
    private static readonly string[] Services = ["wgmonitor-collector", "wgmonitor-projector", "wgmonitor-notifier", "wgmonitor-api"];

    public static TheoryData<string> Folders => [.. Rendered.Folders];

    public static TheoryData<string> Overlays => ["deploy/k8s/overlays/single", "deploy/k8s/overlays/ha", "deploy/k8s/overlays/fleet"];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Every_container_has_requests_limits_and_a_pinned_image(string folder)
    {
        foreach (var (name, template) in await Rendered.PodsAsync(folder))
        {
            Assert.All(template["spec"]!["containers"]!.AsArray(), container =>
            {
                Assert.All((string[])["requests", "limits"], kind => Assert.All((string[])["cpu", "memory"], what => Assert.NotNull(container!["resources"]![kind]![what])));
                Assert.Matches(@":\d+\.\d+\.\d+(-[a-z0-9.]+)?$", (string)container!["image"]!);
            });
            Assert.True((int)template["spec"]!["terminationGracePeriodSeconds"]! >= 40, name);
            Assert.False((bool)template["spec"]!["automountServiceAccountToken"]!);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Liveness_asks_nobody_else_and_readiness_whether_work_can_be_done(string folder)
    {
        foreach (var (name, template) in await Rendered.PodsAsync(folder))
        {
            var container = template["spec"]!["containers"]![0]!;
            Assert.All((string[])["startupProbe", "livenessProbe", "readinessProbe"], probe => Assert.NotNull(container[probe]));
            if (name == "redis") continue;
            Assert.Equal("/livez", (string)container["startupProbe"]!["httpGet"]!["path"]!);
            Assert.Equal("/livez", (string)container["livenessProbe"]!["httpGet"]!["path"]!);
            Assert.Equal("/readyz", (string)container["readinessProbe"]!["httpGet"]!["path"]!);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Every_object_has_the_recommended_labels_and_so_has_what_it_makes(string folder)
    {
        foreach (var each in await Rendered.ObjectsAsync(folder))
        {
            JsonNode?[] made = [each, each["spec"]?["template"], .. each["spec"]?["volumeClaimTemplates"]?.AsArray() ?? []];
            Assert.All(made.OfType<JsonNode>().Select(one => one["metadata"]?["labels"]), labels => Assert.True(
                !string.IsNullOrEmpty((string?)labels?["app.kubernetes.io/name"]) && (string?)labels["app.kubernetes.io/part-of"] == "wgmonitor", $"{Rendered.Kind(each)} {Rendered.Name(each)}"));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_service_can_be_disrupted_one_at_a_time_and_spreads(string overlay)
    {
        var budgets = await Rendered.ObjectsAsync(overlay, "PodDisruptionBudget");
        foreach (var (name, template) in await Rendered.PodsAsync(overlay))
        {
            var budget = budgets.Single(each => Rendered.Name(each) == name);
            Assert.Equal(1, (int)budget["spec"]!["maxUnavailable"]!);
            Assert.Equal((string)template["metadata"]!["labels"]!["app.kubernetes.io/name"]!, (string)budget["spec"]!["selector"]!["matchLabels"]!["app.kubernetes.io/name"]!);
            Assert.NotEmpty(template["spec"]!["topologySpreadConstraints"]!.AsArray());
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task The_four_services_are_there_and_each_collector_has_a_disk_of_its_own(string overlay)
    {
        var pods = (await Rendered.PodsAsync(overlay)).Select(pod => pod.Name).ToList();
        var collector = (await Rendered.ObjectsAsync(overlay, "StatefulSet")).Single(each => Rendered.Name(each) == "wgmonitor-collector");

        Assert.All(Services, service => Assert.Contains(service, pods));
        Assert.Equal("spool", (string)collector["spec"]!["volumeClaimTemplates"]![0]!["metadata"]!["name"]!);
        Assert.Contains(collector["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray(), variable => (string)variable!["name"]! == "WGMONITOR__COLLECTOR__NAME");
        Assert.All((string[])["wgmonitor-collector", "wgmonitor-api"], name => Assert.Equal(
            5, (int)Workload(overlay, name).Result["spec"]!["template"]!["spec"]!["containers"]![0]!["lifecycle"]!["preStop"]!["sleep"]!["seconds"]!));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Secrets_are_mounted_files_and_stand_in_no_object(string folder)
    {
        var objects = await Rendered.ObjectsAsync(folder);

        Assert.DoesNotContain(objects, each => Rendered.Kind(each) == "Secret");
        Assert.All(objects.Where(each => Rendered.Kind(each) == "ConfigMap"), map =>
            Assert.All(map["data"]!.AsObject(), file => Assert.DoesNotMatch(@"(?m)^\s*(password|secret|token|url)\s*=", (string)file.Value!)));
        Assert.DoesNotContain(objects, each => each.ToJsonString().Contains("secretKeyRef", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Nothing_is_let_through_but_what_is_named(string overlay)
    {
        var policies = (await Rendered.ObjectsAsync(overlay, "NetworkPolicy")).ToDictionary(Rendered.Name, each => each["spec"]!);

        var deny = policies["default-deny"];
        Assert.Equal("{}", deny["podSelector"]!.ToJsonString());
        Assert.Equal(["Ingress", "Egress"], deny["policyTypes"]!.AsArray().Select(type => (string)type!));
        Assert.True(deny["ingress"] is null && deny["egress"] is null);
        Assert.Equal("true", (string)policies["allow-to-redis"]["podSelector"]!["matchLabels"]!["wgmonitor/redis-client"]!);
        var toAddresses = policies.Where(policy => policy.Value.ToJsonString().Contains("ipBlock", StringComparison.Ordinal)).ToDictionary();
        Assert.Equal(["allow-dns", "allow-webhooks"], toAddresses.Keys.Order(StringComparer.Ordinal));
        var webhooks = toAddresses.Single(policy => policy.Key == "allow-webhooks");
        Assert.Equal("wgmonitor-notifier", (string)webhooks.Value["podSelector"]!["matchLabels"]!["app.kubernetes.io/name"]!);
        Assert.Contains("10.0.0.0/8", webhooks.Value.ToJsonString());
        foreach (var (name, template) in await Rendered.PodsAsync(overlay))
            Assert.Equal(name != "redis", (string?)template["metadata"]!["labels"]!["wgmonitor/redis-client"] == "true");
        if (policies.TryGetValue("allow-redis-clients", out var redis))
            Assert.Equal("""[{"podSelector":{"matchLabels":{"wgmonitor/redis-client":"true"}}}]""", redis["ingress"]![0]!["from"]!.ToJsonString());
    }

    /// <summary>The cluster's own, the cache on the node (its address by default), and that of OpenShift, whose Service maps 53 to 5353.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Names_can_be_asked_for_in_every_usual_cluster(string overlay)
    {
        var rules = (await Rendered.ObjectsAsync(overlay, "NetworkPolicy")).Single(each => Rendered.Name(each) == "allow-dns")["spec"]!["egress"]!.AsArray();

        var allowed = rules.SelectMany(rule => rule!["to"]!.AsArray().Select(to =>
            $"{to!["ipBlock"]?["cidr"] ?? to["namespaceSelector"]!["matchLabels"]!["kubernetes.io/metadata.name"]} {string.Join(' ', rule["ports"]!.AsArray().Select(port => $"{port!["port"]}/{port["protocol"]}"))}"));
        Assert.Equal(["kube-system 53/UDP 53/TCP", "169.254.20.10/32 53/UDP 53/TCP", "openshift-dns 5353/UDP 5353/TCP"], allowed);
        Assert.All((string[])["kube-system", "169.254.20.10", "5353"], word => Assert.Contains(word, Repository.Read("docs/kubernetes.md")));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Syslog_comes_in_at_the_ports_of_the_listeners_and_at_no_other(string overlay)
    {
        var listeners = ListenerPort().Matches(await ConfigurationAsync(overlay)).Select(port => int.Parse(port.Groups[1].Value)).Except([8080, 9998]).Order().Distinct().ToArray();
        int[] Of(IEnumerable<JsonNode?> ports, string name) => [.. ports.Select(port => (int)port![name]!).Except([9998]).Order().Distinct()];
        var pod = (await Rendered.PodsAsync(overlay)).Single(each => each.Name == "wgmonitor-collector").Template["spec"]!["containers"]![0]!["ports"]!.AsArray();
        var service = (await Rendered.ObjectsAsync(overlay, "Service")).Single(each => Rendered.Name(each) == "wgmonitor-collector")["spec"]!["ports"]!.AsArray();
        var policies = (await Rendered.ObjectsAsync(overlay, "NetworkPolicy")).Where(each => Rendered.Name(each).StartsWith("allow-syslog", StringComparison.Ordinal));

        Assert.Equal(listeners, Of(pod, "containerPort"));
        Assert.Equal(listeners, Of(service, "port"));
        Assert.Equal(listeners, Of(policies.SelectMany(policy => policy["spec"]!["ingress"]![0]!["ports"]!.AsArray()), "port"));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task The_configuration_is_sound_once_its_secrets_are_there(string overlay)
    {
        using var directory = new TempDirectory();
        var text = await ConfigurationAsync(overlay);
        foreach (Match secret in SecretPath().Matches(text)) directory.Write(Path.GetFileName(secret.Value), "0123456789abcdef");

        var result = CheckConfig.Run(
            directory.Write("config.toml", SecretPath().Replace(text, match => directory.File(Path.GetFileName(match.Value)))), new Dictionary<string, string>(), ServiceSections.All);

        Assert.True(result.Lines.All(line => !line.Contains("unknown key", StringComparison.Ordinal)), string.Join('\n', result.Lines));
        // A certificate that is none is the only thing that may be wrong with a made-up one.
        Assert.True(result.ExitCode == 0 || result.Lines.SkipLast(1).All(line => line.Contains("certificate", StringComparison.Ordinal) || line.Contains("client_ca", StringComparison.Ordinal)),
            string.Join('\n', result.Lines));
    }

    [Theory]
    [InlineData("deploy/k8s/autoscaling/hpa", "deploy/k8s/overlays/ha")]
    [InlineData("deploy/k8s/autoscaling/keda", "deploy/k8s/overlays/ha")]
    [InlineData("deploy/k8s/overlays/fleet", "deploy/k8s/overlays/fleet")]
    public async Task Autoscalers_go_by_our_lag_and_stop_at_the_number_of_partitions(string folder, string overlay)
    {
        var scalers = await Rendered.ObjectsAsync(folder, "HorizontalPodAutoscaler", "ScaledObject");
        var partitions = ConfigurationDocument.Parse(await ConfigurationAsync(overlay)).TryBind([OptionsSection.Of<StreamOptions>(StreamOptions.Section)]).Options.Get<StreamOptions>().Partitions;

        Assert.Equal(["wgmonitor-notifier", "wgmonitor-projector"], scalers.Select(Rendered.Name).Order(StringComparer.Ordinal));
        Assert.All(scalers, scaler =>
        {
            var spec = scaler["spec"]!;
            Assert.Equal(partitions, (int)(spec["maxReplicas"] ?? spec["maxReplicaCount"])!);
            Assert.True((int)(spec["minReplicas"] ?? spec["minReplicaCount"])! > 0);
            Assert.Contains("wgmonitor_api_group_lag_events", spec.ToJsonString());
            Assert.Contains(Rendered.Name(scaler)["wgmonitor-".Length..], spec.ToJsonString());
        });
        Assert.Contains("| `wgmonitor_api_group_lag_events` |", Repository.Read("docs/metrics.md"));
    }

    /// <summary>Both writing the number of replicas, each apply would throw away what the scaler found out.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public async Task What_a_scaler_scales_has_no_number_of_replicas(string folder) => Rendered.AssertScalersAlone(await Rendered.ObjectsAsync(folder));

    [Fact]
    public async Task The_operators_rules_are_those_of_the_rule_file()
    {
        var rule = (await Rendered.ObjectsAsync("deploy/k8s/monitoring", "PrometheusRule")).Single();

        Assert.True(JsonNode.DeepEquals(Yaml.Document(Repository.Read("deploy/prometheus/wgmonitor.rules.yml"))["groups"], rule["spec"]!["groups"]));
    }

    [Fact]
    public async Task Every_service_is_scraped_under_its_own_name()
    {
        var services = await Rendered.ObjectsAsync("deploy/k8s/overlays/ha", "Service");

        Assert.All(Services, name => Assert.Contains(
            services.Single(service => Rendered.Name(service) == name)["spec"]!["ports"]!.AsArray(), port => (string)port!["name"]! == "metrics" && (int)port["port"]! == 9998));
    }

    [Fact]
    public async Task Datagrams_through_a_balancer_keep_their_senders_address() =>
        Assert.Equal("Local", (string)(await Rendered.ObjectsAsync("deploy/k8s/senders/udp-load-balancer", "Service")).Single()["spec"]!["externalTrafficPolicy"]!);

    [Fact]
    public void Redis_on_trial_is_configured_as_in_compose()
    {
        Assert.All(["redis.conf", "cut-unfinished.sh"], file => Assert.Equal(Repository.Read($"deploy/compose/redis/{file}"), Repository.Read($"deploy/k8s/redis-trial/{file}")));
        Assert.Equal(
            Commands(Repository.Read("deploy/compose/redis/start.sh")),
            Commands(Repository.Read("deploy/k8s/redis-trial/start.sh")).Replace("/run/secrets/wgmonitor/redis/password", "/run/secrets/redis_password", StringComparison.Ordinal));

        static string Commands(string script) => script[script.IndexOf("set -eu", StringComparison.Ordinal)..];
    }

    private static async Task<JsonObject> Workload(string overlay, string name) =>
        (await Rendered.ObjectsAsync(overlay, "Deployment", "StatefulSet")).Single(each => Rendered.Name(each) == name);

    private static async Task<string> ConfigurationAsync(string overlay) =>
        (string)(await Rendered.ObjectsAsync(overlay, "ConfigMap")).Single(each => Rendered.Name(each).StartsWith("wgmonitor-config", StringComparison.Ordinal))["data"]!["config.toml"]!;

    [GeneratedRegex(@"/run/secrets/wgmonitor/[a-z]+/[a-z.]+")]
    private static partial Regex SecretPath();

    [GeneratedRegex(@"(?m)^address = ""0\.0\.0\.0:(\d+)""")]
    private static partial Regex ListenerPort();
}
