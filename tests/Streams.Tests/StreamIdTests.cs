using Xunit;

namespace WgMonitor.Streams.Tests;

public class StreamIdTests
{
    [Theory]
    [InlineData("1763820629123-4", 1763820629123, 4)]
    [InlineData("0-0", 0, 0)]
    [InlineData("17", 17, 0)]
    [InlineData("9223372036854775807-9223372036854775807", long.MaxValue, long.MaxValue)]
    public void Id_is_read_as_redis_writes_it(string text, long milliseconds, long sequence)
    {
        Assert.True(StreamId.TryParse(text, out var id));

        Assert.Equal(new StreamId(milliseconds, sequence), id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("+1-0")]
    [InlineData("1-+1")]
    [InlineData("1--1")]
    [InlineData(" 1-0")]
    [InlineData("1-0 ")]
    [InlineData("1-0-0")]
    [InlineData("18446744073709551615-0")]
    [InlineData("1-9223372036854775808")]
    [InlineData("١-0")]
    [InlineData("$")]
    [InlineData(">")]
    public void What_is_no_id_is_refused(string text) => Assert.False(StreamId.TryParse(text, out _));

    [Fact]
    public void Ids_order_by_time_and_then_by_sequence()
    {
        StreamId[] ordered = [StreamId.Zero, new(0, 1), new(9, 10), new(10, 9), new(10, 10), StreamId.Max];

        Assert.Equal(ordered, ordered.Reverse().Order());
        Assert.True(new StreamId(9, 10) < new StreamId(10, 9));
        Assert.True(new StreamId(10, 9) <= new StreamId(10, 9));
    }

    [Fact]
    public void Next_is_the_first_position_behind()
    {
        Assert.Equal(new StreamId(5, 1), new StreamId(5, 0).Next());
        Assert.Equal(new StreamId(6, 0), new StreamId(5, long.MaxValue).Next());
    }
}
