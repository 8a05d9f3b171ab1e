using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Collector.Listeners;
using WgMonitor.Testing;
using Xunit;
using static WgMonitor.Collector.LineOutcome;

namespace WgMonitor.Collector.Tests.Listeners;

public class UdpSyslogListenerTests
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private static UdpSyslogListener Listen(TestPipeline pipeline, string address, int sockets = 1) =>
        new(new() { Address = IPEndPoint.Parse(address), Sockets = sockets, MessageBytesMax = 480 }, pipeline.Pipeline, TimeProvider.System, NullLogger.Instance);

    [Fact]
    public async Task Every_datagram_of_a_burst_is_judged_alone()
    {
        var pipeline = new TestPipeline(new() { Limits = new() { SourceLinesPerSecond = 0 }, Allow = ["127.0.0.1", "127.0.0.2"] });
        using var listener = Listen(pipeline, "127.0.0.1:0");
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0));
        using var sender = new SyslogSender(listener.LocalEndPoint);
        var line = TestPipeline.Bytes(TestPipeline.L0);

        // Not started: they wait in the socket and are taken by few calls.
        for (var n = 0; n < 100; n++)
        {
            sender.Send(line);
            sender.Send([]);
            sender.Send(TestPipeline.Bytes(TestPipeline.L0.PadRight(481)));
            // As long as may be: read, and then the blanks are too many for the grammar.
            sender.Send(TestPipeline.Bytes(TestPipeline.L0.PadRight(480)));
            stranger.SendTo(line, listener.LocalEndPoint);
        }
        listener.Start();
        await listener.StopAsync(StopLimit);

        var counts = pipeline.Counts();
        Assert.Equal((500, 100, 100, 100, 100, 100), (counts.Received, counts.Of(Event), counts.Of(RejectedOversize), counts.Of(DroppedSourceNotAllowed),
            counts.Of(pipeline.Accept([])), counts.Of(pipeline.Accept(TestPipeline.Bytes(TestPipeline.L0.PadRight(480))))));
    }

    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1", "127.0.0.1:")]
    [InlineData("[::1]:0", "::1", "[::1]:")]
    [InlineData("[::]:0", "127.0.0.1", "127.0.0.1:")]
    public async Task The_source_is_the_sender_of_the_datagram(string address, string from, string source)
    {
        var pipeline = new TestPipeline();
        using var listener = Listen(pipeline, address);
        listener.Start();
        using var sender = new SyslogSender(new IPEndPoint(IPAddress.Parse(from), listener.LocalEndPoint.Port));

        sender.Send("<999>garbage"u8);
        await Wait.Until(() => pipeline.Counts().Received == 1, "it is counted");
        await listener.StopAsync(StopLimit);

        Assert.StartsWith(source, Assert.Single(pipeline.Pipeline.ReadRejected()).Line.Source);
    }

    [Fact]
    public async Task Sockets_share_the_senders_and_all_are_emptied_at_the_end()
    {
        var pipeline = new TestPipeline();
        using var listener = Listen(pipeline, "127.0.0.1:0", sockets: 4);
        List<SyslogSender> senders = [.. Enumerable.Range(0, 64).Select(_ => new SyslogSender(listener.LocalEndPoint))];

        listener.Start();
        for (var n = 0; n < 20; n++) senders.ForEach(sender => sender.Send(TestPipeline.Bytes(TestPipeline.L0)));
        await listener.StopAsync(StopLimit);
        senders.ForEach(sender => sender.Dispose());

        Assert.Equal((20 * 64, 20 * 64), (pipeline.Counts().Received, pipeline.Counts().Of(Event)));
        Assert.Equal(0, listener.Drops.Read());
    }

    [Fact]
    public void An_address_in_use_is_refused_to_a_single_socket()
    {
        var pipeline = new TestPipeline();
        using var first = Listen(pipeline, "127.0.0.1:0");

        Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => Listen(pipeline, first.LocalEndPoint.ToString())).SocketErrorCode);
    }
}
