using Xunit;

namespace WgMonitor.Collector.Tests;

public class DurableMarkTests
{
    /// <summary>As senders that wait for an acknowledgement while Redis is away, give up and come back.</summary>
    [Fact]
    public async Task Those_who_come_and_go_while_nothing_gets_safe_leave_no_more_behind_than_there_are_events()
    {
        var mark = new DurableMark();
        for (var n = 0; n < 1000; n++)
        {
            using var connection = new CancellationTokenSource();
            var waiting = Enumerable.Range(1, 3).Select(number => mark.WaitAsync(number, connection.Token)).ToList();
            await connection.CancelAsync();
            await Assert.ThrowsAsync<TaskCanceledException>(() => Task.WhenAll(waiting));
        }
        Assert.Equal(3, mark.WaitedFor);

        var stays = mark.WaitAsync(2, CancellationToken.None);
        mark.Advance(1);
        Assert.False(stays.IsCompleted);
        mark.Advance(2);
        await stays;
        Assert.Equal(1, mark.WaitedFor);
        Assert.True(mark.WaitAsync(2, CancellationToken.None).IsCompletedSuccessfully);
    }
}
