using System.Text.Json.Nodes;
using Xunit;

namespace WgMonitor.Deployment.Tests.Kubernetes;

/// <summary>
/// The restricted profile of the Pod Security Standards, rule by rule, on every pod that is rendered. One folder is excepted from the rules on the host's
/// network, and has a namespace of its own for it.
/// </summary>
/// <remarks>Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/</remarks>
public sealed class RestrictedProfileTests
{
    private static readonly string[] VolumesAllowed = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static TheoryData<string> Folders => [.. Rendered.Folders];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Pods_share_nothing_with_the_host(string folder) => await AllPodsAsync(folder, pod =>
    {
        Assert.True(pod["hostPID"] is null && pod["hostIPC"] is null);
        Assert.Equal(folder == Rendered.Edge, pod["hostNetwork"] is not null);
        Assert.Equal(folder == Rendered.Edge, Containers(pod).SelectMany(container => container["ports"]!.AsArray()).Any(port => port!["hostPort"] is not null));
    });

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Volumes_are_of_allowed_kinds(string folder) => await AllPodsAsync(folder, pod =>
        Assert.All(pod["volumes"]?.AsArray() ?? [], volume => Assert.All(volume!.AsObject().Select(field => field.Key).Where(key => key != "name"), kind => Assert.Contains(kind, VolumesAllowed))));

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Nobody_is_root(string folder) => await AllPodsAsync(folder, pod =>
    {
        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.NotEqual(0, (int)pod["securityContext"]!["runAsUser"]!);
        Assert.All(Containers(pod), container => Assert.True(container["securityContext"]!["runAsUser"] is null && container["securityContext"]!["runAsNonRoot"] is null));
    });

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task System_calls_are_filtered(string folder) => await AllPodsAsync(folder, pod =>
    {
        Assert.Equal("RuntimeDefault", (string)pod["securityContext"]!["seccompProfile"]!["type"]!);
        Assert.True(pod["securityContext"]!["sysctls"] is null && pod["securityContext"]!["seLinuxOptions"] is null && pod["securityContext"]!["appArmorProfile"] is null);
    });

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task No_container_has_or_gets_rights(string folder) => await AllPodsAsync(folder, pod => Assert.All(Containers(pod), container =>
    {
        var context = container["securityContext"]!;
        Assert.False((bool)context["allowPrivilegeEscalation"]!);
        Assert.True(context["privileged"] is null && context["procMount"] is null);
        Assert.Equal(["ALL"], context["capabilities"]!["drop"]!.AsArray().Select(capability => (string)capability!));
        Assert.Null(context["capabilities"]!["add"]);
        Assert.True((bool)context["readOnlyRootFilesystem"]!);
    }));

    [Fact]
    public async Task The_namespace_enforces_the_profile()
    {
        foreach (var overlay in (string[])["single", "ha", "fleet"])
        {
            var labels = (await Rendered.ObjectsAsync($"deploy/k8s/overlays/{overlay}", "Namespace")).Single()["metadata"]!["labels"]!;
            Assert.All((string[])["enforce", "audit", "warn"], mode => Assert.Equal("restricted", (string)labels[$"pod-security.kubernetes.io/{mode}"]!));
        }
    }

    private static async Task AllPodsAsync(string folder, Action<JsonObject> check)
    {
        foreach (var (_, template) in await Rendered.PodsAsync(folder)) check(template["spec"]!.AsObject());
    }

    private static IEnumerable<JsonNode> Containers(JsonNode pod) => [.. pod["containers"]!.AsArray().OfType<JsonNode>(), .. pod["initContainers"]?.AsArray().OfType<JsonNode>() ?? []];
}
