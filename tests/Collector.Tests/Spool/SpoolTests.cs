using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Spool;

public class SpoolTests
{
    [Fact]
    public void What_is_stored_is_taken_in_order_while_the_sender_keeps_up_and_after_it_lagged()
    {
        using var spool = new TestSpool().Open();
        spool[0].Start(0);
        Assert.Empty(spool.Drain());

        var expected = Enumerable.Range(1, 30).Select(seed => (spool.Store(TestSpool.Batch(seed)), TestSpool.Text(TestSpool.Batch(seed)))).ToList();
        Assert.False(spool[0].IsDrained);

        Assert.Equal(expected, spool.Drain());
        Assert.True(spool[0].IsDrained);
        Assert.Equal(30, spool.Released.Distinct().Count());
        expected = [(spool.Store(TestSpool.Batch(31)), TestSpool.Text(TestSpool.Batch(31)))];
        Assert.Equal(expected, spool.Drain());
    }

    [Fact]
    public void A_new_run_sends_what_the_old_one_left_under_the_old_numbers_and_goes_on_above_them()
    {
        using var spool = new TestSpool().Open();
        var producer = spool.Spool.Producer;
        var numbers = Enumerable.Range(1, 20).Select(seed => spool.Store(TestSpool.Batch(seed))).ToList();
        spool[0].Start(0);
        Assert.True(spool[0].TryTake(out var taken));
        spool[0].Settle(taken, holds: true);

        spool.Open();
        spool[0].Start(numbers[4]);
        numbers.Add(spool.Store(TestSpool.Batch(21)));

        Assert.Equal(producer, spool.Spool.Producer);
        Assert.Equal(Enumerable.Range(6, 16).Select(seed => (numbers[seed - 1], TestSpool.Text(TestSpool.Batch(seed)))), spool.Drain());
    }

    [Fact]
    public void No_number_is_used_twice_even_if_the_disk_lost_all_files_or_the_clock_went_back()
    {
        using var spool = new TestSpool().Open();
        var first = spool.Store(TestSpool.Batch(1));

        spool.Time.SetUtcNow(spool.Time.GetUtcNow()); // the clock stands
        spool.Open();
        var second = spool.Store(TestSpool.Batch(2));
        spool.Time.Advance(TimeSpan.FromSeconds(1000));
        foreach (var file in spool.Files) File.Delete(file);
        spool.Open();
        var third = spool.Store(TestSpool.Batch(3));

        Assert.True(second >= first + (1 << 28), $"{first} {second}");
        Assert.True(third > second, $"{second} {third}");
        Assert.True(third < 1L << 53);
    }

    [Fact]
    public void After_a_rewind_all_that_is_held_is_sent_again()
    {
        using var spool = new TestSpool().Open();
        spool[0].Start(0);
        var numbers = Enumerable.Range(1, 10).Select(seed => spool.Store(TestSpool.Batch(seed))).ToList();
        spool.Drain();
        numbers.Add(spool.Store(TestSpool.Batch(11)));
        Assert.True(spool[0].TryTake(out var taken));

        spool[0].Rewind(numbers[6]);
        spool[0].Leave(taken);

        Assert.Equal(Enumerable.Range(8, 4).Select(seed => (numbers[seed - 1], TestSpool.Text(TestSpool.Batch(seed)))), spool.Drain());
        Assert.True(spool[0].IsDrained);
    }

    [Fact]
    public void Appended_segments_go_when_their_time_has_come_and_the_log_still_holds_them()
    {
        using var spool = new TestSpool().Open();
        spool[0].Start(0);
        for (var seed = 0; seed < 500; seed++)
        {
            spool.Store(TestSpool.Batch(seed, 500));
            spool.Drain();
        }
        var files = spool.Files.Length;
        Assert.True(files > 4, $"{files} files");

        spool.Time.Advance(TimeSpan.FromSeconds(11));
        spool.Store(TestSpool.Batch(1));
        Assert.Equal(files, spool.Files.Length);
        spool.Drain();

        Assert.Equal(2, spool.Files.Length);
        Assert.Equal(new FileInfo(spool.Files[0]).Length + new FileInfo(spool.Files[1]).Length, spool.Counts.Bytes);
        // A slow partition's segment, that never fills, ends by age.
        spool.Time.Advance(TimeSpan.FromMinutes(2));
        spool.Store(TestSpool.Batch(2));
        spool.Drain();
        spool.Time.Advance(TimeSpan.FromSeconds(11));
        spool.Store(TestSpool.Batch(3));
        spool.Drain();
        Assert.Equal(2, spool.Files.Length);
        Assert.True(spool.Counts.Bytes < 2000, $"{spool.Counts.Bytes} bytes");
    }

    [Fact]
    public void Too_old_lines_are_dropped_and_counted()
    {
        using var spool = new TestSpool().Open();
        spool.Store(TestSpool.Batch(1));
        spool.Time.Advance(TimeSpan.FromDays(1.5));
        var young = spool.Store(TestSpool.Batch(2));
        spool.Time.Advance(TimeSpan.FromDays(1));
        spool[0].Start(0);

        Assert.Equal([young], spool.Drain().Select(sent => sent.Number));
        Assert.Equal(3, spool.Counts.DroppedAge);
        Assert.Equal(default, spool[0].Waiting);
    }

