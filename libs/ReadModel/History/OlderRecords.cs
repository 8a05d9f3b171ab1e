using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// What ended and began before the oldest history point, folded from the archive, of the hosts that were asked for last: the pages of one answer, and questions
/// about one peer after the other, need the same.
/// </summary>
internal sealed class OlderRecords(HistoryReader history)
{
    private const int AnswersMax = 32;
    private const int RecordsMax = 20_000;

    private readonly RecentlyUsed<Question, IReadOnlyList<HistoryRecord>> answers = new(AnswersMax);

    private readonly record struct Question(int Partition, StreamId Last, string? Host);

    /// <summary>The records up to a position; null when the entries are not all there, or too many of them.</summary>
    /// <param name="partition">0 to partitions - 1.</param>
    /// <param name="last">The last entry that counts.</param>
    /// <param name="host">The only host asked for; null for all.</param>
    /// <param name="asked">Partitions that the same answer is made of.</param>
    /// <param name="isAsked">That time was asked for by name: too many entries are an error then, and otherwise beyond what is told.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="HistoryBehindException">There are too many.</exception>
    public async Task<IReadOnlyList<HistoryRecord>?> ReadAsync(int partition, StreamId last, string? host, int asked, bool isAsked, CancellationToken cancellationToken)
    {
        var question = new Question(partition, last, host);
        if (answers.TryGet(question, out var known)) return known;
        try
        {
            var records = await history.ReadOlderRecordsAsync(partition, last, host, asked, cancellationToken);
            if (records is { Count: <= RecordsMax }) answers.Hold(question, records);
            return records;
        }
        catch (HistoryBehindException) when (!isAsked)
        {
            return null;
        }
    }
}
