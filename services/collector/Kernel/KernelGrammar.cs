using WgMonitor.Events;

namespace WgMonitor.Collector.Kernel;

/// <summary>
/// Every line the WireGuard module prints after <c>wireguard: </c>, as data. Placeholders in braces are fields of <see cref="EventFields"/>.
/// The wording has not moved between Linux 5.8 and 7.3; older and out-of-tree wordings stand last in their group.
/// </summary>
/// <remarks>Source: drivers/net/wireguard (net_dbg_ratelimited, net_dbg_skb_ratelimited, pr_debug, pr_info, pr_err); WireGuard/wireguard-linux-compat.</remarks>
internal static class KernelGrammar
{
    /// <summary>After <c>DEVICE: </c>; the frequent ones first.</summary>
    public static readonly KernelTemplate[] DeviceMessages =
    [
        new(EventKind.KeepaliveReceived, "Receiving keepalive packet from peer {peer} ({endpoint})"),
        new(EventKind.KeepaliveSent, "Sending keepalive packet to peer {peer} ({endpoint})"),
        new(EventKind.KeypairCreated, "Keypair {keypair} created for peer {peer}"),
        new(EventKind.KeypairDestroyed, "Keypair {keypair} destroyed for peer {peer}"),
        new(EventKind.HandshakeInitiationReceived, "Receiving handshake initiation from peer {peer} ({endpoint})"),
        new(EventKind.HandshakeResponseSent, "Sending handshake response to peer {peer} ({endpoint})"),
        new(EventKind.HandshakeInitiationSent, "Sending handshake initiation to peer {peer} ({endpoint})"),
        new(EventKind.HandshakeResponseReceived, "Receiving handshake response from peer {peer} ({endpoint})"),
        new(EventKind.HandshakeRetrying, "Handshake for peer {peer} ({endpoint}) did not complete after {seconds} seconds, retrying (try {attempt})"),
        new(EventKind.HandshakeGaveUp, "Handshake for peer {peer} ({endpoint}) did not complete after {attempt} attempts, giving up"),
        new(EventKind.HandshakeRestartedNoAnswer, "Retrying handshake with peer {peer} ({endpoint}) because we stopped hearing back after {seconds} seconds"),
        new(EventKind.KeysZeroed, "Zeroing out all keys for peer {peer} ({endpoint}), since we haven't received a new one in {seconds} seconds"),
        new(EventKind.PeerCreated, "Peer {peer} created"),
        new(EventKind.PeerDestroyed, "Peer {peer} ({endpoint}) destroyed"),
        new(EventKind.HandshakeMacInvalid, "Invalid MAC of handshake, dropping packet from {endpoint}"),
        new(EventKind.HandshakeInitiationInvalid, "Invalid handshake initiation from {endpoint}"),
        new(EventKind.HandshakeResponseInvalid, "Invalid handshake response from {endpoint}"),
        new(EventKind.HandshakePacketDropped, "Dropping handshake packet from {endpoint}"),
        new(EventKind.CookieReplySent, "Sending cookie response for denied handshake message for {endpoint}"),
        new(EventKind.CookieReplyReceived, "Receiving cookie response from {endpoint}"),
        new(EventKind.CookieReplyUndecryptable, "Could not decrypt invalid cookie response"),
        new(EventKind.PacketSrcUnallowed, "Packet has unallowed src IP ({address}) from peer {peer} ({endpoint})"),
        new(EventKind.PacketNotIp, "Packet is neither ipv4 nor ipv6 from peer {peer} ({endpoint})"),
        new(EventKind.PacketSizeIncorrect, "Packet has incorrect size from peer {peer} ({endpoint})"),
        new(EventKind.PacketNonceInvalid, "Packet has invalid nonce {nonce} (max {nonce_max})"),
        new(EventKind.XmitInvalidIp, "Invalid IP packet"),
        new(EventKind.XmitNoPeer, "No peer has allowed IPs matching {address}"),
        new(EventKind.XmitNoEndpoint, "No valid endpoint has been configured or discovered for peer {peer}"),
        new(EventKind.NoRoute, "No route to {endpoint}, error {error}"),
        new(EventKind.InterfaceCreated, "Interface created"),
        new(EventKind.InterfaceDestroyed, "Interface destroyed"),
        new(EventKind.NamespaceExiting, "Creating namespace exiting"),
        new(EventKind.SocketV4Failed, "Could not create IPv4 socket"),
        new(EventKind.SocketV6Failed, "Could not create IPv6 socket"),

        // Kernels before 5.8.
        new(EventKind.InterfaceDestroyed, "Interface deleted"),
        new(EventKind.PacketNotDelivered, "Failed to give packet to userspace from peer {peer} ({endpoint})"),
        new(EventKind.RoutingLoopAvoided, "Avoiding routing loop to {endpoint}"),

        // Out-of-tree modules of 2017 to 2020.
        new(EventKind.PacketMalformed, "Invalid packet from {endpoint}"),
        new(EventKind.PacketMalformed, "Could not pull full header into data section from {endpoint}"),
        new(EventKind.PacketMalformed, "Could not pull header into data section from {endpoint}"),
        new(EventKind.PacketMalformed, "Could not trim packet from {endpoint}"),
        new(EventKind.PacketMalformed, "Final len does not agree with calculated len from {endpoint}"),
        new(EventKind.PacketMalformed, "Packet has offset at impossible location from {endpoint}"),
        new(EventKind.PacketMalformed, "Packet isn't big enough to have UDP fields from {endpoint}"),
        new(EventKind.PacketMalformed, "UDP packet is lying about its size from {endpoint}"),
        new(EventKind.PacketMalformed, "UDP packet is reporting too small of a size from {endpoint}"),
        new(EventKind.RoutingLoopDetected, "Routing loop detected"),
        new(EventKind.XmitNoPeer, "No peer is configured for {address}"),
        new(EventKind.HandshakePacketDropped, "Too many handshakes queued, dropping packet from {endpoint}"),
        new(EventKind.PacketNotIp, "Packet missing IP version from peer {peer} ({endpoint})"),
        new(EventKind.PacketNotIp, "Packet neither ipv4 nor ipv6 from peer {peer} ({endpoint})"),
        new(EventKind.PacketSizeIncorrect, "Packet is lying about its size from peer {peer} ({endpoint})"),
    ];

