using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Spool;

/// <summary>Files that are not what was written: never a wrong record, and what is missing is counted.</summary>
public class SpoolDamageTests
{
    private const int Batches = 4;

    private static readonly List<string> Written = [.. Enumerable.Range(1, Batches).Select(seed => TestSpool.Text(TestSpool.Batch(seed)))];

    private static (TestSpool Spool, string File, byte[] Bytes, long[] Ends) Small()
    {
        var spool = new TestSpool(partitions: 1).Open();
        var file = spool.Files[0];
        var ends = new List<long> { 0 };
        for (var seed = 1; seed <= Batches; seed++)
        {
            spool.Store(TestSpool.Batch(seed));
            ends.Add(new FileInfo(file).Length);
        }
        return (spool, file, File.ReadAllBytes(file), [.. ends]);
    }

    private static (List<string> Sent, long Torn, long Corrupt) Reopened(TestSpool spool)
    {
        spool.Open();
        spool[0].Start(0);
        var sent = spool.Drain().Select(batch => batch.Events).ToList();
        // It goes on behind the damage.
        spool.Store(TestSpool.Batch(77));
        Assert.Equal(TestSpool.Text(TestSpool.Batch(77)), Assert.Single(spool.Drain()).Events);
        return (sent, spool.Counts.Torn, spool.Counts.Corrupt);
    }

    [Fact]
    public void A_file_cut_anywhere_gives_all_whole_records_and_one_torn_one()
    {
        var (spool, file, bytes, ends) = Small();
        using var _ = spool;
        for (var length = 0; length <= bytes.Length; length++)
        {
            foreach (var other in spool.Files) File.Delete(other);
            File.WriteAllBytes(file, bytes[..length]);

            var (sent, torn, corrupt) = Reopened(spool);

            var whole = ends.Count(end => end > 0 && end <= length);
            Assert.Equal(Written[..whole], sent);
            Assert.Equal((ends.Contains(length) ? 0 : 1, 0), (torn, corrupt));
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_costs_its_own_record_and_no_other()
    {
        var (spool, file, bytes, ends) = Small();
        using var _ = spool;
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            foreach (var other in spool.Files) File.Delete(other);
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(file, damaged);

            var (sent, torn, corrupt) = Reopened(spool);

            var hit = ends.Count(end => end <= bit / 8) - 1;
            Assert.Equal(Written.Where((_, number) => number != hit), sent);
            Assert.Equal(1, torn + corrupt);
        }
    }

    [Fact]
    public void Bytes_in_the_middle_replaced_added_or_removed_never_give_a_wrong_record()
    {
        var random = new Random(Seed.Print());
        var (spool, file, bytes, _) = Small();
        using var _ = spool;
        for (var round = 0; round < 500; round++)
        {
            foreach (var other in spool.Files) File.Delete(other);
            var (from, length) = (random.Next(bytes.Length), random.Next(1, 200));
            var noise = new byte[length];
            if (random.Next(2) == 0) random.NextBytes(noise);
            byte[] damaged = random.Next(3) switch
            {
                0 => [.. bytes[..from], .. noise, .. bytes[from..]],
                1 => [.. bytes[..from], .. bytes[Math.Min(bytes.Length, from + length)..]],
                _ => [.. bytes[..from], .. noise[..Math.Min(length, bytes.Length - from)], .. bytes[Math.Min(bytes.Length, from + length)..]],
            };
            File.WriteAllBytes(file, damaged);

            var (sent, torn, corrupt) = Reopened(spool);

            Assert.Equal(Written.Where(sent.Contains), sent);
            Assert.True(sent.Count == Batches || torn + corrupt > 0, "the loss is counted");
        }
    }

    [Fact]
    public void A_record_of_another_spool_or_partition_or_an_old_one_again_is_none()
    {
        var (spool, file, bytes, _) = Small();
        using var _ = spool;
        using var stranger = new TestSpool(partitions: 1);
        Directory.CreateDirectory(stranger.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var name = Path.GetFileName(file);
        File.WriteAllBytes(Path.Combine(stranger.Path, name.Replace(name[8..24], "00000000000000ff")), bytes);
        File.WriteAllBytes(file, [.. bytes, .. bytes]);

        Assert.Equal(Written, Reopened(spool).Sent);
        Assert.Empty(Reopened(stranger).Sent);
    }

    [Fact]
    public void A_file_that_shrinks_or_goes_while_the_collector_runs_is_passed_and_counted()
    {
        using var spool = new TestSpool(partitions: 4).Open();
        var numbers = Enumerable.Range(0, 500).Select(seed => spool.Store(TestSpool.Batch(seed, 500))).ToList();
        var files = spool.Files.Where(file => Path.GetFileName(file).StartsWith("p00", StringComparison.Ordinal)).ToArray();
        Assert.True(files.Length > 5, $"{files.Length} files");
        File.Delete(files[1]);
        using (var cut = new FileStream(files[2], FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) cut.SetLength(cut.Length / 2);
        using (var cut = new FileStream(files[^1], FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) cut.SetLength(0);

        spool[0].Start(0);
        var sent = spool.Drain().Select(batch => batch.Number).ToList();
        Assert.Equal(default, spool[0].Waiting);
        numbers.Add(spool.Store(TestSpool.Batch(1)));
        sent.AddRange(spool.Drain().Select(batch => batch.Number));

        Assert.Equal(numbers.Where(sent.Contains), sent);
        Assert.True(sent.Count > 100, $"{sent.Count} sent");
        Assert.Equal(numbers[^1], sent[^1]);
        // The file that is gone, the record that was cut and what had followed it, the file without content.
        Assert.Equal(4, spool.Counts.Corrupt + spool.Counts.Torn);
    }
}
