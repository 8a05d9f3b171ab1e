namespace WgMonitor.Hosting;

/// <summary>The command line of a service.</summary>
/// <param name="ConfigPath">File of <c>--config</c>, else <c>CONFIG_FILE</c>, else <c>config.toml</c> where it exists; null for built-in defaults.</param>
/// <param name="Help"><c>--help</c> was given.</param>
/// <param name="Error">What is wrong with the arguments, or null.</param>
internal readonly record struct ProcessArguments(string? ConfigPath, bool Help, string? Error)
{
    public const string Usage = """
        Options:
          --config FILE   TOML configuration (default: $CONFIG_FILE, else ./config.toml if present)
          --help          this text
        health [--live] [--config FILE] asks a running one whether it can do its work, or with --live whether it lives: exit code 0 or 1.
        Environment: WGMONITOR__SECTION__KEY overrides a key of the file; LOG_LEVEL=trace|debug|info|warning|error.
        """;

    public static ProcessArguments Parse(IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment)
    {
        string? config = null;
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    return new(null, true, null);
                case "--config" or "-c" when i + 1 < args.Count:
                    config = args[++i];
                    break;
                case "--config" or "-c":
                    return new(null, false, "--config needs the name of a file.");
                case var equals when equals.StartsWith("--config=", StringComparison.Ordinal):
                    config = equals["--config=".Length..];
                    break;
                default:
                    return new(null, false, $"Unknown argument {args[i]}.");
            }
        }

        return new(FindConfig(config, environment), false, null);
    }

    /// <summary>The file a process reads; the same for services and for <c>check-config</c>, so that what was checked is what runs.</summary>
    public static string? FindConfig(string? explicitPath, IReadOnlyDictionary<string, string> environment)
    {
        if (explicitPath is not null) return explicitPath;
        if (environment.TryGetValue("CONFIG_FILE", out var fromEnvironment) && fromEnvironment.Length > 0) return fromEnvironment;
        return File.Exists("config.toml") ? "config.toml" : null;
    }
}
