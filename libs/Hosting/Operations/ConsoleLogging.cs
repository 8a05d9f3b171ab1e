using System.Text.Encodings.Web;
using Microsoft.Extensions.Logging;

namespace WgMonitor.Hosting;

/// <summary>
/// Logs on standard output: JSON lines for machines, one readable line a message on a terminal. <c>LOG_LEVEL</c> sets the level
/// (default <c>info</c>).
/// </summary>
public static class ConsoleLogging
{
    // The second names are those of the original tool's logging library.
    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["information"] = LogLevel.Information,
        ["warn"] = LogLevel.Warning,
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
        ["critical"] = LogLevel.Critical,
        ["none"] = LogLevel.None,
    };

    /// <summary>The mistake in <c>LOG_LEVEL</c>, or null.</summary>
    internal static ConfigurationProblem? Check(IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue("LOG_LEVEL", out var word) && word.Length > 0 && !Levels.ContainsKey(word)
            ? new(new("LOG_LEVEL"), "", "must be one of trace, debug, info, warning, error, critical, none", ValueText.Quote(word))
            : null;

    /// <summary>Sets the level and the form. Also for what a program logs before it has a host.</summary>
    public static void Configure(ILoggingBuilder logging, IReadOnlyDictionary<string, string> environment)
    {
        var level = environment.TryGetValue("LOG_LEVEL", out var word) && Levels.TryGetValue(word, out var given) ? given : LogLevel.Information;
        logging.SetMinimumLevel(level);
        // The framework's own chatter is of use to nobody who did not ask for it.
        if (level == LogLevel.Information) logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        // A probe that finds the service not ready is an answer, not an error; it comes every few seconds.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        if (Console.IsOutputRedirected)
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                // Quotes as \" and not \u0022: read by people and log stores, never placed into HTML.
                console.JsonWriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }
    }
}
