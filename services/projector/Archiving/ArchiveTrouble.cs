using System.Text;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Projector.Archiving;

/// <summary>Writes down, for the API to tell, that a partition cannot be archived, and takes it back when it can. Not thread-safe.</summary>
internal sealed class ArchiveTrouble(StreamKeys keys, TimeProvider time)
{
    private const int TextMax = 300;

    // A process before this one may have left something, so the first success of each partition takes it back too.
    private readonly Dictionary<int, long> since = [];
    private readonly HashSet<int> well = [];

    /// <summary>Partitions that this process could not archive the last time it tried.</summary>
    public int Count => since.Count;

    public async Task FailedAsync(PartitionClaim claim, string reason, Exception exception, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        well.Remove(claim.Partition);
        since.TryAdd(claim.Partition, now);
        var message = Encoding.UTF8.GetBytes(exception.Message);
        var escaped = new byte[message.Length * EscapedText.GrowthMax];
        var length = Math.Min(TextMax, EscapedText.Escape(message, escaped));
        var batch = claim.NewBatch();
        var key = ArchiveFailure.KeyOf(keys, claim.Partition);
        batch.SetHash(key,
        [
            EventField.Of("reason", reason), EventField.Of("since", since[claim.Partition]), EventField.Of("at", now), EventField.Of("message", Encoding.ASCII.GetString(escaped, 0, length)),
        ]);
        batch.Expire(key, ArchiveFailure.ToldFor);
        await claim.WriteAsync(batch, cancellationToken);
    }

    public async Task SucceededAsync(PartitionClaim claim, CancellationToken cancellationToken)
    {
        since.Remove(claim.Partition);
        if (well.Contains(claim.Partition)) return;
        var batch = claim.NewBatch();
        batch.DeleteKey(ArchiveFailure.KeyOf(keys, claim.Partition));
        await claim.WriteAsync(batch, cancellationToken);
        well.Add(claim.Partition);
    }
}
