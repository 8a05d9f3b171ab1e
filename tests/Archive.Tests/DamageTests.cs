using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Archive.Tests;

public class DamageTests(SharedRedis shared)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private async Task<ArchivedLog> ThreeFilesAsync()
    {
        var log = await ArchivedLog.CreateAsync(shared.Server);
        await log.AppendAsync(Noon, 0, 300);
        Assert.Equal(3, (await log.ArchiveAsync())!.Files);
        return log;
    }

    private static async Task<bool> SaysTheSameAsync(ArchivedLog log, IEnumerable<string> expected)
    {
        try
        {
            var reader = new ArchiveReader(log.Archive.Directory!);
            return (await log.ArchiveTextAsync()).SequenceEqual(expected) && reader.Extent(0).Gaps.Count == 0 && reader.Extent(0).IsFromTheBeginning;
        }
        catch (ArchiveDamagedException)
        {
            return false;
        }
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_told_with_the_name_of_the_file()
    {
        using var log = await ThreeFilesAsync();
        var random = new Random(Seed.Print());
        var expected = await log.ArchiveTextAsync();
        for (var round = 0; round < 60; round++)
        {
            var path = Path.Combine(log.Folder, log.Files.ElementAt(random.Next(6)));
            var bytes = await File.ReadAllBytesAsync(path);
            var bit = random.Next(bytes.Length * 8);
            var whole = (byte[])bytes.Clone();
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            await File.WriteAllBytesAsync(path, bytes);

            // A flip between blanks of a manifest, or in the case of a hexadecimal digit, says the same.
            if (path.EndsWith(".parquet", StringComparison.Ordinal) || !await SaysTheSameAsync(log, expected))
            {
                var damage = await Assert.ThrowsAsync<ArchiveDamagedException>(log.ArchiveTextAsync);
                Assert.Contains(path, damage.Message);
            }
            await File.WriteAllBytesAsync(path, whole);
        }
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_told()
    {
        using var log = await ThreeFilesAsync();
        var path = Path.Combine(log.Folder, log.Files.First(file => file.EndsWith(".parquet", StringComparison.Ordinal)));
        await using (var stream = File.OpenWrite(path)) stream.SetLength(stream.Length - 1);

        var damage = await Assert.ThrowsAsync<ArchiveDamagedException>(log.ArchiveTextAsync);

        Assert.Equal(path, damage.File);
        Assert.Contains("bytes", damage.Message);
    }

    [Fact]
    public async Task A_missing_file_is_told_and_without_its_manifest_it_is_a_gap()
    {
        using var log = await ThreeFilesAsync();
        var second = log.Files.Where(file => file.EndsWith(".parquet", StringComparison.Ordinal)).Select(file => Path.Combine(log.Folder, file)).OrderBy(path => path.Length).ThenBy(path => path).ElementAt(1);
        var manifest = Directory.EnumerateFiles(log.Folder, "*.json").Single(path => File.ReadAllText(path).Contains(Path.GetFileName(second), StringComparison.Ordinal));
        var gone = ArchiveManifest.Parse(manifest, await File.ReadAllBytesAsync(manifest));
        File.Delete(second);

        Assert.Equal(second, (await Assert.ThrowsAsync<ArchiveDamagedException>(log.ArchiveTextAsync)).File);

        File.Delete(manifest);
        var extent = new ArchiveReader(log.Archive.Directory!).Extent(0);
        Assert.Equal([new ArchiveGap(gone.After, new StreamId(gone.Last.Milliseconds, gone.Last.Sequence + 1))], extent.Gaps);
        Assert.Equal(200, (await log.ArchiveTextAsync()).Count);
    }
}
