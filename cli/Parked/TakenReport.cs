using System.Text.Json;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Parked;

/// <summary>What became of the entries that were to be retried or discarded, as lines or as one JSON array.</summary>
internal sealed class TakenReport(TextWriter output, bool json, ParkedStep step)
{
    private readonly List<Document> documents = [];
    private long forgotten;

    private sealed record Document(int Partition, string Id, string Outcome, string? NewId, string? Reason);

    /// <summary>All were.</summary>
    public bool IsGood => documents.TrueForAll(document => document.Reason is null);

    /// <param name="partition">Of the log.</param>
    /// <param name="id">Where the entry stood.</param>
    /// <param name="taken">Null when it was not; of a retry, where it stands now.</param>
    /// <param name="why">Why not.</param>
    public void Add(int partition, StreamId id, StreamId? taken, string why) => documents.Add(new(
        partition, id.ToString(), taken is null ? "parked" : step == ParkedStep.Retry ? "retried" : "discarded",
        taken is not null && step == ParkedStep.Retry ? taken.Value.ToString() : null, taken is null ? why : null));

    /// <summary>Entries that were lost, and are not told any more.</summary>
    public void Forgotten(long lost) => forgotten += lost;

    public void End()
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(documents, CliJson.Readable));
            return;
        }
        foreach (var entry in documents)
        {
            var what = entry.Reason is { } reason ? $"stays parked: {reason}" : entry.NewId is { } id ? $"appended again as {id}" : "discarded";
            output.WriteLine($"{entry.Id}, partition {entry.Partition}: {what}");
        }
        if (documents.Count == 0) output.WriteLine("Nothing is parked.");
        if (forgotten > 0) output.WriteLine($"{forgotten} that were lost because there were more than parked_max are not told any more.");
    }
}
