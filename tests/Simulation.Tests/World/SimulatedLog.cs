using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using WgMonitor.Notifier;
using WgMonitor.Projector;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>What all processes of a run share beside Redis: the configuration, and the metrics, which nobody reads.</summary>
internal sealed class SimulatedLog
{
    public SimulatedLog(StreamOptions stream)
    {
        Stream = stream;
        Keys = new StreamKeys(stream.Prefix);
        var registry = Prometheus.Metrics.NewCustomRegistry();
        Metrics = new StreamMetrics(registry);
        Projector = new ProjectorMetrics(Prometheus.Metrics.WithCustomRegistry(registry), Complaints.For<ProjectorMetrics>());
        Notifier = new NotifierMetrics(registry, Complaints.For<NotifierMetrics>(), TimeProvider.System);
    }

    public StreamOptions Stream { get; }

    public StateOptions State { get; } = new();

    public StreamKeys Keys { get; }

    public StreamMetrics Metrics { get; }

    public ProjectorMetrics Projector { get; }

    public NotifierMetrics Notifier { get; }

    public Complaints Complaints { get; } = new();
}

/// <summary>Keeps what is logged as a failure of the product itself; weather is expected.</summary>
internal sealed class Complaints
{
    private readonly List<string> texts = [];

    public IReadOnlyList<string> Texts => texts;

    public ILogger<T> For<T>() => new Logger<T>(this);

    private void Add(string text)
    {
        if (texts.Count < 20) texts.Add(text);
    }

    private sealed class Logger<T>(Complaints complaints) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error && exception is not (null or RedisException or TimeoutException)) complaints.Add($"{formatter(state, exception)} {exception}");
        }
    }
}
