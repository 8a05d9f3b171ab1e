using System.Text.Json;
using WgMonitor.Testing;

namespace WgMonitor.Compose;

/// <summary>The docker and compose programs of this machine. A missing one, or an engine that does not answer, is a failure that says so.</summary>
internal static class Docker
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs <c>docker</c> and returns what it printed.</summary>
    public static Task<string> RunAsync(params string[] arguments) => RunAsync("docker", arguments, null, Limit);

    /// <summary>True when the command ends with 0.</summary>
    public static async Task<bool> SucceedsAsync(params string[] arguments)
    {
        await using var process = ChildProcess.Start(Executable.Find("docker", "docker.io"), arguments);
        return await process.ExitAsync(Limit) == 0;
    }

    /// <summary>What <c>docker inspect</c> says of a container.</summary>
    public static async Task<JsonElement> InspectAsync(string container) => JsonDocument.Parse(await RunAsync("inspect", container)).RootElement[0];

    /// <summary><c>docker compose</c> where the engine's client has it, else <c>docker-compose</c>.</summary>
    public static async Task<(string Program, string[] First)> FindComposeAsync() =>
        await SucceedsAsync("compose", "version") ? ("docker", ["compose"]) : ("docker-compose", []);

    /// <summary>The first of some images that is on this machine, else the first of all, which then has to be pulled.</summary>
    public static async Task<string> FirstHereAsync(params string[] images)
    {
        foreach (var image in images)
        {
            if (await SucceedsAsync("image", "inspect", image)) return image;
        }
        return images[0];
    }

    public static async Task<string> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string?>? environment, TimeSpan limit)
    {
        await using var process = ChildProcess.Start(Executable.Find(program, program == "docker" ? "docker.io" : program), arguments, environment);
        var code = await process.ExitAsync(limit);
        return code == 0 ? process.StandardOutput : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}:\n{process.Output}");
    }
}
