namespace WgMonitor.Events;

// The module itself.

/// <summary>The module was loaded: peer and keypair numbers restart at 1.</summary>
/// <remarks>Source: drivers/net/wireguard/main.c, wg_mod_init.</remarks>
public sealed record ModuleLoaded(EventHeader Header, string Version) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.ModuleLoaded;
}

/// <summary>Out-of-tree modules before October 2018 say so; the kernel's own never does.</summary>
/// <remarks>Source: drivers/net/wireguard/main.c, mod_exit.</remarks>
public sealed record ModuleUnloaded(EventHeader Header) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.ModuleUnloaded;
}

/// <summary>Second line of the load banner.</summary>
/// <remarks>Source: drivers/net/wireguard/main.c, wg_mod_init.</remarks>
public sealed record ModuleCopyright(EventHeader Header) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.ModuleCopyright;
}

/// <summary>The module loader's word on an out-of-tree or unsigned module.</summary>
/// <remarks>Source: kernel/module, load_module.</remarks>
public sealed record ModuleTainted(EventHeader Header, string Text) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.ModuleTainted;
}

/// <summary>Another module is needed first; out-of-tree modules before June 2017.</summary>
/// <remarks>Source: drivers/net/wireguard/ratelimiter.c, ratelimiter_module_init.</remarks>
public sealed record ModuleRequirementMissing(EventHeader Header, string Text) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.ModuleRequirementMissing;
}

/// <summary>Result of a self-test at load; kernels built with CONFIG_WIREGUARD_DEBUG.</summary>
/// <remarks>Source: drivers/net/wireguard/selftest/*.c.</remarks>
public sealed record ModuleSelfTest(EventHeader Header, string Text) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.ModuleSelfTest;
}

/// <summary>Developer build's dump of the allowed-IPs trie.</summary>
/// <remarks>Source: drivers/net/wireguard/selftest/allowedips.c, print_tree.</remarks>
public sealed record TriePrinted(EventHeader Header, string Text) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.TriePrinted;
}

/// <summary>WARN: a packet of a wrong type in the handshake queue.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_receive_handshake_packet.</remarks>
public sealed record WarnHandshakeQueueType(EventHeader Header) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.WarnHandshakeQueueType;
}

/// <summary>WARN: an unknown packet type passed the header check.</summary>
/// <remarks>Source: drivers/net/wireguard/receive.c, wg_packet_receive.</remarks>
public sealed record WarnPacketType(EventHeader Header) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.WarnPacketType;
}
