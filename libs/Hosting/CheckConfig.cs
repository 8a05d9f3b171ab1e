namespace WgMonitor.Hosting;

/// <summary>
/// Checks a configuration with the very loader the services use and tells what they would run with: notices, then each effective
/// setting with its origin, or every mistake.
/// </summary>
public static class CheckConfig
{
    /// <summary>What to print, one line each, and the exit code: 0 or <see cref="ConfigurationException.ExitCode"/>.</summary>
    public readonly record struct Result(IReadOnlyList<string> Lines, int ExitCode);

    /// <summary>The same as values.</summary>
    /// <param name="File">The file that was read; null for built-in defaults.</param>
    /// <param name="Options">What was bound; incomplete when there are problems.</param>
    /// <param name="Problems">Every mistake, in the order of the file.</param>
    /// <param name="Notices">Old spellings that were understood.</param>
    public sealed record Findings(string? File, BoundOptions Options, IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<ConfigurationProblem> Notices)
    {
        /// <summary>0, or <see cref="ConfigurationException.ExitCode"/> when there are problems.</summary>
        public int ExitCode => Problems.Count == 0 ? 0 : ConfigurationException.ExitCode;
    }

    /// <summary>Checks without touching the network.</summary>
    /// <param name="path">File named by the user, or null to look where a service would.</param>
    /// <param name="environment">The environment a service would have.</param>
    /// <param name="modules">The services whose sections are checked.</param>
    public static Findings Inspect(string? path, IReadOnlyDictionary<string, string> environment, params ServiceModule[] modules)
    {
        var file = ProcessArguments.FindConfig(path, environment);
        var document = ConfigurationDocument.Load(file, environment);
        var (options, problems) = WgMonitorHost.TryBindAll(document, modules);
        return new(file, options, problems, document.Notices);
    }

    /// <summary>Checks and puts the findings into words; parameters as in <see cref="Inspect"/>.</summary>
    public static Result Run(string? path, IReadOnlyDictionary<string, string> environment, params ServiceModule[] modules)
    {
        var found = Inspect(path, environment, modules);
        var notices = found.Notices.Select(notice => notice.ToString());
        if (found.Problems.Count > 0)
        {
            var count = found.Problems.Count == 1 ? "1 mistake." : $"{found.Problems.Count} mistakes.";
            return new([.. notices, .. found.Problems.Select(problem => problem.ToString()), count], found.ExitCode);
        }

        var settings = ConfigurationReport.Settings(found.Options).Select(setting => setting.ToString());
        return new([.. notices, .. settings, $"{found.File ?? "Built-in defaults"}: OK."], found.ExitCode);
    }
}
