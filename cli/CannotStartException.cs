namespace WgMonitor.Cli;

/// <summary>The surroundings do not let the program start. The message is one clear sentence that says what to do; exit code 1.</summary>
internal sealed class CannotStartException(string message) : Exception(message);
