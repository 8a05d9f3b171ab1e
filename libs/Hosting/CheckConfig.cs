namespace WgMonitor.Hosting;

/// <summary>
/// Checks a configuration with the very loader the services use and tells what they would run with: notices, then each effective
/// setting with its origin, or every mistake.
/// </summary>
public static class CheckConfig
{
    /// <summary>What to print, one line each, and the exit code: 0 or <see cref="ConfigurationException.ExitCode"/>.</summary>
    public readonly record struct Result(IReadOnlyList<string> Lines, int ExitCode);

    /// <summary>Checks without touching the network.</summary>
    /// <param name="path">File named by the user, or null to look where a service would.</param>
    /// <param name="environment">The environment a service would have.</param>
    /// <param name="modules">The services whose sections are checked.</param>
    public static Result Run(string? path, IReadOnlyDictionary<string, string> environment, params ServiceModule[] modules)
    {
        var file = ProcessArguments.FindConfig(path, environment);
        var document = ConfigurationDocument.Load(file, environment);
        var (options, problems) = WgMonitorHost.TryBindAll(document, modules);
        var notices = document.Notices.Select(notice => notice.ToString());
        if (problems.Count > 0)
        {
            var count = problems.Count == 1 ? "1 mistake." : $"{problems.Count} mistakes.";
            return new([.. notices, .. problems.Select(problem => problem.ToString()), count], ConfigurationException.ExitCode);
        }

        var settings = ConfigurationReport.Settings(options).Select(setting => setting.ToString());
        return new([.. notices, .. settings, $"{file ?? "Built-in defaults"}: OK."], 0);
    }
}
