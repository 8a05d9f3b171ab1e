using WgMonitor.Archive;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Retention, ceiling and archive of running services: what goes from the log is where it is said to be, whoever is killed.</summary>
public sealed class ArchiveTests : IDisposable
{
    private const int Kills = 12;

    private readonly TempDirectory files = new();

    public void Dispose() => files.Dispose();

    private string Archive => Path.Combine(files.Path, "archive");

    private string Trimming(string more = "") => $"""
        trim_interval = "50ms"
        retention_entries_max = 300
        {more}

        [archive]
        directory = "{Archive}"
        file_entries = 500
        """;

    private static async Task<List<string>> EntriesAsync(Deployment product, IEntryReader reader)
    {
        var entries = new List<string>();
        for (var partition = 0; partition < product.Partitions; partition++)
        {
            foreach (var entry in await reader.ReadForwardAsync(partition, StreamId.Zero, StreamId.Max, 1_000_000, default))
                entries.Add($"{partition} {entry.Id} {string.Join(' ', entry.Fields.Select(field => Convert.ToHexString(field.Name.Span) + "=" + Convert.ToHexString(field.Value.Span)))}");
        }
        return entries;
    }

    /// <summary>Lines in the log with nothing trimmed yet, and what they add up to.</summary>
    private static async Task<(List<string> Entries, ReferenceFold Reference)> FilledAsync(Deployment product)
    {
        await ReplayTests.SendRecordedAsync(product, "vpn-1", "A", "C-part1");
        foreach (var host in new[] { "vpn-2", "vpn-3" }) await ReplayTests.SendRecordedAsync(product, host, "A");
        await ReplayTests.CaughtUpAsync(product);
        var log = new LogReader(product.Connection, product.Keys);
        return (await EntriesAsync(product, log), await ReferenceFold.OfAsync(product.Connection, product.Keys, product.Partitions));
    }

    private async Task TrimmedAsync(Deployment product, string settings)
    {
        product.Configure(settings);
        await product.Projectors[0].KillAsync();
        product.Projectors[0].Start();
        // Whole nodes of a stream go, 100 entries each.
        await Wait.Until(async () => await product.EntriesAsync() <= 400 * product.Partitions, "the log is trimmed");
    }

