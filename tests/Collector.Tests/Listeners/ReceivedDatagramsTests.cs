using System.Net;
using System.Net.Sockets;
using WgMonitor.Collector.Listeners;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Listeners;

/// <summary>Many datagrams a call where the kernel and the machine allow it, one a call elsewhere: the same is received.</summary>
public class ReceivedDatagramsTests
{
    private const int BytesMax = 100;

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", true)]
    [InlineData("::1", false)]
    public void Bytes_and_senders_are_the_same_either_way(string address, bool isBatched)
    {
        var random = new Random(Seed.Print());
        using var receiver = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        receiver.ReceiveTimeout = 30_000;
        Socket[] senders = [Sender(receiver), Sender(receiver)];
        var sent = new List<(byte[] Bytes, int Port)>();
        for (var n = 0; n < 150; n++)
        {
            // One in five is longer than what is taken of it, some are empty.
            var bytes = new byte[random.Next(5) == 0 ? BytesMax + random.Next(50) : random.Next(BytesMax)];
            random.NextBytes(bytes);
            var sender = senders[random.Next(2)];
            sender.Send(bytes);
            sent.Add((bytes[..Math.Min(bytes.Length, BytesMax)], ((IPEndPoint)sender.LocalEndPoint!).Port));
        }

        var datagrams = new ReceivedDatagrams(receiver, BytesMax, isBatched);
        var received = new List<(byte[] Bytes, int Port)>();
        var calls = 0;
        for (; received.Count < sent.Count; calls++)
        {
            var count = datagrams.Receive();
            for (var index = 0; index < count; index++)
            {
                Assert.True(datagrams.TryReadSender(index, out var source));
                Assert.Equal(address, source.Address.ToString());
                received.Add((datagrams.Bytes(index).ToArray(), source.Port));
            }
        }

        Assert.Equal(sent, received, (a, b) => a.Port == b.Port && a.Bytes.AsSpan().SequenceEqual(b.Bytes));
        Assert.InRange(calls, isBatched ? 1 : sent.Count, isBatched ? 10 : sent.Count);
        foreach (var sender in senders) sender.Dispose();
    }

    private static Socket Sender(Socket receiver)
    {
        var sender = new Socket(receiver.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        return sender;
    }
}
