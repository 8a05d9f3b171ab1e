using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace WgMonitor.Testing;

/// <summary>A TCP port in front of another one: every byte arrives, in order, half the round trip later in each direction.</summary>
public sealed class SlowLink : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, FreePort.Tcp());
    private readonly CancellationTokenSource stopping = new();
    private readonly int target;
    private readonly TimeSpan delay;

    /// <param name="target">Loopback port behind it.</param>
    /// <param name="roundTrip">Time from a question to its answer, at least.</param>
    public SlowLink(int target, TimeSpan roundTrip)
    {
        (this.target, delay) = (target, roundTrip / 2);
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose()
    {
        stopping.Cancel();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        using (near)
        {
            try
            {
                near.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, target, stopping.Token);
                await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream()), CopyAsync(far.GetStream(), near.GetStream()));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var late = Channel.CreateBounded<(byte[] Bytes, long Due)>(10_000);
        try
        {
            Task sending = SendAsync(to, late.Reader);
            byte[] buffer = new byte[64 * 1024];
            int count;
            while ((count = await from.ReadAsync(buffer, stopping.Token)) > 0)
                await late.Writer.WriteAsync((buffer[..count], Environment.TickCount64 + (long)delay.TotalMilliseconds), stopping.Token);
            late.Writer.Complete();
            await sending;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
        }
    }

    private async Task SendAsync(NetworkStream to, ChannelReader<(byte[] Bytes, long Due)> late)
    {
        await foreach ((byte[] bytes, long due) in late.ReadAllAsync(stopping.Token))
        {
            long wait = due - Environment.TickCount64;
            if (wait > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(wait), stopping.Token);
            await to.WriteAsync(bytes, stopping.Token);
        }
    }
}