    /// <summary>After <c>wireguard: </c>, without a device.</summary>
    public static readonly KernelTemplate[] ModuleMessages =
    [
        new(EventKind.ModuleLoaded, "WireGuard {word} loaded. See www.wireguard.com for information."),
        new(EventKind.ModuleLoaded, "WireGuard {word} loaded. See www.wireguard.io for information."),
        new(EventKind.ModuleLoaded, "AmneziaWG {word} loaded. See {other} for information."),
        new(EventKind.ModuleUnloaded, "WireGuard unloaded"),
        new(EventKind.ModuleCopyright, "Copyright (C) 2015-2019 Jason A. Donenfeld <Jason@zx2c4.com>. All Rights Reserved."),
        new(EventKind.ModuleCopyright, "Copyright (C) 2015-2016 Jason A. Donenfeld <Jason@zx2c4.com>. All Rights Reserved."),
        new(EventKind.ModuleCopyright, "Copyright (C) 2015-2017 Jason A. Donenfeld <Jason@zx2c4.com>. All Rights Reserved."),
        new(EventKind.ModuleCopyright, "Copyright (C) 2015-2018 Jason A. Donenfeld <Jason@zx2c4.com>. All Rights Reserved."),
        new(EventKind.ModuleTainted, "loading out-of-tree module taints kernel."),
        new(EventKind.ModuleTainted, "module verification failed: signature and/or required key missing - tainting kernel"),
        new(EventKind.ModuleRequirementMissing, "The xt_hashlimit module for IPv4 is required"),
        new(EventKind.ModuleRequirementMissing, "The xt_hashlimit module for IPv6 is required"),
        new(EventKind.ModuleSelfTest, "allowedips self-tests: pass"),
        new(EventKind.ModuleSelfTest, "allowedips self-test {number}: FAIL"),
        new(EventKind.ModuleSelfTest, "allowedips self-test malloc: FAIL"),
        new(EventKind.ModuleSelfTest, "allowedips random self-test malloc: FAIL"),
        new(EventKind.ModuleSelfTest, "allowedips random malloc: FAIL"),
        new(EventKind.ModuleSelfTest, "allowedips random self-test: FAIL"),
        new(EventKind.ModuleSelfTest, "allowedips random v4 self-test: FAIL"),
        new(EventKind.ModuleSelfTest, "allowedips random v6 self-test: FAIL"),
        new(EventKind.ModuleSelfTest, "allowedips random self-test removal: FAIL"),
        new(EventKind.ModuleSelfTest, "nonce counter self-tests: pass"),
        new(EventKind.ModuleSelfTest, "nonce counter self-test {number}: FAIL"),
        new(EventKind.ModuleSelfTest, "nonce counter self-test malloc: FAIL"),
        new(EventKind.ModuleSelfTest, "ratelimiter self-tests: pass"),
        new(EventKind.ModuleSelfTest, "ratelimiter self-test {number}: FAIL"),
    ];

    /// <summary>Lines of interest that carry no <c>wireguard: </c>.</summary>
    public static readonly KernelTemplate[] BareMessages =
    [
        new(EventKind.NetRatelimitSuppressed, "net_ratelimit: {count} callbacks suppressed"),
        new(EventKind.WarnHandshakeQueueType, "Somehow a wrong type of packet wound up in the handshake queue!"),
        new(EventKind.WarnPacketType, "Non-exhaustive parsing of packet header lead to unknown packet type!"),
        new(EventKind.TriePrinted, "digraph trie {{"),
        new(EventKind.TriePrinted, "}}"),
        new(EventKind.TriePrinted, "\t\"{cidr}\"[style={style}, color=\"#{hex}\"];"),
        new(EventKind.TriePrinted, "\t\"{cidr}\" -> \"{cidr}\";"),
    ];

    /// <summary>After <c>DEVICE: </c> of any network device, printed by net/core/dev.c.</summary>
    public static readonly KernelTemplate[] NetworkDeviceMessages =
    [
        new(EventKind.InterfaceRenamed, "renamed from {word}"),
        new(EventKind.InterfaceRenamed, "renamed from {word} (while UP)"),
    ];
}