    [Fact]
    public void A_full_spool_gives_up_what_is_appended_and_then_takes_nothing_more()
    {
        using var spool = new TestSpool().Open();
        spool[0].Start(0);
        spool[1].Start(0);
        for (var seed = 0; seed < 200; seed++) spool.Store(TestSpool.Batch(seed, 500));
        spool.Drain();
        var kept = spool.Counts.Bytes;
        Assert.True(kept > 4 << 20, $"{kept} bytes");

        var stored = 0;
        for (var number = spool[1].NextNumber(); spool[1].TryStore(TestSpool.Batch(stored, 500), number, out _); number = spool[1].NextNumber()) stored++;

        Assert.InRange(spool.Counts.Bytes, spool.Options.BytesMax - 100_000, spool.Options.BytesMax);
        Assert.True(spool.Spool.ReadStatus(spool.Time).IsFull);
        Assert.Equal(0, spool.Counts.DroppedFull);
        Assert.Equal(new(stored, stored * 500), spool[1].Waiting);
        spool[1].Rewind(0);
        Assert.Equal(stored, spool.Drain(1).Count);
        spool.Store(TestSpool.Batch(1, 500), 1);
        Assert.Equal(spool.Files.Sum(file => new FileInfo(file).Length), spool.Counts.Bytes);
    }

    [Fact]
    public void A_full_spool_that_may_drop_gives_up_the_oldest_of_all_partitions_and_counts_every_event()
    {
        using var spool = new TestSpool(dropOldest: true).Open();
        spool[0].Start(0);
        spool[1].Start(0);
        Assert.Empty(spool.Drain(0));
        Assert.Empty(spool.Drain(1));
        List<long>[] stored = [[], []];
        for (var seed = 0; seed < 1500; seed++)
        {
            spool.Time.Advance(TimeSpan.FromMilliseconds(10));
            stored[seed % 2].Add(spool.Store(TestSpool.Batch(seed, 500), seed % 2));
        }

        var sent = new[] { 0, 1 }.Select(partition => spool.Drain(partition).Select(batch => batch.Number).ToList()).ToArray();

        Assert.True(spool.Counts.DroppedFull > 100_000, $"{spool.Counts.DroppedFull} dropped");
        Assert.Equal(1500 * 500, spool.Counts.DroppedFull + sent.Sum(numbers => numbers.Count) * 500);
        for (var partition = 0; partition < 2; partition++)
        {
            // What was in the sender's hands, then a hole, then the newest without another hole.
            Assert.Equal(sent[partition].Order(), sent[partition]);
            var hole = sent[partition].Zip(sent[partition].Skip(1)).Count(pair => stored[partition].IndexOf(pair.Second) != stored[partition].IndexOf(pair.First) + 1);
            Assert.Equal(1, hole);
            Assert.Equal(stored[partition][^1], sent[partition][^1]);
        }
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_every_batch_is_sent_once_and_in_order()
    {
        var random = new Random(Seed.Print());
        for (var round = 0; round < 20; round++) Model(random);
    }

    /// <summary>A log that takes, forgets and answers as Redis does, beside the plain list of what was stored.</summary>
    private static void Model(Random random)
    {
        using var spool = new TestSpool(partitions: 1).Open();
        var stored = new List<long>();
        var log = new List<long>();
        spool[0].Start(0);
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(20))
            {
                case < 11:
                    stored.Add(spool.Store(TestSpool.Batch(step, random.Next(1, 400))));
                    break;
                case < 17:
                    var taken = spool.Take(random.Next(12));
                    Assert.All(taken, batch => Assert.Equal(TestSpool.Text(TestSpool.Batch(1, 1))[..2], TestSpool.Text(batch.Batch)[..2]));
                    var settled = random.Next(4) > 0 ? taken.Count : random.Next(taken.Count + 1);
                    foreach (var batch in taken.Take(settled))
                    {
                        log.Add(batch.Entry.Number);
                        spool[0].Settle(batch, holds: true);
                    }
                    if (settled == taken.Count) break;
                    // The log had lost what stood before the next one.
                    Forget(log, random.Next(5));
                    spool[0].Rewind(log.LastOrDefault());
                    foreach (var batch in taken.Skip(settled)) spool[0].Leave(batch);
                    break;
                case 17:
                    // Less than keep_appended passes between an append and its loss.
                    Forget(log, random.Next(5));
                    spool[0].Rewind(log.LastOrDefault());
                    break;
                case 18:
                    spool.Time.Advance(TimeSpan.FromSeconds(random.Next(4)));
                    break;
                default:
                    spool.Open();
                    spool[0].Start(log.LastOrDefault());
                    break;
            }
        }
        log.AddRange(spool.Drain().Select(batch => batch.Number));

        Assert.Equal(stored, log);
        Assert.Equal(default, spool[0].Waiting);
        Assert.Equal((0, 0), (spool.Counts.Corrupt, spool.Counts.Torn));

        static void Forget(List<long> log, int count) => log.RemoveRange(Math.Max(0, log.Count - count), Math.Min(log.Count, count));
    }
}
