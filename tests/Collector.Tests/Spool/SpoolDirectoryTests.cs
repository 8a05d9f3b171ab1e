using WgMonitor.Collector.Spool;
using Xunit;

namespace WgMonitor.Collector.Tests.Spool;

public class SpoolDirectoryTests
{
    private static string Refusal(TestSpool spool) => Assert.Throws<SpoolUnusableException>(() => spool.Open()).Message;

    [Fact]
    public void Files_and_directory_are_for_their_owner_only()
    {
        using var spool = new TestSpool().Open();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(spool.Path));
        Assert.Equal(2, spool.Files.Length);
        Assert.All(spool.Files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void A_second_collector_on_the_same_directory_is_refused()
    {
        using var spool = new TestSpool().Open();
        using var second = new TestSpool();
        Directory.CreateSymbolicLink(second.Path, spool.Path);

        Assert.Equal("is a symbolic link; name the directory it leads to", Refusal(second));
        second.Options.Directory = spool.Path;
        var error = Assert.Throws<SpoolUnusableException>(
            () => SpoolDirectory.Open(second.Options, 2, false, new(_ => { }, () => false), spool.Time, new Random(2), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Equal("is used by another collector; give each its own", error.Message);
    }

    [Fact]
    public void Planted_links_are_neither_followed_nor_removed()
    {
        using var spool = new TestSpool(partitions: 1).Open();
        spool.Store(TestSpool.Batch(1));
        var file = spool.Files[0];
        var target = Path.Combine(Path.GetDirectoryName(spool.Path)!, "precious");
        File.WriteAllText(target, "precious");
        var name = Path.GetFileName(file);
        var planted = Path.Combine(spool.Path, name[..^10] + "99999.spool");
        File.CreateSymbolicLink(planted, target);
        var outside = Path.Combine(Path.GetDirectoryName(spool.Path)!, "outside.spool");
        File.Copy(file, outside);
        File.CreateSymbolicLink(Path.Combine(spool.Path, name[..^10] + "99998.spool"), outside);

        spool.Open();
        spool[0].Start(0);

        Assert.Single(spool.Drain());
        Assert.Equal("precious", File.ReadAllText(target));
        Assert.True(File.Exists(outside));
        spool.Spool.Dispose();
        File.Delete(Path.Combine(spool.Path, "lock"));
        File.CreateSymbolicLink(Path.Combine(spool.Path, "lock"), target);
        Assert.Equal("holds a symbolic link named lock; remove it", Refusal(spool));
        Assert.Equal("precious", File.ReadAllText(target));
    }

    [Fact]
    public void A_directory_that_others_can_write_is_refused()
    {
        using var spool = new TestSpool();
        Directory.CreateDirectory(spool.Path);
        File.SetUnixFileMode(spool.Path, File.GetUnixFileMode(spool.Path) | UnixFileMode.OtherWrite);

        Assert.Equal("can be written by other users; take that right from them (chmod go-w)", Refusal(spool));
    }

    [Fact]
    public void A_path_that_is_no_directory_is_refused()
    {
        using var spool = new TestSpool();
        File.WriteAllText(spool.Path, "");

        Assert.StartsWith("cannot be used: ", Refusal(spool));
    }

    [Fact]
    public void Lines_of_another_number_of_partitions_are_not_sent_to_the_wrong_ones()
    {
        using var spool = new TestSpool(partitions: 2).Open();
        var path = spool.Path;
        SpoolDirectory Other(int partitions) =>
            SpoolDirectory.Open(spool.Options, partitions, false, new(_ => { }, () => false), spool.Time, new Random(2), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        spool.Spool.Dispose();
        Other(3).Dispose();
        spool.Open();
        spool.Store(TestSpool.Batch(1));
        spool.Spool.Dispose();

        Assert.StartsWith("holds lines for 2 partitions where stream.partitions is 3", Assert.Throws<SpoolUnusableException>(() => Other(3)).Message);
        spool.Open();
        spool[0].Start(0);
        Assert.Single(spool.Drain());
        Assert.Equal(path, spool.Path);
    }

    [Fact]
    public async Task A_batch_that_the_disk_does_not_take_is_not_stored_and_the_next_one_may_be()
    {
        using var spool = new TestSpool(partitions: 1);
        spool.Options.Durability = Durability.Fsync;
        spool.Open();
        spool[0].Start(0);
        var last = 0L;
        while (spool.Files.Length == 1) last = spool.Store(TestSpool.Batch(1, 500));
        Assert.True(await spool[0].FlushAsync());
        // The next file cannot be made: something of its name is there.
        var full = new FileInfo(spool.Files[0]).Length;
        while (new FileInfo(spool.Files[1]).Length + TestSpool.Batch(1, 500).ByteCount < full) last = spool.Store(TestSpool.Batch(1, 500));
        var blocked = Path.Combine(spool.Path, Path.GetFileName(spool.Files[0])[..^25] + $"{last + 1:D19}.spool");
        Directory.CreateDirectory(blocked);

        Assert.False(spool[0].TryStore(TestSpool.Batch(2, 500), last + 1, out _));
        Assert.False(spool.Spool.ReadStatus(spool.Time).IsWritable);
        Directory.Delete(blocked);
        Assert.True(spool[0].TryStore(TestSpool.Batch(2, 500), last + 1, out var entry));
        spool[0].HandOver(TestSpool.Batch(2, 500), entry);

        Assert.True(spool.Spool.ReadStatus(spool.Time).IsWritable);
        Assert.Equal(last + 1, spool.Drain()[^1].Number);
    }
}
