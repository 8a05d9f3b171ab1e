using System.Globalization;
using StackExchange.Redis;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Repartition;

/// <summary>How far a repartition is.</summary>
internal enum RepartitionStep
{
    /// <summary>None was begun.</summary>
    None,

    /// <summary>The log is whole; the copy may be anything.</summary>
    Copying,

    /// <summary>The copy is whole; of the log some keys are gone.</summary>
    Deleting,

    /// <summary>The log is gone; each key of the copy has its old name or its new one.</summary>
    Renaming,
}

/// <param name="Step">How far.</param>
/// <param name="From">Partitions of the log.</param>
/// <param name="To">Partitions of the copy; those of the log without one.</param>
internal readonly record struct RepartitionState(RepartitionStep Step, int From, int To);

/// <summary>Field <c>repartition</c> of the log's <c>meta</c>: <c>copying 8 12</c>. While it is there no service starts.</summary>
internal sealed class RepartitionMark(IConnectionMultiplexer redis, StreamKeys keys)
{
    private const string End = "redis.call('HSET', KEYS[1], 'partitions', ARGV[1]); redis.call('HDEL', KEYS[1], 'repartition')";

    /// <summary>Null when there is no log.</summary>
    public async Task<RepartitionState?> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await redis.GetDatabase().HashGetAsync(keys.Meta, ["partitions", StreamTopology.RepartitionField], CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        if (!int.TryParse(stored[0].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var partitions)) return null;
        var words = stored[1].ToString().Split(' ');
        return words is [var step, var from, var to] && Enum.TryParse<RepartitionStep>(step, ignoreCase: true, out var known)
            ? new(known, int.Parse(from, CultureInfo.InvariantCulture), int.Parse(to, CultureInfo.InvariantCulture))
            : new(RepartitionStep.None, partitions, partitions);
    }

    public Task WriteAsync(RepartitionStep step, int from, int to, CancellationToken cancellationToken) => redis.GetDatabase()
        .HashSetAsync(keys.Meta, StreamTopology.RepartitionField, string.Create(CultureInfo.InvariantCulture, $"{step.ToString().ToLowerInvariant()} {from} {to}"), flags: CommandFlags.DemandMaster)
        .WaitAsync(cancellationToken);

    /// <summary>Records the number of partitions and takes the mark away, in one step.</summary>
    public Task EndAsync(int partitions, CancellationToken cancellationToken) =>
        redis.GetDatabase().ScriptEvaluateAsync(End, [keys.Meta], [partitions], CommandFlags.DemandMaster).WaitAsync(cancellationToken);
}
