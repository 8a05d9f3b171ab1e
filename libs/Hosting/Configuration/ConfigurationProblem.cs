namespace WgMonitor.Hosting;

/// <summary>
/// One mistake in the configuration, or a notice about an old spelling. Prints as one line:
/// <c>config.toml:14:9 notifier.route[0].url: must be https (got "http://…"). Allow with allow_insecure = true.</c>
/// </summary>
/// <param name="Origin">Where the mistake stands.</param>
/// <param name="Key">Full key with list indexes; empty when the problem concerns the file itself.</param>
/// <param name="Message">What is wrong, no full stop.</param>
/// <param name="Got">The offending value, ready to print; null when there is none or it is a secret.</param>
/// <param name="Hint">What to do instead, no full stop.</param>
public sealed record ConfigurationProblem(Origin Origin, string Key, string Message, string? Got = null, string? Hint = null)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var where = Origin.IsDefault ? "" : $"{Origin} ";
        var key = Key.Length == 0 ? "" : $"{Key}: ";
        var got = Got is null ? "" : $" (got {Got})";
        return $"{where}{key}{Sentence(Message.TrimEnd('.') + got)}{(Hint is null ? "" : " " + Sentence(Hint))}";
    }

    private static string Sentence(string text) => text.EndsWith('.') || text.EndsWith('?') ? text : text + ".";
}

/// <summary>A contradiction between settings of one options object, as its <see cref="IOptionsRules"/> reports it.</summary>
/// <param name="Key">Key relative to the object, as it is written in the file: <c>url</c>, <c>retry.attempts_max</c>.</param>
/// <param name="Message">What is wrong, no full stop; the value that was given is added to it (never that of a secret).</param>
/// <param name="Hint">What to do instead, or null.</param>
public readonly record struct OptionsProblem(string Key, string Message, string? Hint = null)
{
    /// <summary>
    /// Last parts of the keys that the problem follows from, e.g. <c>name</c> for names of list items. It is told although other values of the object could
    /// not be read. Null: it follows from all of them.
    /// </summary>
    public IReadOnlyList<string>? FollowsFrom { get; init; }
}

/// <summary>Checks that data annotations cannot say. Called once the object is bound; a value that could not be read has its default, and what follows
/// from it is not told.</summary>
/// <remarks>Options classes of libraries that do not reference this one may implement <c>IValidatableObject</c> instead.</remarks>
public interface IOptionsRules
{
    /// <summary>All contradictions found; empty when the object is sound.</summary>
    IEnumerable<OptionsProblem> Check();
}

/// <summary>The configuration is wrong; the process must not start. Exit code <see cref="ExitCode"/>.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>EX_CONFIG of sysexits.h.</summary>
    public const int ExitCode = 78;

    /// <summary>Every mistake of the run, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; }

    /// <summary>The message holds one line a mistake.</summary>
    public ConfigurationException(IReadOnlyList<ConfigurationProblem> problems) : base(string.Join('\n', problems)) => Problems = problems;
}
