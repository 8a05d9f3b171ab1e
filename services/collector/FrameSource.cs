using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using WgMonitor.Events;

namespace WgMonitor.Collector;

/// <summary>Who sent a frame, as the transport saw it. With UDP anybody can claim to be anybody.</summary>
/// <param name="Address">Remote address; an IPv4 address that came through an IPv6 socket is the IPv4 address.</param>
/// <param name="Port">Remote port.</param>
/// <param name="Trust">What the transport proves of the sender.</param>
/// <param name="CertificateHost">Host name of the client certificate, normalised as <see cref="HostName"/> does; null without one.</param>
/// <param name="HostFrom">What names the host of its lines, as the listener is configured.</param>
/// <param name="IsAcknowledged">The sender keeps a line until it is acknowledged, and sends it again otherwise.</param>
public readonly record struct FrameSource(
    InternetAddress Address, ushort Port, TrustLevel Trust = TrustLevel.Udp, byte[]? CertificateHost = null, HostFrom HostFrom = HostFrom.Certificate, bool IsAcknowledged = false)
{
    /// <summary>
    /// Reads a socket address without allocating. False for what no sender can be: port 0, IPv4 from 224.0.0.0 on (multicast, reserved,
    /// broadcast), IPv6 multicast.
    /// </summary>
    /// <remarks>struct sockaddr_in and sockaddr_in6: family and port take two bytes each; IPv6 has four bytes of flow information before the address.</remarks>
    public static bool TryRead(SocketAddress socketAddress, out FrameSource source) => TryRead(socketAddress.Buffer.Span, socketAddress.Family, out source);

    internal static bool TryRead(ReadOnlySpan<byte> bytes, AddressFamily family, out FrameSource source)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (family == AddressFamily.InterNetwork)
        {
            var v4 = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            source = new(InternetAddress.FromV4(v4), port);
            return port != 0 && IsUnicast(v4);
        }
        if (family == AddressFamily.InterNetworkV6)
        {
            var v6 = BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]);
            source = new(InternetAddress.FromV6(v6), port);
            return port != 0 && (source.Address.IsV4 ? IsUnicast((uint)v6) : bytes[8] != 0xff);
        }
        source = default;
        return false;
    }

    private static bool IsUnicast(uint v4) => v4 >> 28 < 0xe;

    /// <inheritdoc/>
    public override string ToString() => Address.IsV4 ? $"{Address}:{Port}" : $"[{Address}]:{Port}";
}
