using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WgMonitor.Notifier.Tests;

/// <summary>Keeps what was logged: level, text, and the named values by name.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text, IReadOnlyDictionary<string, object?> Values)> lines = [];

    public IReadOnlyList<(LogLevel Level, string Text, IReadOnlyDictionary<string, object?> Values)> Lines => [.. lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        lines.Enqueue((logLevel, formatter(state, exception), values.ToDictionary(value => value.Key, value => value.Value)));
    }
}
