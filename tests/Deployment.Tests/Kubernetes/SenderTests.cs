using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Collector;
using WgMonitor.Hosting;
using Xunit;

namespace WgMonitor.Deployment.Tests.Kubernetes;

/// <summary>Which way for senders fits which overlay: a port that the Service names has to be a port of the pod, and something has to listen there.</summary>
public sealed partial class SenderTests
{
    private static readonly string[] Overlays = ["single", "ha", "fleet"];

    public static TheoryData<string> OverlayNames => [.. Overlays];

    /// <summary>The last column of the table of docs/kubernetes.md.</summary>
    public static TheoryData<string, string> Documented =>
        [.. TableRow().Matches(Repository.Read("docs/kubernetes.md")).Select(row => (row.Groups[1].Value, string.Join(' ', Name().Matches(row.Groups[2].Value).Select(name => name.Groups[1].Value))))];

    [Theory]
    [MemberData(nameof(OverlayNames))]
    public async Task Every_port_of_an_overlays_services_is_listened_on(string overlay) =>
        Assert.Equal([], await UnansweredAsync(overlay, await Rendered.ObjectsAsync($"deploy/k8s/overlays/{overlay}")));

    [Theory]
    [MemberData(nameof(Documented))]
    public async Task A_shape_fits_the_overlays_that_the_guide_names_and_no_other(string folder, string documented)
    {
        var senders = await Rendered.ObjectsAsync(folder);
        if (senders.Any(each => Rendered.Kind(each) == "DaemonSet"))
        {
            // It brings collectors of its own.
            Assert.Equal(string.Join(' ', Overlays), documented);
            return;
        }
        var fitting = new List<string>();
        foreach (var overlay in Overlays)
        {
            if ((await UnansweredAsync(overlay, senders)).Count == 0) fitting.Add(overlay);
        }

        Assert.Equal(string.Join(' ', fitting), documented);
    }

    [Fact]
    public async Task Every_shape_stands_in_the_guide() => Assert.Equal(
        Rendered.Folders.Where(folder => folder.Contains("/senders/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        await Task.FromResult(Documented.Select(row => row.Data.Item1).Order(StringComparer.Ordinal)));

    /// <summary>Ports of Services before the collector that nothing answers in this overlay.</summary>
    private static async Task<List<string>> UnansweredAsync(string overlay, IReadOnlyList<JsonObject> objects)
    {
        var all = await Rendered.ObjectsAsync($"deploy/k8s/overlays/{overlay}");
        var containers = (await Rendered.PodsAsync($"deploy/k8s/overlays/{overlay}")).ToDictionary(pod => (string)pod.Template["metadata"]!["labels"]!["app.kubernetes.io/name"]!, pod => pod.Template["spec"]!["containers"]![0]!);
        var listeners = Listeners(all).ToHashSet();
        var unanswered = new List<string>();
        foreach (var service in objects.Where(each => Rendered.Kind(each) == "Service"))
        {
            var container = containers[(string)service["spec"]!["selector"]!["app.kubernetes.io/name"]!];
            foreach (var port in service["spec"]!["ports"]!.AsArray())
            {
                var target = port!["targetPort"]!.ToString();
                var protocol = (string)port["protocol"]!;
                var found = container["ports"]!.AsArray().FirstOrDefault(each => ((string)each!["name"]! == target || each["containerPort"]!.ToString() == target) && (string)each["protocol"]! == protocol);
                // The other services listen where the images say, which the probes find.
                var listened = found is not null && (Rendered.Name(service) is not ("wgmonitor-collector" or "wgmonitor-senders-tls" or "wgmonitor-senders-udp") || target == "metrics"
                    || listeners.Contains(((int)found["containerPort"]!, protocol)));
                if (!listened) unanswered.Add($"{Rendered.Name(service)} {target}/{protocol}");
            }
        }
        return unanswered;
    }

    private static IEnumerable<(int Port, string Protocol)> Listeners(IReadOnlyList<JsonObject> overlay)
    {
        var text = (string)overlay.Single(each => Rendered.Kind(each) == "ConfigMap" && Rendered.Name(each).StartsWith("wgmonitor-config", StringComparison.Ordinal))["data"]!["config.toml"]!;
        var collector = ConfigurationDocument.Parse(text).TryBind([OptionsSection.Of<CollectorOptions>(CollectorOptions.Section)]).Options.Get<CollectorOptions>();
        return collector.Listen.Select(listen => (listen.EndPoint.Port, listen.Protocol == ListenProtocol.Udp ? "UDP" : "TCP"));
    }

    [GeneratedRegex(@"^\| [abc]\. .* \| `(deploy/k8s/senders/[a-z-]+)` \| .* \| ([^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("`(single|ha|fleet)`")]
    private static partial Regex Name();
}
