using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests.Kubernetes;

/// <summary>
/// What guides tell to do with a cluster, by the real kubectl without one: what is created is created as a dry run, what is applied is rendered, and what is only asked for is
/// looked up in what is rendered.
/// </summary>
public sealed class DocumentedCommandsTests
{
    private const string WithoutCluster = """
        kubectl() {
            case " $* " in
                *' create '*) command kubectl "$@" --dry-run=client --output yaml ;;
                *' apply -k '*) command kubectl kustomize "${@: -1}" ;;
                *' port-forward '*) printf 'kind: Forward\nnamespace: %s\ntarget: %s\nport: %s\n' "$2" "${@: -2:1}" "${@: -1}" ;;
                *) echo "Nobody knows how to try this without a cluster: kubectl $*" >&2; return 1 ;;
            esac
            echo ---
        }

        """;

    public static TheoryData<string> Clusters => [.. Guides.OfKind("sh cluster").Select(block => block.ToString())];

    public static TheoryData<string> Kustomizations => [.. Guides.OfKind("yaml").Select(block => block.ToString())];

    [Theory]
    [MemberData(nameof(Clusters))]
    public async Task Kubectl_does_what_a_guide_tells(string block)
    {
        await using var bash = ChildProcess.Start(Executable.Find("bash", "bash"), ["-euo", "pipefail", "-c", WithoutCluster + Text(block)], workingDirectory: Guides.Root);
        Assert.True(await bash.ExitAsync() == 0, bash.Output);

        var documents = Yaml.Documents(bash.StandardOutput);
        var rendered = documents.Where(each => Rendered.Kind(each) is "Deployment" or "StatefulSet").ToArray();
        Assert.NotEmpty(rendered);
        foreach (var workload in rendered) Assert.Equal("wgmonitor", (string?)workload["metadata"]!["namespace"]);
        // Pods wait for a Secret that is not there, so each stands before what needs it, in its namespace.
        var mounted = rendered.SelectMany(workload => workload["spec"]!["template"]!["spec"]!["volumes"]!.AsArray()).Select(volume => (string?)volume!["secret"]?["secretName"]).OfType<string>().Distinct();
        Assert.All(mounted, name => Assert.Contains(documents.TakeWhile(each => Rendered.Kind(each) is "Namespace" or "Secret"), each => Rendered.Kind(each) == "Secret" && Rendered.Name(each) == name));
        Assert.Equal(("Namespace", "wgmonitor"), (Rendered.Kind(documents[0]), Rendered.Name(documents[0])));
        // Names that are typed are those that the manifests use.
        foreach (var created in documents.Where(each => Rendered.Kind(each) == "Secret" && each["data"]?["password"] is not null))
            Assert.Contains(rendered, workload => workload.ToJsonString().Contains($"\"secretName\":\"{Rendered.Name(created)}\"", StringComparison.Ordinal));
        foreach (var forward in documents.Where(each => Rendered.Kind(each) == "Forward"))
        {
            var service = documents.Single(each => Rendered.Kind(each) == "Service" && $"service/{Rendered.Name(each)}" == (string?)forward["target"]);
            Assert.Equal((string?)forward["namespace"], (string?)service["metadata"]!["namespace"]);
            Assert.Contains(service["spec"]!["ports"]!.AsArray(), port => port!["port"]!.ToString() == forward["port"]!.ToString());
        }
    }

    /// <summary>An overlay of a user's own, in a folder beside a clone.</summary>
    [Theory]
    [MemberData(nameof(Kustomizations))]
    public async Task An_overlay_of_ones_own_renders(string block)
    {
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory.File("wgmonitor"));
        Directory.CreateSymbolicLink(directory.File("wgmonitor/deploy"), Path.Combine(Guides.Root, "deploy"));
        var file = directory.Write("mine/kustomization.yaml", Text(block));

        await using var kubectl = ChildProcess.Start(Executable.Find("kubectl", "kubernetes-client"), ["kustomize", Path.GetDirectoryName(file)!]);
        Assert.True(await kubectl.ExitAsync() == 0, kubectl.Output);

        var images = Yaml.Documents(Text(block)).Single()["images"]?.AsArray().Select(image => (string)image!["newName"]!).ToArray() ?? [];
        Assert.All(images, image => Assert.Contains($" image: {image}:", kubectl.StandardOutput));
        var rendered = Yaml.Documents(kubectl.StandardOutput);
        Assert.Contains(rendered, each => Rendered.Kind(each) is "Deployment");
        Rendered.AssertScalersAlone(rendered);
    }

    private static string Text(string block) => Guides.Blocks.Single(each => each.ToString() == block).Text;
}
