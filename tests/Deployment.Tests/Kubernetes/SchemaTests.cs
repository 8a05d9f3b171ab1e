using System.Text.Json.Nodes;
using k8s;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests.Kubernetes;

/// <summary>Every object is what the API server expects, by two sources: one knows every field there is, the other what is required and allowed.</summary>
public sealed class SchemaTests
{
    private static readonly string[] OfOperators = ["keda.sh", "monitoring.coreos.com"];

    public static TheoryData<string> Folders => [.. Rendered.Folders];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task No_object_has_a_field_that_kubernetes_does_not_know(string folder)
    {
        var own = (await Rendered.ObjectsAsync(folder)).Where(each => !OfOperators.Contains(((string)each["apiVersion"]!).Split('/')[0])).ToList();

        // JSON is YAML. Unknown fields are errors.
        var models = KubernetesYaml.LoadAllFromString(string.Join("\n---\n", own.Select(each => each.ToJsonString())), typeMap: null, strict: true);

        Assert.Equal(own.Count, models.Count);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Every_object_keeps_the_schema_of_its_kind(string folder)
    {
        using var directory = new TempDirectory();
        var objects = await Rendered.ObjectsAsync(folder);
        var file = directory.Write("objects.json", new JsonArray([.. objects.Select(each => each.DeepClone())]).ToJsonString());
        var script = Path.Combine(Repository.Root, "tests/Deployment.Tests/Kubernetes/validate.mjs");

        await using var node = ChildProcess.Start("/bin/sh", ["-c", "exec node \"$1\" \"$2\" < \"$3\"", "sh", script, Path.Combine(Repository.Root, "artifacts/kubernetes-models"), file]);
        var code = await node.ExitAsync();

        Assert.Equal((0, ""), (code, node.Output));
    }

    [Fact]
    public void A_misspelt_field_is_seen() => Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString(
        """{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"},"spec":{"selektor":{"a":"b"}}}""", typeMap: null, strict: true));
}
