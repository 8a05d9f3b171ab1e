using System.Globalization;

namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>
/// Lines as the WireGuard module prints them, byte for byte, of Linux 5.8 to 7.3. An endpoint is printed as <c>%pISpfsc</c> does it:
/// <c>192.0.2.2:51821</c>, <c>[2001:db8::2]:51821/0%0</c>.
/// </summary>
/// <remarks>Source: drivers/net/wireguard/{device,peer,receive,send,timers,noise,main}.c; net/core/utils.c and lib/ratelimit.c for the suppressed lines.</remarks>
internal static class KernelText
{
    public const string ModuleLoaded = "wireguard: WireGuard 1.0.0 loaded. See www.wireguard.com for information.";

    public const string ModuleCopyright = "wireguard: Copyright (C) 2015-2019 Jason A. Donenfeld <Jason@zx2c4.com>. All Rights Reserved.";

    private const string Device = "wireguard: wg0: ";

    public static string InterfaceCreated => $"{Device}Interface created";

    public static string PeerCreated(int peer) => $"{Device}Peer {peer} created";

    public static string InitiationReceived(int peer, string endpoint) => $"{Device}Receiving handshake initiation from peer {peer} ({endpoint})";

    public static string ResponseSent(int peer, string endpoint) => $"{Device}Sending handshake response to peer {peer} ({endpoint})";

    public static string KeypairCreated(long keypair, int peer) => $"{Device}Keypair {keypair} created for peer {peer}";

    public static string KeypairDestroyed(long keypair, int peer) => $"{Device}Keypair {keypair} destroyed for peer {peer}";

    public static string KeepaliveReceived(int peer, string endpoint) => $"{Device}Receiving keepalive packet from peer {peer} ({endpoint})";

    public static string KeepaliveSent(int peer, string endpoint) => $"{Device}Sending keepalive packet to peer {peer} ({endpoint})";

    public static string InitiationSent(int peer, string endpoint) => $"{Device}Sending handshake initiation to peer {peer} ({endpoint})";

    /// <summary>The kernel counts from 2: the first try is none.</summary>
    public static string Retrying(int peer, string endpoint, int attempt) =>
        $"{Device}Handshake for peer {peer} ({endpoint}) did not complete after 5 seconds, retrying (try {attempt})";

    public static string GaveUp(int peer, string endpoint) => $"{Device}Handshake for peer {peer} ({endpoint}) did not complete after 20 attempts, giving up";

    public static string MacInvalid(string endpoint) => $"{Device}Invalid MAC of handshake, dropping packet from {endpoint}";

    /// <summary>Of the whole kernel: printed when the rate limit lets something pass again.</summary>
    public static string Suppressed(int lines) => $"net_ratelimit: {lines} callbacks suppressed";

    /// <summary>The printk stamp in front of a line: seconds since boot, <c>[%5lu.%06lu] </c>.</summary>
    public static string Stamped(TimeSpan uptime, string text)
    {
        var seconds = (long)uptime.TotalSeconds;
        var microseconds = uptime.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond;
        return string.Create(CultureInfo.InvariantCulture, $"[{seconds,5}.{microseconds:d6}] {text}");
    }
}
