using System.Globalization;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>Generations of the projector's view of a partition. A rebuild makes the next one beside the live one; one write switches.</summary>
/// <param name="Live">The one that is read and written, 0 for the first.</param>
/// <param name="Previous">The one before, kept until somebody deletes it; null for none.</param>
/// <param name="SwitchedAt">Entry of the log that the previous one stands for; zero without one.</param>
/// <param name="Building">The one that a rebuild has begun and not finished; null for none.</param>
/// <param name="Highest">Highest number there ever was; no number is used again, so that nothing of an old rebuild is taken for a new one's.</param>
public readonly record struct StateGeneration(int Live, int? Previous, StreamId SwitchedAt, int? Building, int Highest);

/// <summary>Which generation is live, a partition.</summary>
public sealed class StateGenerations(IConnectionMultiplexer redis, StreamKeys keys)
{
    private static readonly RedisValue[] Fields = ["live", "previous", "switched_at", "building", "highest"];

    /// <summary>Hash: <c>live</c>, <c>previous</c>, <c>switched_at</c>, <c>building</c>, <c>highest</c>; missing while the first generation is the only one.</summary>
    public static string KeyOf(StreamKeys keys, int partition) => keys.InPartition(partition, "generation");

    /// <summary>The generation that is live at this moment.</summary>
    /// <exception cref="RedisException">Redis is away, or the key holds another type.</exception>
    public async Task<StateGeneration> ReadAsync(int partition, CancellationToken cancellationToken, CommandFlags flags = CommandFlags.DemandMaster)
    {
        var stored = await redis.GetDatabase().HashGetAsync(KeyOf(keys, partition), Fields, flags).WaitAsync(cancellationToken);
        return new(
            Number(stored[0]) ?? 0,
            Number(stored[1]),
            StreamId.TryParse(stored[2].ToString(), out var at) ? at : StreamId.Zero,
            Number(stored[3]),
            Number(stored[4]) ?? 0);
    }

    /// <summary>Keys of the live generation.</summary>
    public async Task<StateKeys> LiveKeysAsync(int partition, CancellationToken cancellationToken, CommandFlags flags = CommandFlags.DemandMaster) =>
        KeysOf((await ReadAsync(partition, cancellationToken, flags)).Live);

    /// <summary>Keys of a generation.</summary>
    public StateKeys KeysOf(int generation) => StateKeys.Projector(keys, generation);

    /// <summary>Adds the record to a batch.</summary>
    public void Write(FencedBatch batch, int partition, StateGeneration generation) => batch.SetHash(KeyOf(keys, partition),
    [
        EventField.Of("live", generation.Live),
        EventField.Of("previous", Number(generation.Previous)),
        EventField.Of("switched_at", generation.SwitchedAt.ToString()),
        EventField.Of("building", Number(generation.Building)),
        EventField.Of("highest", generation.Highest),
    ]);

    // RedisValue's own conversion takes a missing field for 0.
    private static int? Number(RedisValue text) => int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
