namespace WgMonitor.Events;

/// <summary>What every event has, whatever the kernel said.</summary>
/// <param name="Host">Host that printed the line: lower case, at most 255 characters of letters, digits and <c>. - _ :</c>.</param>
/// <param name="At">When it happened, Unix microseconds: the header's time where it can be trusted, else <paramref name="Received"/>.</param>
/// <param name="Received">When the collector received it, Unix microseconds.</param>
/// <param name="Uptime">Kernel stamp in microseconds since boot, where the line carried one. The only monotonic clock there is.</param>
/// <param name="Repeat">How often the line was printed in a row, as told by <c>message repeated N times</c>; 1 or more.</param>
/// <param name="Module">Kernel module that printed it: <c>wireguard</c> or <c>amneziawg</c>.</param>
/// <param name="Trust">What the transport proved of the sender.</param>
/// <param name="ClaimedHost">Host that the line names where it is another than <paramref name="Host"/>, escaped; else null.</param>
public readonly record struct EventHeader(
    string Host, long At, long Received, long? Uptime = null, int Repeat = 1, string Module = "wireguard", TrustLevel Trust = TrustLevel.Udp, string? ClaimedHost = null);
