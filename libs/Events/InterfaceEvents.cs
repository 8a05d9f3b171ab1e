namespace WgMonitor.Events;

// Life of a device.

/// <summary>A WireGuard device was registered.</summary>
/// <remarks>Source: drivers/net/wireguard/device.c, wg_newlink.</remarks>
public sealed record InterfaceCreated(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.InterfaceCreated;
}

/// <summary>A device and all its peers are gone. Kernels before 5.8 print "Interface deleted".</summary>
/// <remarks>Source: drivers/net/wireguard/device.c, wg_destruct.</remarks>
public sealed record InterfaceDestroyed(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.InterfaceDestroyed;
}

/// <summary>A network device (of any kind) got another name; peers keep their numbers.</summary>
/// <remarks>Source: net/core/dev.c, dev_change_name.</remarks>
public sealed record InterfaceRenamed(EventHeader Header, string Interface, string OldName) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.InterfaceRenamed;
}

/// <summary>The creating namespace ends: the sockets are closed, peers stay.</summary>
/// <remarks>Source: drivers/net/wireguard/device.c, wg_netns_pre_exit.</remarks>
public sealed record NamespaceExiting(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.NamespaceExiting;
}

/// <summary>The UDP socket could not be created, for example because the port is in use.</summary>
/// <remarks>Source: drivers/net/wireguard/socket.c, wg_socket_init.</remarks>
public sealed record SocketV4Failed(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.SocketV4Failed;
}

/// <summary>The IPv6 UDP socket could not be created.</summary>
/// <remarks>Source: drivers/net/wireguard/socket.c, wg_socket_init.</remarks>
public sealed record SocketV6Failed(EventHeader Header, string Interface) : InterfaceEvent(Header, Interface)
{
    public override EventKind Kind => EventKind.SocketV6Failed;
}
