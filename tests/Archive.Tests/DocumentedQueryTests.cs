using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using StackExchange.Redis;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Archive.Tests;

/// <summary>The queries of the guides, run by DuckDB on an archive of a recording.</summary>
public sealed partial class DocumentedQueryTests(SharedRedis shared)
{
    private const string Guide = "docs/archive.md";

    private static readonly string Document = File.ReadAllText(Path.Combine(Guides.Root, Guide));

    private static List<object?[]> Run(string query, string directory)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query.Replace("'archive/", $"'{directory}/", StringComparison.Ordinal);
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetValue(column))]);
        return rows;
    }

    private async Task<ArchivedLog> RecordingAsync()
    {
        var log = await ArchivedLog.CreateAsync(shared.Server, options => options.FileEntries = 1000);
        foreach (var entry in CorpusEntries.Of(Corpus.Run("A")))
        {
            await log.Connection.GetDatabase().StreamAddAsync(
                log.Keys.Events(0), [.. entry.Fields.Select(field => new NameValueEntry(field.Name, field.Value))], entry.Id.ToString());
        }
        await log.ArchiveAsync();
        return log;
    }

    private static string? Value(WgMonitor.Streams.StreamEntry entry, string name) =>
        entry.Fields.Where(field => System.Text.Encoding.UTF8.GetString(field.Name.Span) == name).Select(field => System.Text.Encoding.UTF8.GetString(field.Value.Span)).FirstOrDefault();

    [Fact]
    public async Task They_answer_what_the_recording_holds()
    {
        using var log = await RecordingAsync();
        var entries = CorpusEntries.Of(Corpus.Run("A"));
        var queries = Guides.OfKind("sql").Where(block => block.Guide == Guide).Select(block => block.Text).ToList();
        Assert.Equal(3, queries.Count);

        var address = entries.Where(entry => Value(entry, "event") == "keepalive-received.v1").Select(entry => Value(entry, "endpoint")!.Split(':')[0]).First();
        string[] received = ["handshake-initiation-received.v1", "handshake-response-received.v1", "keepalive-received.v1"];
        var users = Run(queries[0].Replace("10.77.0.11", address, StringComparison.Ordinal), log.Archive.Directory!);
        var expected = entries.Where(entry => received.Contains(Value(entry, "event")) && Value(entry, "endpoint")!.StartsWith(address + ":", StringComparison.Ordinal))
            .GroupBy(entry => (Value(entry, "host"), Value(entry, "interface"), Value(entry, "peer"))).Select(group => (group.Key, group.LongCount())).ToHashSet();
        Assert.NotEmpty(users);
        Assert.Equal(expected, users.Select(row => (((string?)row[0], (string?)row[1], row[2]?.ToString()), (long)row[5]!)).ToHashSet());

        var handshakes = Run(queries[1], log.Archive.Directory!);
        Assert.Equal(
            entries.Where(entry => Value(entry, "event") == "keypair-created.v1").GroupBy(entry => Value(entry, "peer")).Select(group => (group.Key, group.LongCount())).ToHashSet(),
            handshakes.GroupBy(row => row[2]?.ToString()).Select(group => (group.Key, group.Sum(row => (long)row[3]!))).ToHashSet());

        var host = Value(entries[0], "host")!;
        var minute = DateTimeOffset.FromUnixTimeMilliseconds(entries[0].Id.Milliseconds).UtcDateTime;
        var timeline = Run(
            queries[2].Replace("vpn-01", host, StringComparison.Ordinal).Replace("2026-11-22 12:56", $"{minute.AddMinutes(-1):yyyy-MM-dd HH:mm}", StringComparison.Ordinal)
                .Replace("2026-11-22 12:58", $"{minute.AddMinutes(60):yyyy-MM-dd HH:mm}", StringComparison.Ordinal).Replace("2026-11-*", "*", StringComparison.Ordinal),
            log.Archive.Directory!);
        Assert.Equal(entries.Take(timeline.Count).Select(entry => Value(entry, "event")), timeline.Select(row => (string?)row[1]));
        Assert.InRange(timeline.Count, 10, entries.Count);
    }

    [Fact]
    public async Task Every_query_of_a_guide_has_an_answer()
    {
        using var log = await RecordingAsync();
        // What a guide shows are addresses, hosts and times of its own.
        var address = CorpusEntries.Of(Corpus.Run("A")).Where(entry => Value(entry, "event") == "keepalive-received.v1").Select(entry => Value(entry, "endpoint")!.Split(':')[0]).First();

        Assert.All(Guides.OfKind("sql").Where(block => block.Guide != Guide), block =>
            Assert.NotEmpty(Run(DocumentedAddress().Replace(block.Text, address), log.Archive.Directory!)));
    }

    [Fact]
    public async Task Every_column_is_documented()
    {
        using var log = await RecordingAsync();
        var columns = Run("DESCRIBE SELECT * FROM read_parquet('archive/p*/*.parquet')", log.Archive.Directory!).Select(row => (string)row[0]!);

        var documented = Document[Document.IndexOf("## Columns", StringComparison.Ordinal)..Document.IndexOf("## What goes when", StringComparison.Ordinal)]
            .Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(line => Name().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value));
        Assert.Equal(columns.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    /// <summary>RFC 5737, TEST-NET-3.</summary>
    [GeneratedRegex(@"203\.0\.113\.[0-9]+")]
    private static partial Regex DocumentedAddress();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Name();
}
