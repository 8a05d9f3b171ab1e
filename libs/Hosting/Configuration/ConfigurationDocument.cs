using System.Text;

namespace WgMonitor.Hosting;

/// <summary>
/// The configuration of a process before it is bound: the TOML file, the original tool's keys rewritten, environment variables
/// (<c>WGMONITOR__SECTION__KEY</c>) on top. Remembers for every key where it came from and collects mistakes instead of throwing.
/// </summary>
public sealed class ConfigurationDocument
{
    /// <summary>Known to every process, so that all can share one file although each binds only its own.</summary>
    private static readonly string[] SharedSections = ["redis", "stream", "archive", "state", "history", "collector", "projector", "compat", "notifier", "api", "metrics", "peers", "geoip"];

    /// <summary>Understood and kept for what they will mean; nothing looks at them in this version.</summary>
    private static readonly string[] UnusedSections = ["peers", "geoip"];

    private readonly TableNode root;
    private readonly List<ConfigurationProblem> problems = [];
    private readonly List<ConfigurationProblem> notices = [];
    private readonly bool complete;

    private ConfigurationDocument(string file, string? text, ConfigurationProblem? failure, IReadOnlyDictionary<string, string> environment)
    {
        Environment = environment;
        if (failure is not null) problems.Add(failure);
        root = text is null ? new TableNode(Origin.Default) : new TomlReader(file, text, problems).Read();
        complete = problems.Count == 0;
        LegacyKeys.Apply(root, problems, notices);
        EnvironmentOverlay.Apply(root, environment, problems);
    }

    /// <summary>The process environment as it was given; also holds <c>LOG_LEVEL</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Old spellings that were understood, each with the new one; and, after binding, sections without effect.</summary>
    public IReadOnlyList<ConfigurationProblem> Notices => notices;

    /// <summary>
    /// Reads a file. A null path means built-in defaults and environment only; a file that cannot be read is a mistake that
    /// <see cref="Bind"/> reports.
    /// </summary>
    public static ConfigurationDocument Load(string? path, IReadOnlyDictionary<string, string> environment)
    {
        if (path is null) return new("", null, null, environment);
        try
        {
            return new(path, File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)), null, environment);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            var reason = exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => "does not exist",
                DecoderFallbackException => "is not UTF-8 text",
                _ when Directory.Exists(path) => "is a directory",
                _ => "cannot be read: " + exception.Message,
            };
            return new(path, null, new(Origin.Default, "", $"Configuration file {path} {reason}"), environment);
        }
    }

    /// <summary>Reads TOML text, for embedding and tests; <paramref name="name"/> stands in messages where the file name would.</summary>
    public static ConfigurationDocument Parse(string toml, IReadOnlyDictionary<string, string>? environment = null, string name = "config.toml") =>
        new(name, toml, null, environment ?? new Dictionary<string, string>());

    /// <summary>True when the file or the environment gives anything for a top-level name, e.g. <c>redis</c>.</summary>
    public bool Has(string section) => root[section] is not null;

    /// <summary>Binds and checks the sections of a process.</summary>
    /// <exception cref="ConfigurationException">Holds every mistake of the file and the environment.</exception>
    public BoundOptions Bind(IEnumerable<OptionsSection> sections)
    {
        var (options, found) = TryBind(sections);
        return found.Count == 0 ? options : throw new ConfigurationException(found);
    }

    internal (BoundOptions Options, IReadOnlyList<ConfigurationProblem> Problems) TryBind(IEnumerable<OptionsSection> sections)
    {
        var found = new List<ConfigurationProblem>(problems);
        var origins = new Dictionary<string, Origin>();
        var options = new BoundOptions(origins);
        var binder = new SectionBinder(found, origins, complete);
        var bound = new HashSet<string>();
        // Several modules of one process may name the same section; two types for one name is a bug that Add throws on below.
        foreach (var section in sections.Distinct())
        {
            if (!bound.Add(section.Name)) throw new InvalidOperationException($"Section {section.Name} is bound to two types in one process.");
            options.Add(section, section.IsList
                ? binder.BindListSection(section.Name, root[section.Name], section.Type)
                : binder.BindSection(section.Name, root[section.Name], section.Type));
        }

        string[] known = [.. SharedSections.Union(bound)];
        foreach (var (key, entry) in root.Entries)
            if (!known.Contains(key)) found.Add(new(entry.KeyOrigin, key, "unknown section", Hint: KeyNames.Suggest(key, known)));

        foreach (var (key, entry) in root.Entries)
            if (UnusedSections.Contains(key) && !bound.Contains(key) && notices.TrueForAll(notice => notice.Key != key))
                notices.Add(new(entry.KeyOrigin, key, "is accepted and has no effect in this version"));

        // In the order a person walks through the file; the environment follows.
        return (options, [.. found.OrderBy(problem => problem.Origin.IsFile ? problem.Origin.Line : int.MaxValue).ThenBy(problem => problem.Origin.Column)]);
    }
}
