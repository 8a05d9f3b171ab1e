using System.Net;
using System.Net.Sockets;

namespace WgMonitor.Notifier;

/// <summary>
/// Which addresses a webhook may go to without <c>allow_insecure</c>: only those of the public internet. A name in the configuration can be made to
/// point at the cloud's metadata service, at this host or at its neighbours by whoever answers for the name.
/// </summary>
/// <remarks>Source: IANA special-purpose address registries (RFC 6890), the rows that are not globally reachable.</remarks>
internal static class AddressPolicy
{
    private static readonly IPNetwork[] Refused =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
            // Unspecified and loopback; discard; Teredo; unique local (fd00:ec2::254 is a metadata service); link and site local; multicast; local NAT64.
            "::/127", "100::/64", "2001::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "64:ff9b:1::/48",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork TranslatedV4 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork CompatibleV4 = IPNetwork.Parse("::/96");

    /// <summary>True for an address of the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (Refused.Any(network => network.Contains(address))) return false;
        return address.AddressFamily == AddressFamily.InterNetwork || EmbeddedV4(address) is not { } embedded || IsPublic(embedded);
    }

    /// <summary>IPv6 forms that a gateway turns into the IPv4 address they hold.</summary>
    private static IPAddress? EmbeddedV4(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (SixToFour.Contains(address)) return new IPAddress(bytes.AsSpan(2, 4));
        return TranslatedV4.Contains(address) || CompatibleV4.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4)) : null;
    }
}
