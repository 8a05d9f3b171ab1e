using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests.Kubernetes;

/// <summary>What <c>kubectl kustomize</c> makes of the folders that a user applies.</summary>
internal static class Rendered
{
    public const string Edge = "deploy/k8s/senders/host-network";

    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<JsonObject>>>> Cache = new();

    /// <summary>Every folder that is applied by itself.</summary>
    public static IReadOnlyList<string> Folders { get; } =
    [
        "deploy/k8s/overlays/single", "deploy/k8s/overlays/ha", "deploy/k8s/overlays/fleet",
        "deploy/k8s/autoscaling/hpa", "deploy/k8s/autoscaling/keda", "deploy/k8s/monitoring",
        "deploy/k8s/senders/tls", "deploy/k8s/senders/udp-load-balancer", Edge,
    ];

    public static Task<IReadOnlyList<JsonObject>> ObjectsAsync(string folder) =>
        Cache.GetOrAdd(folder, key => new(() => RenderAsync(key))).Value;

    /// <summary>Objects of a kind.</summary>
    public static async Task<IReadOnlyList<JsonObject>> ObjectsAsync(string folder, params string[] kinds) =>
        [.. (await ObjectsAsync(folder)).Where(each => kinds.Contains(Kind(each)))];

    /// <summary>Objects that make pods, with the pods' specification.</summary>
    public static async Task<IReadOnlyList<(string Name, JsonObject Template)>> PodsAsync(string folder) =>
        [.. (await ObjectsAsync(folder, "Deployment", "StatefulSet", "DaemonSet")).Select(each => (Name(each), each["spec"]!["template"]!.AsObject()))];

    /// <summary>Nobody but a scaler says how many replicas there are of what it scales.</summary>
    public static void AssertScalersAlone(IReadOnlyList<JsonObject> objects)
    {
        var scaled = objects.Where(each => Kind(each) is "HorizontalPodAutoscaler" or "ScaledObject").Select(each => (string)each["spec"]!["scaleTargetRef"]!["name"]!).ToHashSet(StringComparer.Ordinal);
        Assert.All(objects.Where(each => Kind(each) is "Deployment" or "StatefulSet" && scaled.Contains(Name(each))), each => Assert.False(each["spec"]!.AsObject().ContainsKey("replicas"), Name(each)));
    }

    public static string Kind(JsonNode each) => (string)each["kind"]!;

    public static string Name(JsonNode each) => (string)each["metadata"]!["name"]!;

    private static async Task<IReadOnlyList<JsonObject>> RenderAsync(string folder)
    {
        await using var kubectl = ChildProcess.Start(Executable.Find("kubectl", "kubernetes-client"), ["kustomize", Path.Combine(Repository.Root, folder)]);
        var code = await kubectl.ExitAsync();
        return code == 0 ? Yaml.Documents(kubectl.StandardOutput) : throw new InvalidOperationException($"kubectl kustomize {folder} ended with {code}:\n{kubectl.Output}");
    }
}
