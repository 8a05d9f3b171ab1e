namespace WgMonitor.Events;

// What is known about lines, not about peers.

/// <summary>The kernel dropped that many lines of all network code, WireGuard's perhaps among them. Printed late, or never if the host falls silent.</summary>
/// <remarks>Source: lib/ratelimit.c, ___ratelimit.</remarks>
public sealed record NetRatelimitSuppressed(EventHeader Header, long Count) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.NetRatelimitSuppressed;
}

/// <summary>A line of the module that no known wording matches, kept as text of at most 512 bytes.</summary>
public sealed record Unrecognized(EventHeader Header, string Text) : WireGuardEvent(Header)
{
    public override EventKind Kind => EventKind.Unrecognized;
}
