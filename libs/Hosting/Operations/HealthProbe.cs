using System.Net;

namespace WgMonitor.Hosting;

/// <summary>
/// Asks the process that runs under the same configuration how it is, for health checks in images that hold no shell and no curl:
/// <c>wgmonitor-collector health</c>, <c>wgmonitor health</c>.
/// </summary>
public static class HealthProbe
{
    /// <summary>The first argument of a service that asks instead of starting.</summary>
    internal const string Command = "health";

    /// <summary>Asks for liveness instead of readiness.</summary>
    internal const string LiveArgument = "--live";

    /// <summary>What a caller may wait for an answer: less than the 5 s after which a container's health check is given up.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Asks <c>/readyz</c>, or <c>/livez</c>, at the address the configuration names, on loopback where that is every address.
    /// Returns 0 for yes, 1 for no or no answer, 78 for a wrong configuration.
    /// </summary>
    /// <param name="path">File named by the user, or null to look where a service would.</param>
    /// <param name="live">Whether the process lives (asks nobody else), instead of whether it can do its work.</param>
    /// <param name="environment">The environment the process has.</param>
    /// <param name="output">Gets the answer.</param>
    /// <param name="error">Gets what is wrong, one line each.</param>
    /// <param name="modules">The services of the process.</param>
    public static async Task<int> AskAsync(
        string? path, bool live, IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, params ServiceModule[] modules)
    {
        var document = ConfigurationDocument.Load(ProcessArguments.FindConfig(path, environment), environment);
        var (options, problems) = WgMonitorHost.TryBindAll(document, modules);
        if (problems.Count > 0)
        {
            foreach (var problem in problems) await error.WriteLineAsync(problem.ToString());
            return ConfigurationException.ExitCode;
        }

        var url = new Uri($"http://{Reachable(WgMonitorHost.OperationsAddress(options, modules))}{(live ? "/livez" : "/readyz")}");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = AnswerLimit };
        try
        {
            using var answer = await http.GetAsync(url);
            var body = (await answer.Content.ReadAsStringAsync()).Trim();
            await (answer.IsSuccessStatusCode ? output : error).WriteLineAsync($"{url}: {(int)answer.StatusCode} {body}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            await error.WriteLineAsync(exception is HttpRequestException ? $"{url}: {exception.Message}" : $"{url}: no answer within {AnswerLimit.TotalSeconds:0} s.");
            return 1;
        }
    }

    /// <summary>The same with what follows <c>health</c> on the command line of a service.</summary>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> rest, IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, IReadOnlyList<ServiceModule> modules)
    {
        var live = rest.Contains(LiveArgument);
        var arguments = ProcessArguments.Parse([.. rest.Where(argument => argument != LiveArgument)], environment);
        if (arguments.Help || arguments.Error is not null)
        {
            await error.WriteLineAsync(arguments.Error is null ? ProcessArguments.Usage : $"{arguments.Error}\n{ProcessArguments.Usage}");
            return arguments.Error is null ? 0 : 1;
        }

        return await AskAsync(arguments.ConfigPath, live, environment, output, error, [.. modules]);
    }

    /// <summary>Who listens on every address is asked on loopback.</summary>
    private static IPEndPoint Reachable(IPEndPoint listening) =>
        listening.Address.Equals(IPAddress.Any) ? new(IPAddress.Loopback, listening.Port)
        : listening.Address.Equals(IPAddress.IPv6Any) ? new(IPAddress.IPv6Loopback, listening.Port)
        : listening;
}
