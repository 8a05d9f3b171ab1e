using System.Net;
using System.Net.Sockets;

namespace WgMonitor.Notifier;

/// <summary>The receiver's name leads to addresses that this route may not use.</summary>
internal sealed class AddressRefusedException(string host) : IOException($"{host} has no public address.");

/// <summary>
/// Opens the connections of one route. The address is checked here, where it is used: a check of the URL or of an earlier answer of the resolver says
/// nothing about where the connection really goes.
/// </summary>
/// <param name="allowPrivate">Any address is fine.</param>
/// <param name="resolve">Name to addresses; the system's resolver outside of tests.</param>
internal sealed class WebhookConnector(bool allowPrivate, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>Connections are renewed after this, so that a changed name is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy from the environment would connect to addresses nobody checked.
        UseProxy = false,
        PooledConnectionLifetime = ConnectionLifetime,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 0,
        ActivityHeadersPropagator = null,
        ConnectCallback = ConnectAsync,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        if (!allowPrivate) addresses = [.. addresses.Where(AddressPolicy.IsPublic)];
        if (addresses.Length == 0) throw new AddressRefusedException(host);

        SocketException? failure = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                failure = exception;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure!;
    }
}