    [Fact]
    public async Task After_trimming_and_without_a_base_snapshot_the_archive_gives_the_same_state()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 2, stream: "trim_interval = \"1d\"");
        var (_, reference) = await FilledAsync(product);
        await TrimmedAsync(product, Trimming());
        // The base snapshot is lost, and what follows trims no more.
        product.Configure("trim_interval = \"1d\"");
        await product.Projectors[0].StopAsync();
        var server = product.Connection.GetServer(product.Connection.GetEndPoints()[0]);
        await foreach (var key in server.KeysAsync(pattern: "wgmonitor:{p?}:base:*")) await product.Connection.GetDatabase().KeyDeleteAsync(key);
        for (var partition = 0; partition < 2; partition++) await product.Connection.GetDatabase().KeyDeleteAsync(product.Keys.Checkpoint(partition, "base"));
        product.Projectors[0].Start();
        await product.Projectors[0].ReadyAsync();

        var without = await ReplayTests.ReplayAsync(product, "--verify");
        Assert.Equal(1, without.ExitCode);
        Assert.All(without.Partitions, partition => Assert.StartsWith("before ", Assert.Single(partition.GetProperty("missing").EnumerateArray()).GetString()));

        var verified = await ReplayTests.ReplayAsync(product, "--verify", "--from-archive", Archive);
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        Assert.All(verified.Partitions, partition => Assert.Equal("verified", partition.GetProperty("outcome").GetString()));
        Assert.Equal(reference.Events, verified.Partitions.Sum(partition => partition.GetProperty("events").GetInt64()));

        Assert.Equal(0, (await ReplayTests.ReplayAsync(product, "--from-archive", Archive)).ExitCode);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys, verified.Partitions[0].GetProperty("generation").GetInt32() + 1), 2));

        // The base snapshot is made anew, so what follows does not need the archive.
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Base(product.Keys), 2));
        Assert.Equal(0, (await ReplayTests.ReplayAsync(product, "--finalize")).ExitCode);
        Assert.Equal(0, (await ReplayTests.ReplayAsync(product)).ExitCode);
    }

    [Fact]
    public async Task A_damaged_file_is_told_by_name_and_a_missing_one_as_incomplete()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1, stream: "trim_interval = \"1d\"");
        await ReplayTests.SendRecordedAsync(product, "vpn-1", "A", "C-part1");
        await ReplayTests.CaughtUpAsync(product);
        await TrimmedAsync(product, Trimming());
        await product.Projectors[0].StopAsync();
        product.Configure("trim_interval = \"1d\"");
        product.Projectors[0].Start();
        await product.Projectors[0].ReadyAsync();
        var file = Directory.EnumerateFiles(Path.Combine(Archive, "p00"), "*.parquet").Order(StringComparer.Ordinal).ElementAt(1);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var damaged = await ReplayTests.ReplayAsync(product, "--from-archive", Archive);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains(file, damaged.Error);

        var manifest = Directory.EnumerateFiles(Path.Combine(Archive, "p00"), "*.json").Single(path => File.ReadAllText(path).Contains(Path.GetFileName(file), StringComparison.Ordinal));
        File.Delete(file);
        File.Delete(manifest);
        var (exitCode, partitions, error) = await ReplayTests.ReplayAsync(product, "--from-archive", Archive);
        Assert.Equal((1, ""), (exitCode, error));
        Assert.Equal("incomplete", partitions[0].GetProperty("outcome").GetString());
        Assert.StartsWith("between ", Assert.Single(partitions[0].GetProperty("missing").EnumerateArray()).GetString());
        Assert.Contains("There is no directory", (await ReplayTests.ReplayAsync(product, "--from-archive", Archive + "-elsewhere")).Error);
    }

    [Fact]
    public async Task Killed_at_random_points_the_archiver_leaves_no_hole_and_nothing_twice()
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 2, stream: "trim_interval = \"1d\"");
        var (entries, reference) = await FilledAsync(product);
        var settings = Trimming().Replace("file_entries = 500", "file_entries = 40", StringComparison.Ordinal);
        product.Configure(settings);
        for (var round = 0; round < Kills; round++)
        {
            await product.Projectors[0].KillAsync();
            product.Projectors[0].Start();
            // The start takes most of a second, and the lease of the one killed runs out after two.
            await Task.Delay(random.Next(600, 3_000), TestContext.Current.CancellationToken);
        }
        await TrimmedAsync(product, settings);
        await product.Projectors[0].StopAsync();

        var archive = new ArchiveReader(Archive);
        var both = new ArchivedLogReader(archive, new LogReader(product.Connection, product.Keys), new LogExtentReader(product.Connection, product.Keys));
        Assert.Equal(entries, await EntriesAsync(product, both));
        Assert.True((await EntriesAsync(product, archive)).Count > entries.Count / 2);
        for (var partition = 0; partition < 2; partition++) Assert.Empty(await both.GapsAsync(partition, default));
        product.Projectors[0].Start();
        await product.Projectors[0].ReadyAsync();
        Assert.Equal(0, (await ReplayTests.ReplayAsync(product, "--verify", "--from-archive", Archive)).ExitCode);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys), 2));
    }

    [Fact]
    public async Task A_projector_that_stands_still_loses_what_is_above_the_ceiling_and_a_rebuild_gives_it_back()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, replicas: 2, partitions: 1, stream: "trim_interval = \"1d\"");
        await ReplayTests.SendRecordedAsync(product, "vpn-1", "A");
        await ReplayTests.CaughtUpAsync(product);
        // One projector stands still while it holds the partition: its group is not read any more, as the lease is kept by hand.
        foreach (var projector in product.Projectors) await projector.StopAsync();
        var database = product.Connection.GetDatabase();
        await database.HashSetAsync(product.Keys.Lease(0, "projector"), [new("owner", "somebody"), new("expires", 4_000_000_000_000), new("ttl", 4_000_000_000_000)]);
        await ReplayTests.SendRecordedAsync(product, "vpn-2", "A", "C-part1");
        await product.CaughtUpAsync("notifier", TimeSpan.FromMinutes(1));
        var reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, 1);
        var before = await product.EntriesAsync();

        product.Configure("trim_interval = \"50ms\"\nretention_entries_max = 300\nceiling_entries_max = 1000");
        product.Projectors[0].Start();
        await Wait.Until(async () => await product.EntriesAsync() == 1000, "the ceiling holds");

        // That it is told, to each host by an event, pushes as many entries more over the ceiling.
        const int hosts = 2;
        var losses = new LostEntriesReader(product.Connection, product.Keys);
        await Wait.Until(async () =>
        {
            var loss = Assert.Single(await losses.ReadAsync(0, default));
            Assert.Equal("projector", loss.Group);
            Assert.InRange(loss.Entries, 1, before + hosts - 1000);
            return loss.Entries == await product.Projectors[0].MetricAsync("wgmonitor_stream_lost_by_retention_events_total")
                && (await ClusterTests.WarningsAsync(product)).Any(warning => warning!.StartsWith($"{loss.Entries} events of partition 0 were removed before projector", StringComparison.Ordinal));
        }, "status, metric and log tell the same loss");
        Assert.Contains("before projector had applied them", product.Projectors[0].Process.Output);

        // It goes on behind what is gone, and what is gone is in the base snapshot.
        await database.HashSetAsync(product.Keys.Lease(0, "projector"), [new("owner", ""), new("expires", 0)]);
        await product.CaughtUpAsync("projector", TimeSpan.FromMinutes(1));
        Assert.NotEqual("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys), 1));
        Assert.Equal(0, (await ReplayTests.ReplayAsync(product, "--accept-differences")).ExitCode);
        // What was told of the loss stands in the log as well.
        reference = await ReferenceFold.OfAsync(product.Connection, product.Keys, 1, reference);
        Assert.Equal("", await reference.DifferencesAsync(product.Connection, StateKeys.Projector(product.Keys, 1), 1));
        Assert.Equal(0, (await database.StreamPendingAsync(product.Keys.Events(0), "projector")).PendingMessageCount);
    }

    [Fact]
    public async Task What_cannot_be_archived_is_told_until_it_can()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        // The place of partition 1 is taken by a file.
        Directory.CreateDirectory(Archive);
        await File.WriteAllTextAsync(Path.Combine(Archive, "p01"), "", TestContext.Current.CancellationToken);
        await using var product = await Deployment.StartAsync(redis, partitions: 2, stream: Trimming() + "\nfile_age = \"50ms\"\n");
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([.. NumberedLog.Lines(0, 100)], datagrams => sender.SendAsync(datagrams));

        string? told = null;
        await Wait.Until(async () => (told = (await ClusterTests.WarningsAsync(product)).FirstOrDefault(warning => warning!.Contains("cannot be archived", StringComparison.Ordinal))) is not null, "it is told");
        Assert.StartsWith("partitions 1 cannot be archived since ", told, StringComparison.Ordinal);
        Assert.Contains("p01", told, StringComparison.Ordinal);
        await Wait.Until(async () => await product.Projectors[0].MetricAsync("wgmonitor_projector_archive_failing_partitions") == 1, "and shown");

        File.Delete(Path.Combine(Archive, "p01"));
        await Wait.Until(async () => !(await ClusterTests.WarningsAsync(product)).Any(warning => warning!.Contains("cannot be archived", StringComparison.Ordinal)), "it is told no more");
        await Wait.Until(async () => await product.Projectors[0].MetricAsync("wgmonitor_projector_archive_failing_partitions") == 0, "nor shown");
        Assert.True(Directory.Exists(Path.Combine(Archive, "p01")));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_refused_at_the_start()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis);
        await product.Projectors[0].StopAsync();
        files.Write("file", "");
        product.Configure($"\n[archive]\ndirectory = \"{files.File("file")}/archive\"\n");

        product.Projectors[0].Start();

        Assert.Equal(78, await product.Projectors[0].Process.ExitAsync());
        Assert.Contains($"archive.directory {files.File("file")}/archive cannot be written", product.Projectors[0].Process.Output, StringComparison.Ordinal);
    }
}
