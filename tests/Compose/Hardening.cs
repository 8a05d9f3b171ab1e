using System.Text.Json;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>What every container of the stack is: read-only, without root and without capabilities, with limits.</summary>
internal static class Hardening
{
    /// <summary>Looks at each container and its processes; returns the names of the services they belong to.</summary>
    public static async Task<IReadOnlySet<string>> HoldsAsync(IEnumerable<string> containers)
    {
        var services = new HashSet<string>();
        foreach (var container in containers)
        {
            var all = await Docker.InspectAsync(container);
            services.Add(all.GetProperty("Config").GetProperty("Labels").GetProperty("com.docker.compose.service").GetString()!);
            var (host, name) = (all.GetProperty("HostConfig"), all.GetProperty("Name").GetString());
            Assert.True(host.GetProperty("ReadonlyRootfs").GetBoolean(), name);
            Assert.False(host.GetProperty("Privileged").GetBoolean(), name);
            Assert.Equal(["ALL"], host.GetProperty("CapDrop").EnumerateArray().Select(capability => capability.GetString()));
            Assert.Equal(JsonValueKind.Null, host.GetProperty("CapAdd").ValueKind);
            Assert.Contains(host.GetProperty("SecurityOpt").EnumerateArray(), option => option.GetString()!.StartsWith("no-new-privileges", StringComparison.Ordinal));
            Assert.True(host.GetProperty("Memory").GetInt64() > 0, name);
            Assert.True(host.GetProperty("PidsLimit").GetInt64() > 0, name);
            // Of the running process, as the kernel sees it.
            var top = await Docker.RunAsync("top", container, "-eo", "uid,pid,args");
            Assert.All(top.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1), line => Assert.DoesNotMatch(@"^\s*0\s", line));
        }
        return services;
    }
}
