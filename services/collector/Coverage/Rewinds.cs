using System.Collections.Concurrent;

namespace WgMonitor.Collector.Coverage;

/// <summary>Ends of the log that Redis lost and that nobody here can send again, to be told. Thread-safe.</summary>
internal sealed class Rewinds
{
    private readonly ConcurrentQueue<Rewind> noticed = new();

    public void Add(in Rewind rewind) => noticed.Enqueue(rewind);

    public bool TryTake(out Rewind rewind) => noticed.TryDequeue(out rewind);
}

/// <param name="Partition">Of the log.</param>
/// <param name="From">It is whole up to here, Unix microseconds.</param>
/// <param name="To">When it was noticed.</param>
internal readonly record struct Rewind(int Partition, long From, long To);
