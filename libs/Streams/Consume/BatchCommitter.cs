using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>How a commit moves the checkpoint.</summary>
/// <param name="Expected">What must be stored now.</param>
/// <param name="Next">What is stored afterwards.</param>
/// <param name="First">The batch's first entry behind the checkpoint, which must be the log's; null if the batch applies none.</param>
/// <param name="Delivered">Entries to acknowledge, in order.</param>
internal readonly record struct CheckpointMove(StreamId Expected, StreamId Next, StreamId? First, IReadOnlyList<StreamEntry> Delivered);

/// <summary>Calls the commit script: lease, checkpoint and types are checked, then everything is written, in one step.</summary>
internal sealed class BatchCommitter(IConnectionMultiplexer redis, StreamKeys keys, StreamMetrics metrics, TimeProvider time)
{
    /// <summary>Commits <paramref name="batch"/>; without <paramref name="move"/> the checkpoint is neither looked at nor moved.</summary>
    public async Task<CommitOutcome> CommitAsync(OwnedPartition partition, FencedBatch batch, CheckpointMove? move, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var outcome = await SendAsync(partition, batch, move, cancellationToken).ConfigureAwait(false);
        metrics.Committed(partition.Group, Label(outcome), time.GetElapsedTime(start));
        return outcome;
    }

    private async Task<CommitOutcome> SendAsync(OwnedPartition partition, FencedBatch batch, CheckpointMove? move, CancellationToken cancellationToken)
    {
        var scriptKeys = ScriptKeys(partition, batch);
        RedisValue[] values =
        [
            partition.Grant.Owner, partition.Grant.Epoch,
            move?.Expected.ToString() ?? "", move?.Next.ToString() ?? "", partition.Group, Ids(move?.Delivered ?? []),
            batch.Types, batch.Packed, move?.First?.ToString() ?? "",
        ];
        try
        {
            var reply = await RedisScript.Commit.EvaluateAsync(redis.GetDatabase(), scriptKeys, values).WaitAsync(cancellationToken).ConfigureAwait(false);
            return Read(reply, scriptKeys);
        }
        catch (OperationCanceledException)
        {
            batch.Abandon();
            throw;
        }
        catch (Exception exception) when (RedisWeather.TryRead(exception, out var weather))
        {
            // The client may still hold the message, so its bytes must not change.
            batch.Abandon();
            return new CommitOutcome.Retry(weather.Reason, weather.IsCertain);
        }
    }

    private RedisKey[] ScriptKeys(OwnedPartition partition, FencedBatch batch)
    {
        var scriptKeys = new RedisKey[3 + batch.Keys.Count];
        scriptKeys[0] = keys.Lease(partition.Partition, partition.Group);
        scriptKeys[1] = keys.Checkpoint(partition.Partition, partition.Group);
        scriptKeys[2] = keys.Events(partition.Partition);
        for (var i = 0; i < batch.Keys.Count; i++) scriptKeys[3 + i] = batch.Keys[i];
        return scriptKeys;
    }

    private static ReadOnlyMemory<byte> Ids(IReadOnlyList<StreamEntry> delivered)
    {
        var writer = new MessagePackWriter(16 + delivered.Count * 20);
        writer.BeginArray();
        foreach (var entry in delivered) writer.Text(entry.Id.ToString());
        writer.PatchArray(0, delivered.Count);
        return writer.Written;
    }

    private static CommitOutcome Read(RedisResult reply, RedisKey[] scriptKeys) => (string?)reply[0] switch
    {
        "APPLIED" => new CommitOutcome.Applied(),
        "LEASELOST" => new CommitOutcome.LeaseLost(),
        "SKIPPED" => new CommitOutcome.EntriesSkipped(),
        "MOVED" => new CommitOutcome.CheckpointMoved(StreamId.TryParse((string?)reply[1], out var stored) ? stored : StreamId.Zero),
        _ => new CommitOutcome.WrongType([.. ((long[]?)reply[1] ?? []).Select(index => scriptKeys[index - 1].ToString())]),
    };

    private static string Label(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Applied => "applied",
        CommitOutcome.LeaseLost => "lease_lost",
        CommitOutcome.CheckpointMoved => "checkpoint_moved",
        CommitOutcome.EntriesSkipped => "entries_skipped",
        CommitOutcome.WrongType => "wrong_type",
        _ => "retry",
    };
}
