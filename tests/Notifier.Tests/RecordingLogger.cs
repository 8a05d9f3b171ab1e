using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WgMonitor.Notifier.Tests;

/// <summary>Keeps what the log channel wrote: the text, and the named values by name.</summary>
internal sealed class RecordingLogger : ILogger<LogChannel>
{
    private readonly ConcurrentQueue<(string Text, IReadOnlyDictionary<string, object?> Values)> lines = [];

    public IReadOnlyList<(string Text, IReadOnlyDictionary<string, object?> Values)> Lines => [.. lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        lines.Enqueue((formatter(state, exception), values.ToDictionary(value => value.Key, value => value.Value)));
    }
}
