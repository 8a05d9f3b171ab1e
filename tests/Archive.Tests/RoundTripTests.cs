using System.Text;
using Parquet;
using WgMonitor.Events;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Archive.Tests;

public class RoundTripTests
{
    public static TheoryData<string> Runs => [.. Corpus.Runs.Select(run => run.Name)];

    /// <summary>Writes entries as one file and reads them back.</summary>
    private static async Task<(List<StreamEntry> Read, string File)> ThroughFileAsync(TempDirectory directory, IReadOnlyList<StreamEntry> entries)
    {
        var folder = new ArchiveFolder(directory.Path, 0);
        await using var writer = ArchiveFileWriter.Create(folder, ArchiveFolder.DayOf(entries[0].Id), StreamId.Zero);
        foreach (var entry in entries) await writer.AddAsync(entry, default);
        Assert.True(folder.Publish(await writer.CompleteAsync(StreamId.Zero, [], entries.Count, isWholeDay: false, default)));
        return (await ArchivedLog.AllAsync(new ArchiveReader(directory.Path)), folder.PathOf(writer.File));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Every_event_of_the_corpus_comes_back_byte_for_byte(string run)
    {
        using var directory = new TempDirectory();
        var entries = CorpusEntries.Of(Corpus.Run(run));

        var (read, file) = await ThroughFileAsync(directory, entries);

        Assert.NotEmpty(entries);
        Assert.Equal(entries.Select(CorpusEntries.Text), read.Select(CorpusEntries.Text));
        // None of them needed the column for entries that the others cannot give back.
        await using var parquet = await ParquetReader.CreateAsync(file);
        for (var i = 0; i < parquet.RowGroupCount; i++)
        {
            using var group = parquet.OpenRowGroupReader(i);
            var fields = new string[group.RowCount];
            await group.ReadAsync(ArchiveColumns.Fields, fields);
            Assert.All(fields, Assert.Null);
        }
    }

    [Fact]
    public async Task Odd_entries_come_back_byte_for_byte()
    {
        using var directory = new TempDirectory();
        static EventField Raw(string name, params byte[] value) => new(Encoding.UTF8.GetBytes(name), value);
        EventField[] regular = [.. CorpusEntries.Of(Corpus.Run("A"))[0].Fields];
        EventField[][] odd =
        [
            regular,
            [.. regular.Reverse()],
            [.. regular.Skip(1)],
            [.. regular.Take(4)],
            [.. regular, .. regular],
            [.. regular, EventField.Of("text", "")],
            [.. regular, EventField.Of("text", "a text"), EventField.Of("repeat", "2")],
            [.. regular, EventField.Of("repeat", "2"), EventField.Of("text", "a text")],
            [.. regular, EventField.Of("repeat", "02")],
            [.. regular, EventField.Of("repeat", "+2")],
            [.. regular, EventField.Of("repeat", "-0")],
            [.. regular, EventField.Of("repeat", "")],
            [.. regular, EventField.Of("error", "-101")],
            [.. regular, EventField.Of("nonce", "18446744073709551615"), EventField.Of("nonce_max", "18446744073709551616")],
            [.. regular, EventField.Of("seconds", "9223372036854775807")],
            [.. regular, EventField.Of("seconds", "9223372036854775808")],
            [.. regular, EventField.Of("colour", "blue")],
            [.. regular, EventField.Of("", "")],
            [.. regular, EventField.Of("text", "Grüße \u0000 \"\\ \u2028 😀")],
            [.. regular, Raw("text", 0xff, 0xfe, 0, 1)],
            [new EventField(new byte[] { 0xc3 }, new byte[] { 0x28 })],
            [EventField.Of("event", "peer-teleported.v9"), EventField.Of("where", "nowhere")],
            [EventField.Of("event", "unrecognized.v1"), EventField.Of("text", @"wg0: \xc3\xbc words of tomorrow")],
            [EventField.Of("at", "yesterday")],
            [EventField.Of("endpoint", "[fe80::1%3]:51820")],
            [EventField.Of("endpoint", "nonsense")],
            [EventField.Of("host", new string('x', 100_000))],
        ];
        StreamEntry[] entries = [.. odd.Select((fields, index) => new StreamEntry(new StreamId(1_795_348_800_000 + index, index % 2 == 0 ? 0 : long.MaxValue), fields))];

        var (read, _) = await ThroughFileAsync(directory, entries);

        Assert.Equal(entries.Select(CorpusEntries.Text), read.Select(CorpusEntries.Text));
    }

    [Fact]
    public async Task Random_entries_come_back_byte_for_byte()
    {
        using var directory = new TempDirectory();
        var random = new Random(Seed.Print());
        var names = ArchiveColumns.All.Select(column => column.Utf8Name).Append("further"u8.ToArray()).ToArray();
        byte[] Value() => random.Next(5) switch
        {
            0 => [],
            1 => Encoding.ASCII.GetBytes($"{random.NextInt64(long.MinValue, long.MaxValue)}"),
            2 => Encoding.ASCII.GetBytes($"{random.Next(100)}"),
            3 => Encoding.UTF8.GetBytes("vpn-ö" + random.Next(10)),
            _ => [.. Enumerable.Range(0, random.Next(12)).Select(_ => (byte)random.Next(256))],
        };
        var entries = Enumerable.Range(1, 3_000).Select(id => new StreamEntry(
            new StreamId(id, 0), [.. names.Where(_ => random.Next(8) > 0).Select(name => new EventField(name, Value())).DefaultIfEmpty(EventField.Of("event", "x.v1"))])).ToList();

        var (read, _) = await ThroughFileAsync(directory, entries);

        Assert.Equal(entries.Select(CorpusEntries.Text), read.Select(CorpusEntries.Text));
    }

    [Fact]
    public async Task Rows_beyond_a_row_group_are_found_by_their_position()
    {
        using var directory = new TempDirectory();
        var entries = Enumerable.Range(0, 120_000).Select(id => new StreamEntry(new StreamId(1_795_348_800_000 + id / 7, id % 7), [EventField.Of("event", "number.v1"), EventField.Of("n", id)])).ToList();
        await ThroughFileAsync(directory, entries);
        var reader = new ArchiveReader(directory.Path);

        foreach (var from in new[] { 0, 49_998, 49_999, 50_000, 99_990, 119_999 })
        {
            var page = await reader.ReadForwardAsync(0, entries[from].Id, entries[Math.Min(from + 20, 119_990)].Id, 15, default);
            Assert.Equal(entries.Skip(from + 1).TakeWhile(entry => entry.Id <= entries[Math.Min(from + 20, 119_990)].Id).Take(15).Select(entry => entry.Id), page.Select(entry => entry.Id));
        }
    }

    [Fact]
    public void Every_field_of_an_event_has_a_column()
    {
        var names = typeof(FieldNames).GetProperties().Select(property => property.Name.Equals("Event", StringComparison.Ordinal) ? "event" : Snake(property.Name));

        Assert.Equal(names.Order(), ArchiveColumns.All.Select(column => Encoding.UTF8.GetString(column.Utf8Name)).Order());

        static string Snake(string name) => string.Concat(name.Select((letter, index) => char.IsUpper(letter) ? (index > 0 ? "_" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
    }
}
