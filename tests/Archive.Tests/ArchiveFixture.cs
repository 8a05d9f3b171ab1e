using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;
using StreamEntry = WgMonitor.Streams.StreamEntry;

[assembly: AssemblyFixture(typeof(WgMonitor.Archive.Tests.SharedRedis))]

namespace WgMonitor.Archive.Tests;

/// <summary>One redis-server for the tests that keep to their own prefix.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>A log of one partition under a prefix of its own, and an archive beside it.</summary>
internal sealed class ArchivedLog : IDisposable
{
    public const int Partition = 0;

    private readonly TempDirectory directory = new();
    private readonly StreamOptions stream;

    private ArchivedLog(ConnectionMultiplexer connection, StreamOptions stream, Action<ArchiveOptions>? change)
    {
        (Connection, this.stream) = (connection, stream);
        Keys = new StreamKeys(stream.Prefix);
        Reader = new LogReader(connection, Keys);
        Extents = new LogExtentReader(connection, Keys);
        Archive = new ArchiveOptions { Directory = directory.Path, FileEntries = 100, FileAge = TimeSpan.FromDays(1) };
        change?.Invoke(Archive);
    }

    public ConnectionMultiplexer Connection { get; }

    public StreamKeys Keys { get; }

    public LogReader Reader { get; }

    public LogExtentReader Extents { get; }

    public ArchiveOptions Archive { get; }

    public string Folder => Path.Combine(directory.Path, "p00");

    public IEnumerable<string> Files => Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal) : [];

    public static async Task<ArchivedLog> CreateAsync(RedisServer server, Action<ArchiveOptions>? change = null) => new(
        await server.ConnectAsync(), new StreamOptions { Prefix = $"a{Guid.NewGuid():N}", Partitions = 1, LeaseTtl = TimeSpan.FromSeconds(1) }, change);

    public PartitionClaims Claims() => new(Connection, Keys, Options.Create(stream), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);

    /// <summary>Appends events numbered from <paramref name="first"/> under IDs of <paramref name="time"/>.</summary>
    public async Task AppendAsync(DateTimeOffset time, int first, int count)
    {
        for (var number = first; number < first + count; number++)
            await Connection.GetDatabase().StreamAddAsync(Keys.Events(Partition), [new("event", "number.v1"), new("n", number)], $"{time.ToUnixTimeMilliseconds()}-{number}");
    }

    public Task<ArchiveStep?> ArchiveAsync(RetentionCut? cut = null) => ArchiveAsync(Reader, cut);

    /// <summary>One step of a process of its own that owns the partition; null when another does.</summary>
    public async Task<ArchiveStep?> ArchiveAsync(IEntryReader log, RetentionCut? cut = null)
    {
        await using var claim = await Claims().TryClaimAsync(Partition, "archive");
        if (claim is null) return null;
        var extent = await Extents.ReadAsync(Partition, false, default);
        return await new PartitionArchiver(Archive, log, 30).AdvanceAsync(claim, extent, cut ?? new RetentionCut(0, StreamId.Zero, 0), default);
    }

    /// <summary>Removes what is archived, or less.</summary>
    public async Task TrimAsync(int count) =>
        await Connection.GetDatabase().StreamTrimAsync(Keys.Events(Partition), (int)await Connection.GetDatabase().StreamLengthAsync(Keys.Events(Partition)) - count);

    public async Task<List<string>> LogTextAsync() => [.. (await Reader.ReadForwardAsync(Partition, StreamId.Zero, StreamId.Max, 1_000_000, default)).Select(CorpusEntries.Text)];

    public async Task<List<string>> ArchiveTextAsync() => [.. (await AllAsync(new ArchiveReader(directory.Path))).Select(CorpusEntries.Text)];

    /// <summary>Everything, a page of an odd size after the other.</summary>
    public static async Task<List<StreamEntry>> AllAsync(IEntryReader reader)
    {
        var all = new List<StreamEntry>();
        while (true)
        {
            var page = await reader.ReadForwardAsync(Partition, all.Count == 0 ? StreamId.Zero : all[^1].Id, StreamId.Max, 37, default);
            all.AddRange(page);
            if (page.Count < 37) return all;
        }
    }

    public void Dispose() => directory.Dispose();
}

/// <summary>Dies at a random one of the next reads.</summary>
internal sealed class DyingReader(IEntryReader log, int readsLeft) : IEntryReader
{
    private int left = readsLeft;

    public Task<List<StreamEntry>> ReadForwardAsync(int partition, StreamId after, StreamId last, int countMax, CancellationToken cancellationToken) =>
        left-- > 0 ? log.ReadForwardAsync(partition, after, last, countMax, cancellationToken) : throw new IOException("killed");
}
