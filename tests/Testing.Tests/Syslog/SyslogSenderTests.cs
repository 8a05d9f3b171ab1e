using System.Diagnostics;
using Xunit;

namespace WgMonitor.Testing.Tests.Syslog;

public sealed class SyslogSenderTests
{
    [Fact]
    public async Task Recorded_datagrams_arrive_in_order()
    {
        ReadOnlyMemory<byte>[] datagrams = [.. Corpus.Run("A").Datagrams(SyslogTemplate.SyslogProtocol23).Take(500).Select(d => d.Bytes)];
        using var receiver = new UdpReceiver();
        using var sender = new SyslogSender(receiver.Port);

        await sender.SendAsync(datagrams, Pace.Bytes(2_000_000));

        await Wait.Until(() => receiver.Received.Count == 500, "all datagrams arrive");
        Assert.Equal(datagrams.Select(d => System.Text.Encoding.UTF8.GetString(d.Span)), receiver.Received);
        Assert.Equal(500, sender.SentCount);
        Assert.Equal(0, sender.RefusedCount);
    }

    [Theory]
    [InlineData(1000, 0)]
    [InlineData(0, 10_000)]
    public async Task Pace_is_not_exceeded(double messages, double bytes)
    {
        using var receiver = new UdpReceiver();
        using var sender = new SyslogSender(receiver.Port);
        long start = Stopwatch.GetTimestamp();

        // 300 datagrams of 10 bytes: 0.3 s at either pace.
        await sender.SendAsync(Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[10], 300), new Pace(messages, bytes));

        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(0.29));
    }

    [Fact]
    public async Task A_closed_port_is_counted_and_does_not_stop_the_sender()
    {
        using var sender = new SyslogSender(FreePort.Udp());

        await sender.SendAsync(Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1], 20), Pace.Messages(1000));

        Assert.Equal(20, sender.SentCount);
        Assert.True(sender.RefusedCount > 0);
    }
}
