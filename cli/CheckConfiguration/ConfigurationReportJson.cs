using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WgMonitor.Hosting;

namespace WgMonitor.Cli.CheckConfiguration;

/// <summary>The JSON of <c>check-config --output json</c>; the only place that maps findings to it.</summary>
/// <param name="Ok">False when there are problems; the exit code is 78 then.</param>
/// <param name="File">The file that was read; null for built-in defaults.</param>
/// <param name="Problems">Every mistake.</param>
/// <param name="Notices">Old spellings that were understood.</param>
/// <param name="Settings">The effective settings; empty when there are problems.</param>
internal sealed record ConfigurationReportJson(
    bool Ok, string? File, IReadOnlyList<ProblemJson> Problems, IReadOnlyList<ProblemJson> Notices, IReadOnlyList<SettingJson> Settings)
{
    public static string Of(CheckConfig.Findings found)
    {
        var ok = found.ExitCode == 0;
        var settings = ok ? ConfigurationReport.Settings(found.Options).Select(setting => new SettingJson(setting.Key, setting.Value, setting.Origin.ToString())) : [];
        var report = new ConfigurationReportJson(ok, found.File, [.. found.Problems.Select(ProblemJson.Of)], [.. found.Notices.Select(ProblemJson.Of)], [.. settings]);
        return JsonSerializer.Serialize(report, ReportJsonContext.Readable.ConfigurationReportJson);
    }
}

/// <summary>One mistake or notice.</summary>
/// <param name="Source">File, environment variable, or <c>default</c>.</param>
/// <param name="Line">From 1; null when the source is no file.</param>
/// <param name="Column">From 1; null when the source is no file.</param>
/// <param name="Key">Full key; empty when it concerns the file itself.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Got">What was given; null where it is a secret.</param>
/// <param name="Hint">What to do instead.</param>
internal sealed record ProblemJson(string Source, int? Line, int? Column, string Key, string Message, string? Got, string? Hint)
{
    public static ProblemJson Of(ConfigurationProblem problem) => new(
        problem.Origin.Source,
        problem.Origin.IsFile ? problem.Origin.Line : null,
        problem.Origin.IsFile ? problem.Origin.Column : null,
        problem.Key, problem.Message, problem.Got, problem.Hint);
}

/// <summary>One effective setting.</summary>
/// <param name="Key">Full key with list indexes.</param>
/// <param name="Value">As it would be written in TOML; empty when it has no value.</param>
/// <param name="Origin">Place in the file, environment variable, or <c>default</c>.</param>
internal sealed record SettingJson(string Key, string Value, string Origin);

[JsonSerializable(typeof(ConfigurationReportJson))]
internal sealed partial class ReportJsonContext : JsonSerializerContext
{
    /// <summary>For terminals and files, never inside HTML: quotes need no six-character escape.</summary>
    public static ReportJsonContext Readable => field ??= new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
