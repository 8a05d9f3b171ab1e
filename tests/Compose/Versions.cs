using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>
/// Versions of the product as images of the stack. The next one is built from the same sources under another number: each of its assemblies says it, and the
/// running program serves it. WGMONITOR_UPGRADE_FROM names a tag of images that are there already, of an older version, say, to begin with in place of today's.
/// </summary>
internal static partial class Versions
{
    /// <summary>That of the sources.</summary>
    public static string Current { get; } = VersionElement().Match(Repository.Read("Directory.Build.props")).Groups[1].Value;

    /// <summary>The one to which the stack is upgraded.</summary>
    public static string Next { get; } = string.Join('.', Current.Split('.')[..2]) + $".{int.Parse(Current.Split('.')[2]) + 1}-next";

    /// <summary>The one from which it is upgraded.</summary>
    public static string Older { get; } = Environment.GetEnvironmentVariable("WGMONITOR_UPGRADE_FROM") is { Length: > 0 } tag ? tag : Current;

    /// <summary>The variables of the compose file for a version, of images and of what is built.</summary>
    public static IReadOnlyDictionary<string, string?> Variables(string version) =>
        new Dictionary<string, string?> { ["WGMONITOR_TAG"] = version, ["WGMONITOR_VERSION"] = version };

    /// <summary>Every container of a service was made of the images of this version and serves it as its own.</summary>
    public static async Task RunAsync(Stack stack, string service, string version)
    {
        var containers = await stack.ContainersAsync(service);
        Assert.Equal(Stack.Replicas(service), containers.Count);
        foreach (var container in containers)
        {
            var all = await Docker.InspectAsync(container);
            Assert.EndsWith($"/{service}:{version}", all.GetProperty("Config").GetProperty("Image").GetString());
            // Images that the test did not build are tagged as their maker liked, and may be older than the series.
            if (version != Current && version != Next) continue;
            Assert.Equal(version, all.GetProperty("Config").GetProperty("Labels").GetProperty("org.opencontainers.image.version").GetString());
            Assert.Equal(version, await Scrape.VersionAsync(container));
        }
    }

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex VersionElement();
}
