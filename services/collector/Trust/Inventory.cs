namespace WgMonitor.Collector.Trust;

/// <summary>The hosts and devices that the configuration names. Nothing else exists for a collector with <c>inventory = "strict"</c>.</summary>
internal sealed class Inventory
{
    private readonly IdentityHash hash;
    private readonly Dictionary<ulong, Host> hosts = [];

    /// <param name="hash">Makes keys of names.</param>
    /// <param name="hosts">Host name as in events, and its devices; none for all devices.</param>
    public Inventory(IdentityHash hash, IEnumerable<(byte[] Name, byte[][] Interfaces)> hosts)
    {
        this.hash = hash;
        foreach (var (name, interfaces) in hosts) this.hosts[hash.Of(name)] = new(name, interfaces);
    }

    /// <summary>True for a listed host; a line without a device concerns the host as a whole.</summary>
    public bool Has(ReadOnlySpan<byte> host, ReadOnlySpan<byte> device)
    {
        // The bytes decide, not the hash.
        if (!hosts.TryGetValue(hash.Of(host), out var listed) || !host.SequenceEqual(listed.Name)) return false;
        if (device.IsEmpty || listed.Interfaces.Length == 0) return true;
        foreach (var name in listed.Interfaces)
        {
            if (device.SequenceEqual(name)) return true;
        }
        return false;
    }

    private sealed record Host(byte[] Name, byte[][] Interfaces);
}
