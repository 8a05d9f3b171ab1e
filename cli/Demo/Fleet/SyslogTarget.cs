using System.Globalization;
using System.Net.Sockets;

namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>Which transports the fleet uses.</summary>
internal enum FleetTransport
{
    /// <summary>Every second host sends over UDP, the others over TCP.</summary>
    Both,

    Udp,

    Tcp,
}

/// <summary>Where the fleet sends.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="UdpPort">For hosts that send over UDP.</param>
/// <param name="TcpPort">For hosts that send over TCP.</param>
internal sealed record SyslogTarget(string Host, int UdpPort, int TcpPort)
{
    /// <summary>Reads <c>HOST:PORT</c> or <c>[IPV6]:PORT</c>; null for anything else.</summary>
    public static SyslogTarget? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0) return null;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':')) return null;
        return new(host, port, port);
    }

    /// <summary>A new socket to the target; the name is looked up anew.</summary>
    /// <exception cref="SocketException">Nobody listens, or the name is not known (yet).</exception>
    public async Task<Socket> ConnectAsync(bool overTcp, CancellationToken stop)
    {
        var socket = overTcp ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : new Socket(SocketType.Dgram, ProtocolType.Udp);
        try
        {
            await socket.ConnectAsync(Host, overTcp ? TcpPort : UdpPort, stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => UdpPort == TcpPort ? $"{Host}:{TcpPort}" : $"{Host}, UDP {UdpPort} and TCP {TcpPort}";
}
