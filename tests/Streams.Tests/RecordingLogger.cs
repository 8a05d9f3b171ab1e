using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WgMonitor.Streams.Tests;

/// <summary>Keeps the lines that were logged.</summary>
public sealed class RecordingLogger : ILogger<PartitionOwners>, ILogger<StreamTrimmer>
{
    private readonly ConcurrentQueue<(int Id, string Text)> _lines = [];

    public IReadOnlyCollection<(int Id, string Text)> Lines => _lines;

    public int Count(int id) => _lines.Count(line => line.Id == id);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, $"{formatter(state, exception)} {exception}"));
}
