using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WgMonitor.Collector.Spool;
using WgMonitor.Events;
using WgMonitor.Streams;
using WgMonitor.Testing;

namespace WgMonitor.Collector.Tests.Spool;

/// <summary>A spool in a private directory, without Redis; the test takes the part of both the writer and the sender.</summary>
internal sealed class TestSpool(int partitions = 2, bool dropOldest = false) : IDisposable
{
    private readonly TempDirectory parent = new();
    private SpoolDirectory? spool;

    public SpoolOptions Options { get; } = new() { Durability = Durability.Disk, BytesMax = 16 << 20 };

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddSeconds(1_795_348_805));

    public string Path => parent.File("spool");

    public SpoolDirectory Spool => spool ?? throw new InvalidOperationException("not open");

    public SpoolCounts Counts => Spool.Counts;

    /// <summary>Batches that memory did not have to hold any more.</summary>
    public List<EventBatch> Released { get; } = [];

    public PartitionSpool this[int partition] => Spool.Partitions[partition];

    public string[] Files => Directory.GetFiles(Path, "*.spool").Order(StringComparer.Ordinal).ToArray();

    /// <summary>As a process that starts, after the one before was killed.</summary>
    public TestSpool Open()
    {
        spool?.Dispose();
        Options.Directory = Path;
        spool = SpoolDirectory.Open(Options, partitions, dropOldest, new(Released.Add, () => false), Time, new Random(1), NullLogger.Instance);
        return this;
    }

    /// <summary>Stores a batch and hands it over.</summary>
    public long Store(EventBatch batch, int partition = 0)
    {
        var number = this[partition].NextNumber();
        if (!this[partition].TryStore(batch, number, out var entry)) throw new IOException("not stored");
        this[partition].HandOver(batch, entry);
        return number;
    }

    /// <summary>Takes all that waits, a few at a time, as a log that appends everything would.</summary>
    public List<(long Number, string Events)> Drain(int partition = 0)
    {
        var sent = new List<(long, string)>();
        while (Take(3, partition) is { Count: > 0 } taken)
        {
            sent.AddRange(taken.Select(batch => (batch.Entry.Number, Text(batch.Batch))));
            foreach (var batch in taken) this[partition].Settle(batch, holds: true);
        }
        return sent;
    }

    /// <summary>Takes the next ones, none of which is settled yet.</summary>
    public List<SpooledBatch> Take(int max, int partition = 0)
    {
        var taken = new List<SpooledBatch>();
        while (taken.Count < max && this[partition].TryTake(out var batch)) taken.Add(batch);
        return taken;
    }

    /// <summary>A batch of some events, of different length.</summary>
    public static EventBatch Batch(int seed, int events = 3)
    {
        var batch = new EventBatch();
        for (var n = 0; n < events; n++)
        {
            batch.BeginEvent();
            EventEncoder.Write(
                new EventFields { Kind = EventKind.KeypairCreated, Host = Encoding.ASCII.GetBytes($"vpn-{seed % 7}"), Interface = "wg0"u8, Keypair = (ulong)(seed * 1000L + n), Peer = 1 },
                ref batch);
            batch.EndEvent();
        }
        return batch;
    }

    public static string Text(EventBatch batch) => Convert.ToHexString(batch.PackedEvents.Span) + "/" + Convert.ToHexString(batch.PackedShapes.Span) + "/" + batch.Count;

    public void Dispose()
    {
        spool?.Dispose();
        parent.Dispose();
    }
}
