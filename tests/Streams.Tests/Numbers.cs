using System.Buffers.Text;
using System.Text;
using StackExchange.Redis;

namespace WgMonitor.Streams.Tests;

/// <summary>Events that hold one number, so that a test can say which came, how often and in what order.</summary>
public static class Numbers
{
    public static EventBatch Batch(IEnumerable<int> numbers)
    {
        var batch = new EventBatch();
        foreach (var number in numbers) Add(batch, number);
        return batch;
    }

    public static void Add(EventBatch batch, int number)
    {
        batch.BeginEvent();
        batch.Field("event"u8, "number.v1"u8);
        batch.Field("n"u8, Encoding.ASCII.GetBytes($"{number}"));
        batch.EndEvent();
    }

    public static int Of(StreamEntry entry) => Utf8Parser.TryParse(entry.Fields.First(field => field.Name.Span.SequenceEqual("n"u8)).Value.Span, out int number, out _) ? number : -1;

    /// <summary>The numbers in a stream, in order; any stream whose entries have a field <c>n</c>.</summary>
    public static async Task<int[]> InAsync(IDatabase database, string key) =>
        [.. (await database.StreamRangeAsync(key)).Select(entry => (int)entry["n"])];
}
