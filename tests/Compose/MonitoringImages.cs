using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;

namespace WgMonitor.Compose;

/// <summary>
/// Images of Prometheus and Alertmanager: those that the compose file names, or what Debian packages of the two where these can neither be found nor pulled.
/// </summary>
internal static partial class MonitoringImages
{
    private static readonly (string Variable, string Target)[] Programs = [("PROMETHEUS_IMAGE", "prometheus"), ("ALERTMANAGER_IMAGE", "alertmanager")];

    /// <summary>The variables of the compose file that name them, after making what is missing.</summary>
    public static async Task<IReadOnlyDictionary<string, string?>> HereAsync(IReadOnlyDictionary<string, string?> environment)
    {
        var images = new Dictionary<string, string?>();
        foreach (var (variable, target) in Programs)
        {
            var named = Environment.GetEnvironmentVariable(variable) ?? Default(variable);
            var isHere = await Docker.SucceedsAsync("image", "inspect", named) || await Docker.SucceedsAsync("pull", "--quiet", named);
            images[variable] = isHere ? named : await BuildAsync(target, environment);
            Stack.Tell($"{target}: {images[variable]}{(isHere ? "" : $", since {named} cannot be pulled")}");
        }
        return images;
    }

    private static async Task<string> BuildAsync(string target, IReadOnlyDictionary<string, string?> environment)
    {
        var image = $"wgmonitor-test/{target}:debian";
        await Docker.RunAsync("docker", ["build", "--quiet", "--target", target, "--tag", image, Path.Combine(Repository.Root, "tests/Compose/images")], environment, TimeSpan.FromMinutes(5));
        return image;
    }

    private static string Default(string variable) =>
        DefaultValue().Matches(Repository.Read("deploy/compose/compose.yaml")).Single(match => match.Groups["variable"].Value == variable).Groups["value"].Value;

    [GeneratedRegex(@"image: \$\{(?<variable>\w+):-(?<value>[^}]+)\}")]
    private static partial Regex DefaultValue();
}
