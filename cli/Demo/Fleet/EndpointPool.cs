using System.Net;

namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>Endpoints in the address blocks that are reserved for documentation (RFC 5737, RFC 3849), as the kernel prints them.</summary>
internal sealed class EndpointPool(Random random)
{
    private const int PortFirst = 1024;
    private const int PortsEnd = 65536;

    private static readonly string[] Networks = ["192.0.2", "198.51.100", "203.0.113"];

    /// <summary>A phone or a laptop behind some provider's NAT.</summary>
    public string Mobile() => $"{Networks[random.Next(Networks.Length)]}.{random.Next(1, 255)}:{random.Next(PortFirst, PortsEnd)}";

    /// <summary>A router with an address of its own.</summary>
    public string Site() => $"{Networks[random.Next(Networks.Length)]}.{random.Next(1, 255)}:51820";

    /// <summary>Flow and scope are always printed, 0 for global addresses.</summary>
    public string V6()
    {
        var address = IPAddress.Parse($"2001:db8:{random.Next(1, 0xffff):x}::{random.Next(1, 0xffff):x}");
        return $"[{address}]:{random.Next(PortFirst, PortsEnd)}/0%0";
    }
}
