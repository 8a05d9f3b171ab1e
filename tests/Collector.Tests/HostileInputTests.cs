using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using WgMonitor.Collector.Listeners;
using WgMonitor.Testing;
using Xunit;
using static WgMonitor.Collector.LineOutcome;

namespace WgMonitor.Collector.Tests;

/// <summary>
/// Malformed and hostile datagrams, one row a case, with the number under which the case is known. <c>…</c> in the fields: only what a row is about is compared.
/// </summary>
public class HostileInputTests
{
    private const string L0 = TestPipeline.L0;
    private const string Head = "<7>Nov 22 12:00:00 vpn-01 kernel: ";
    private const string Kernel = "[12345.678901] wireguard: wg0: ";
    private const string Body = Kernel + "Receiving keepalive packet from peer 17 (203.0.113.5:51820)";
    private const string V1 = "<7>1 2026-11-22T12:00:00Z vpn-01 kernel - - ";

    /// <summary>Case, datagram, outcome, and for events the fields that matter.</summary>
    public static TheoryData<string, string, LineOutcome, string> Rows()
    {
        var rows = Written();
        foreach (var port in new[] { "65536", "99999", "-1", "", "51820x", "051820", "+1" })
            rows.Add($"H85 port '{port}'", Head + Kernel + $"Receiving keepalive packet from peer 17 (203.0.113.5:{port})", RejectedEndpoint, "");
        foreach (var address in new[] { "127.1", "0x7f000001", "010.0.0.1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "2130706433", "[2001:db8:::1]", "[1::2::3]" })
            rows.Add($"H86 address '{address}'", Head + Kernel + $"Receiving keepalive packet from peer 17 ({address}:51820)", RejectedEndpoint, "");
        foreach (var peer in new[] { "18446744073709551616", "-1", "+1", "1e3", "0x11", " 17", "017", "\u00d9\u00a1\u00d9\u00a7", new string('9', 400) })
            rows.Add($"H88 peer '{peer[..Math.Min(20, peer.Length)]}'", Head + Kernel + $"Peer {peer} created", RejectedPeer, "");
        return rows;
    }

    private static TheoryData<string, string, LineOutcome, string> Written() => new()
    {
        // B. UDP
        { "H36 empty datagram", "", IgnoredEmpty, "" },
        { "H38 two lines", L0 + "\n" + L0, RejectedControlCharacter, "" },
        { "H39 octet count", "120 " + L0, RejectedUnexpectedFraming, "" },
        { "H39 octet count of 300 digits", new string('1', 300) + " " + L0, RejectedUnexpectedFraming, "" },
        // Both pass: UDP proves nothing, and that is what the event says.
        { "H43 forged source", L0, Event, "host=vpn-01 trust=" },

        // C. PRI and header
        { "H46 no PRI", L0[3..], Event, "host=vpn-01" },
        { "H47 PRI 191", "<191>" + L0[3..], Event, "peer=17" },
        { "H47 PRI 0", "<0>" + L0[3..], Event, "peer=17" },
        { "H47 PRI 192", "<192>" + L0[3..], RejectedPriority, "" },
        { "H47 PRI 999", "<999>" + L0[3..], RejectedPriority, "" },
        { "H47 PRI 00", "<00>" + L0[3..], RejectedPriority, "" },
        { "H47 PRI 007", "<007>" + L0[3..], RejectedPriority, "" },
        { "H48 PRI overflow", "<99999999999999999999>" + L0[3..], RejectedPriority, "" },
        { "H49 unclosed", "<7 Nov 22 12:00:00 vpn-01 kernel: x", RejectedPriority, "" },
        { "H49 only <", "<", RejectedPriority, "" },
        { "H49 only <7", "<7", RejectedPriority, "" },
        { "H49 <>", "<>" + L0[3..], RejectedPriority, "" },
        { "H49 <-1>", "<-1>" + L0[3..], RejectedPriority, "" },
        { "H49 <7.0>", "<7.0>" + L0[3..], RejectedPriority, "" },
        { "H49 < 7>", "< 7>" + L0[3..], RejectedPriority, "" },
        { "H50 PRI only", "<7>", IgnoredEmpty, "" },
        { "H51 double PRI", "<7>" + L0, RejectedHeader, "" },
        { "H52 other facility", "<13>" + L0[3..], Event, "peer=17" },
        { "H53 version 0", "<7>0" + V1[4..] + "- " + Body, RejectedVersion, "" },
        { "H53 version 2", "<7>2" + V1[4..] + "- " + Body, RejectedVersion, "" },
        { "H53 version 99", "<7>99" + V1[4..] + "- " + Body, RejectedVersion, "" },
        { "H53 version 1x", "<7>1x" + V1[4..] + "- " + Body, RejectedVersion, "" },
        { "H55 relay", "<7>Nov 22 12:00:00 Message forwarded from vpn-01: kernel: " + Body, Event, "host=198.51.100.7" },
        { "H56 repeated", Head + "message repeated 3 times: [ wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)]", Event, "peer=17 repeat=3" },
        { "H57 repeated without text", "<7>Nov 22 12:00:00 vpn-01 last message repeated 5 times", IgnoredRepeatWithoutText, "" },
        { "H58 escaped control", Head + "[12345.678901] wireguard: wg#0330: Peer 1 created", Event, "interface=wg#0330" },
        { "H58 escaped bytes", Head + "[12345.678901] wireguard: wg#303#244: Peer 1 created", Event, "interface=wg#303#244" },

        // D. Time; at is the time of receipt wherever the header's cannot be believed.
        { "H59 Feb 30", "<7>Feb 30 12:00:00" + L0[18..], Event, "at=1795348805000000" },
        { "H59 hour 24", "<7>Nov 22 24:00:00" + L0[18..], Event, "at=1795348805000000" },
        { "H59 day 0", "<7>Nov 00 12:00:00" + L0[18..], Event, "at=1795348805000000" },
        { "H59 Feb 29 in a common year", "<7>2025-02-29T12:00:00Z" + L0[18..], Event, "at=1795348805000000" },
        { "H59 Apr 31", "<7>Apr 31 12:00:00" + L0[18..], Event, "at=1795348805000000" },
        { "H59 minute 60", "<7>Nov 22 12:60:00" + L0[18..], Event, "at=1795348805000000" },
        { "H60 leap second", "<7>1 2026-11-22T11:59:60Z vpn-01 kernel - - - " + Body, Event, "at=1795348805000000" },
        { "H61 last year", "<7>Dec 31 23:59:59" + L0[18..], Event, "at=1795348805000000" },
        { "H61 next year", "<7>Jan  1 00:00:00" + L0[18..], Event, "at=1795348805000000" },
        { "H62 Nov  2", "<7>Nov  2 12:00:00" + L0[18..], Event, "host=vpn-01" },
        { "H62 Nov 2", "<7>Nov 2 12:00:00" + L0[18..], Event, "host=vpn-01" },
        { "H63 NOV", "<7>NOV 22 12:00:00" + L0[18..], Event, "host=vpn-01" },
        { "H63 Nov.", "<7>Nov. 22 12:00:00" + L0[18..], RejectedHeader, "" },
        { "H63 dotless i", "<7>Apr\u00c4\u00b1l 22 12:00:00" + L0[18..], RejectedHeader, "" },
        { "H63 month 11", "<7>11 22 12:00:00" + L0[18..], RejectedVersion, "" },
        { "H64 year", "<7>Nov 22 2026 12:00:00" + L0[18..], Event, "host=vpn-01" },
        { "H64 dot", "<7>.Nov 22 12:00:00" + L0[18..], Event, "host=vpn-01" },
        { "H64 asterisk", "<7>*Oct 07 12:00:00" + L0[18..], Event, "host=vpn-01" },
        { "H64 zone word", "<7>Nov 22 12:00:00 CET" + L0[18..], RejectedGrammar, "" },
        { "H65 60 fraction digits", "<7>2026-11-22T12:00:00." + new string('1', 60) + "Z" + L0[18..], Event, "at=1795348800111111" },
        { "H65 no zone", "<7>2026-11-22T12:00:00" + L0[18..], Event, "at=1795348805000000" },
        { "H65 -00:00", "<7>2026-11-22T12:00:00-00:00" + L0[18..], Event, "at=1795348800000000" },
        { "H65 +24:00", "<7>2026-11-22T12:00:00+24:00" + L0[18..], Event, "at=1795348805000000" },
        { "H65 Q for T", "<7>2026-11-22Q12:00:00Z" + L0[18..], Event, "host=vpn-01 at=1795348805000000" },
        { "H65 blank for T", "<7>2026-11-22 12:00:00" + L0[18..], Event, "host=vpn-01 at=1795348805000000" },
        { "H66 year 9999", "<7>9999-12-31T23:59:59Z" + L0[18..], Event, "at=1795348805000000" },
        { "H66 year 0001", "<7>0001-01-01T00:00:00Z" + L0[18..], Event, "at=1795348805000000" },
        { "H66 year 1969", "<7>1969-01-01T00:00:00Z" + L0[18..], Event, "at=1795348805000000" },
        { "H66 uptime beyond all", Head + "[18446744073709551615.999999] wireguard: wg0: Peer 1 created", RejectedGrammar, "" },
        { "H68 short stamp", Head + "[    1.2] wireguard: wg0: Peer 1 created", Event, "uptime=1200000" },
        { "H68 stamp and caller", Head + "[12345.678901][ T1234] wireguard: wg0: Peer 1 created", Event, "uptime=12345678901" },
        { "H68 no stamp", Head + "wireguard: wg0: Peer 1 created", Event, "uptime=" },
        { "H68 time in brackets", Head + "[ 12:00:01 ] wireguard: wg0: Peer 1 created", RejectedGrammar, "" },
        { "H69 clock skew 10 h", "<7>2026-11-22T22:00:00Z" + L0[18..], Event, "at=1795348805000000" },
        { "H69 a little skew", "<7>2026-11-22T11:59:00Z" + L0[18..], Event, "at=1795348740000000 received=1795348805000000" },

        // E. Host, tag, structured data
        { "H70 host missing", "<7>Nov 22 12:00:00 kernel: " + Body, Event, "host=198.51.100.7" },
        { "H70 host -", "<7>Nov 22 12:00:00 - kernel: " + Body, Event, "host=198.51.100.7" },
        { "H70 host empty", "<7>Nov 22 12:00:00  kernel: " + Body, Event, "host=198.51.100.7" },
        { "H71 255 bytes", "<7>Nov 22 12:00:00 " + new string('a', 255) + " kernel: " + Body, Event, "host=" + new string('a', 255) },
        { "H71 256 bytes", "<7>Nov 22 12:00:00 " + new string('a', 256) + " kernel: " + Body, RejectedHost, "" },
        { "H71 10000 bytes", "<7>Nov 22 12:00:00 " + new string('a', 10_000) + " kernel: " + Body, RejectedHost, "" },
        { "H72 ../../x", "<7>Nov 22 12:00:00 ../../x kernel: " + Body, RejectedHost, "" },
        { "H72 {p00}", "<7>Nov 22 12:00:00 {p00} kernel: " + Body, RejectedHost, "" },
        { "H72 backslash", "<7>Nov 22 12:00:00 a\\b kernel: " + Body, RejectedHost, "" },
        { "H72 %00", "<7>Nov 22 12:00:00 a%00 kernel: " + Body, RejectedHost, "" },
        { "H72 *", "<7>Nov 22 12:00:00 * kernel: " + Body, RejectedHost, "" },
        { "H72 ?", "<7>Nov 22 12:00:00 a?b kernel: " + Body, RejectedHost, "" },
        { "H72 colon", "<7>Nov 22 12:00:00 a:b kernel: " + Body, RejectedHost, "" },
        { "H72 dots", "<7>Nov 22 12:00:00 a..b kernel: " + Body, RejectedHost, "" },
        { "H72 braces inside", "<7>Nov 22 12:00:00 vpn{p3} kernel: " + Body, RejectedHost, "" },
        { "H72 slash inside", "<7>Nov 22 12:00:00 vpn/01 kernel: " + Body, RejectedHost, "" },
        { "H73 IPv4", "<7>Nov 22 12:00:00 192.0.2.1 kernel: " + Body, Event, "host=192.0.2.1" },
        { "H73 IPv6", "<7>Nov 22 12:00:00 2001:DB8:0::1 kernel: " + Body, Event, "host=2001:db8::1" },
        { "H73 IPv6 with zone", "<7>Nov 22 12:00:00 fe80::1%eth0 kernel: " + Body, Event, "host=fe80::1" },
        { "H74 upper case", "<7>Nov 22 12:00:00 VPN-01 kernel: " + Body, Event, "host=vpn-01" },
        { "H74 full name", "<7>Nov 22 12:00:00 vpn-01.EXAMPLE kernel: " + Body, Event, "host=vpn-01" },
        { "H76 tag wireguard:", "<7>Nov 22 12:00:00 vpn-01 wireguard: wg0: Peer 1 created", Event, "host=vpn-01 peer=1" },
        { "H76 tag kernel", "<7>Nov 22 12:00:00 vpn-01 kernel " + Body, Event, "host=vpn-01 peer=17" },
        { "H76 no tag", "<7>Nov 22 12:00:00 vpn-01 " + Body, Event, "host=vpn-01 peer=17" },
        { "H76 10000-byte tag", "<7>Nov 22 12:00:00 vpn-01 " + new string('a', 10_000) + ": " + Body, RejectedGrammar, "" },
        { "H77 unclosed [", V1 + "[a b=\"c\" " + Body, RejectedStructuredData, "" },
        { "H77 unescaped quote", V1 + "[a b=\"c\"d\"] " + Body, RejectedStructuredData, "" },
        { "H77 unescaped ]", V1 + "[a b=\"]\"] " + Body, Event, "peer=17" },
        { "H77 33-byte id", V1 + "[" + new string('a', 33) + "] " + Body, Event, "peer=17" },
        { "H77 1000 elements", V1 + string.Concat(Enumerable.Repeat("[a]", 1000)) + " " + Body, Event, "peer=17" },
        { "H77 64 KiB value", V1 + "[a b=\"" + new string('x', 65_536) + "\"] " + Body, Event, "peer=17" },
        { "H77 [a][b", V1 + "[a][b " + Body, RejectedStructuredData, "" },
        { "H77 text glued", V1 + "[a]" + Body[15..], RejectedStructuredData, "" },
        // A kernel stamp has the form of an element; glued to one it cannot be told from it, and only the stamp is lost.
        { "H77 stamp glued", V1 + "[a]" + Body, Event, "peer=17 uptime=" },
        { "H77 escape at the end", V1 + "[a b=\"\\", RejectedStructuredData, "" },
        { "H78 origin", V1 + "[origin ip=\"198.51.100.9\"] " + Body, Event, "host=vpn-01" },
        { "H79 BOM", V1 + "- \u00ef\u00bb\u00bf" + Body, Event, "peer=17" },
        { "H79 BOM twice", V1 + "- \u00ef\u00bb\u00bf\u00ef\u00bb\u00bf" + Body, Event, "peer=17" },
        { "H79 literal BOM", V1 + "- BOM" + Body, Event, "peer=17" },

        // F. Payload. What each message of the kernel becomes stands in the table of the grammar.
        { "H80 IPv6", Head + Kernel + "Receiving keepalive packet from peer 17 ([2001:db8::1]:51820/0%0)", Event, "endpoint=[2001:db8::1]:51820" },
        { "H81 link-local", Head + Kernel + "Receiving keepalive packet from peer 17 ([fe80::1]:51820/0%3)", Event, "endpoint=[fe80::1%3]:51820" },
        { "H82 v4-mapped", Head + Kernel + "Receiving keepalive packet from peer 17 ([::ffff:203.0.113.5]:51820/0%0)", Event, "endpoint=203.0.113.5:51820" },
        { "H83 compressed", Head + Kernel + "Receiving keepalive packet from peer 17 ([2001:db8::1]:51820/0%0)", Event, "endpoint=[2001:db8::1]:51820" },
        { "H83 uncompressed", Head + Kernel + "Receiving keepalive packet from peer 17 ([2001:0db8:0000:0000:0000:0000:0000:0001]:51820/0%0)", Event, "endpoint=[2001:db8::1]:51820" },
        { "H84 einval", Head + Kernel + "Peer 3 ((einval)) destroyed", Event, "event=peer-destroyed.v1 peer=3 endpoint=" },
        { "H84 invalid address", Head + Kernel + "Peer 3 ((invalid address)) destroyed", Event, "event=peer-destroyed.v1 peer=3 endpoint=" },
        { "H85 port 0", Head + Kernel + "Receiving keepalive packet from peer 17 (203.0.113.5:0)", Event, "endpoint=203.0.113.5:0" },
        { "H85 port 65535", Head + Kernel + "Receiving keepalive packet from peer 17 (203.0.113.5:65535)", Event, "endpoint=203.0.113.5:65535" },
        { "H87 peer 0", Head + Kernel + "Peer 0 created", Event, "peer=0" },
        { "H87 highest peer", Head + Kernel + "Peer 18446744073709551615 created", Event, "peer=18446744073709551615" },
        { "H89 15 bytes", Head + "[12345.678901] wireguard: wg0123456789abc: Peer 1 created", Event, "interface=wg0123456789abc" },
        { "H89 16 bytes", Head + "[12345.678901] wireguard: wg0123456789abcd: Peer 1 created", RejectedInterface, "" },
        { "H89 quote", Head + "[12345.678901] wireguard: wg\"0: Peer 1 created", Event, "interface=wg\"0" },
        { "H89 braces", Head + "[12345.678901] wireguard: wg{0}: Peer 1 created", Event, "interface=wg{0}" },
        { "H89 percent", Head + "[12345.678901] wireguard: wg%n: Peer 1 created", Event, "interface=wg%n" },
        { "H89 tag", Head + "[12345.678901] wireguard: <img>: Peer 1 created", Event, "interface=<img>" },
        { "H89 backslash", Head + "[12345.678901] wireguard: wg\\n: Peer 1 created", Event, "interface=wg\\x5cn" },
        { "H90 text behind", L0 + " extra", RejectedGrammar, "" },
        { "H90 missing )", L0[..^1], RejectedGrammar, "" },
        { "H90 doubled )", L0 + ")", RejectedGrammar, "" },
        { "H91 forged inside", "<7>Nov 22 12:00:00 vpn-01 kernel: x " + Body, RejectedGrammar, "" },
        { "H91 forged by a program", "<13>Nov 22 12:00:00 vpn-01 logger: " + Body, IgnoredNotKernel, "" },
        { "H92 glued", L0 + Body, RejectedGrammar, "" },
        { "H93 unknown text", Head + "[12345.678901] wireguard: wg0: Doing something new", Event, "event=unrecognized.v1" },
        { "H95 dynamic debug", Head + "[12345.678901] wireguard:wg_receive_handshake_packet:159: wireguard: wg0: Peer 1 created", Event, "interface=wg0 peer=1" },
        // No kernel leaves the module's own prefix out: pr_fmt stands in the text itself, drivers/net/wireguard/main.c.
        { "H95 dynamic debug alone", Head + "[12345.678901] wireguard:wg_receive_handshake_packet:159: wg0: Peer 1 created", IgnoredNotWireGuard, "" },
        { "H95 blank in front", Head + " wireguard: wg0: Peer 1 created", Event, "interface=wg0 peer=1" },
        { "H96 suppressed", "<4>Nov 22 12:00:00 vpn-01 kernel: [12345.678901] net_ratelimit: 23807 callbacks suppressed", Event, "event=net-ratelimit-suppressed.v1 count=23807" },
        { "H97 wireguard-go", "<30>Nov 22 12:00:00 vpn-01 wireguard-go[99]: peer(abcd) - Receiving keepalive packet", IgnoredOtherImplementation, "" },
        { "H97 boringtun", "<30>Nov 22 12:00:00 vpn-01 boringtun: HANDSHAKE(REKEY_AFTER_TIME)", IgnoredOtherImplementation, "" },
        { "H97 wg-quick", "<30>Nov 22 12:00:00 vpn-01 wg-quick[9]: [#] ip link add wg0 type wireguard", IgnoredOtherImplementation, "" },
        { "H97 OpenBSD", "<7>Nov 22 12:00:00 fw /bsd: wg0: Receiving keepalive packet from peer 1", IgnoredOtherImplementation, "" },
        // The counter by host is the fold's: HandshakeTrouble. No table of sources exists that a flood could fill.
        { "H98 invalid initiation", Head + Kernel + "Invalid handshake initiation from 198.51.100.7:1234", Event, "event=handshake-initiation-invalid.v1 peer= endpoint=198.51.100.7:1234" },
        { "H98 invalid MAC", Head + Kernel + "Invalid MAC of handshake, dropping packet from 198.51.100.7:1234", Event, "event=handshake-mac-invalid.v1 peer=" },
        { "H99 unallowed source", Head + Kernel + "Packet has unallowed src IP (10.0.0.9) from peer 17 (203.0.113.5:51820)", Event, "endpoint=203.0.113.5:51820 source=10.0.0.9" },

        // G. Encoding and terminal
        { "H89 ESC in a device name", Head + "[12345.678901] wireguard: wg\u001b[1m: Peer 1 created", Event, "interface=wg\\x1b[1m" },
        { "H89 UTF-8 device name", Head + "[12345.678901] wireguard: wg-\u00c3\u00bf: Peer 1 created", Event, "interface=wg-\\xc3\\xbf" },
        { "H89 emoji device name", Head + "[12345.678901] wireguard: \u00f0\u009f\u0098\u0080: Peer 1 created", Event, "interface=\\xf0\\x9f\\x98\\x80" },
        { "H100 NUL inside", Head + Kernel + "Receiving keepalive packet from peer 17\0 (203.0.113.5:51820)", RejectedControlCharacter, "" },
        { "H101 overlong", Head + "[12345.678901] wireguard: wg\u00c0\u00af: Peer 1 created", Event, "interface=wg\\xc0\\xaf" },
        { "H101 lone continuation", Head + "[12345.678901] wireguard: wg\u00bf: Peer 1 created", Event, "interface=wg\\xbf" },
        { "H101 surrogate", Head + "[12345.678901] wireguard: w\u00ed\u00a0\u0080: Peer 1 created", RejectedControlCharacter, "" },
        { "H101 cut 4-byte form", Head + "[12345.678901] wireguard: w\u00f0\u009f\u0098: Peer 1 created", RejectedControlCharacter, "" },
        { "H102 UTF-16LE", string.Concat(L0.Select(letter => letter + "\0")), RejectedEncoding, "" },
        { "H102 UTF-16BE", string.Concat(L0.Select(letter => "\0" + letter)), RejectedEncoding, "" },
        { "H102 UTF-16 with BOM", "\u00ff\u00fe" + string.Concat(L0.Select(letter => letter + "\0")), RejectedEncoding, "" },
        { "H102 UCS-4", string.Concat(L0.Select(letter => "\0\0\0" + letter)), RejectedEncoding, "" },
        { "H102 Latin-1", Head + "[12345.678901] wireguard: wg\u00ff: Peer 1 created", Event, "interface=wg\\xff" },
        { "H103 Cyrillic host", "<7>Nov 22 12:00:00 v\u00d1\u0080\u00d0\u00bd-01 kernel: " + Body, RejectedHost, "" },
        { "H103 bidi override in host", "<7>Nov 22 12:00:00 vpn\u00e2\u0080\u00ae01 kernel: " + Body, RejectedHost, "" },
        { "H103 zero width in host", "<7>Nov 22 12:00:00 vpn\u00e2\u0080\u008b01 kernel: " + Body, RejectedHost, "" },
        { "H103 bidi override in text", Head + Kernel + "New \u00e2\u0080\u00ae words", Event, "event=unrecognized.v1" },
        { "H104 OSC", Head + "[12345.678901] wireguard: \u001b]0;pwn\u0007: Peer 1 created", RejectedControlCharacter, "" },
        { "H104 clear screen", Head + "[12345.678901] wireguard: \u001b[2J: Peer 1 created", Event, "interface=\\x1b[2J" },
        { "H105 C1", Head + "[12345.678901] wireguard: \u009b31m: Peer 1 created", RejectedControlCharacter, "" },
        { "H105 C1 as UTF-8", Head + "[12345.678901] wireguard: \u00c2\u009b31m: Peer 1 created", RejectedControlCharacter, "" },
        { "H105 DEL", Head + "[12345.678901] wireguard: wg\u007f: Peer 1 created", RejectedControlCharacter, "" },
        { "H105 lone CR", L0 + "\rforged", RejectedControlCharacter, "" },

        // J. Downstream: what could carry them does not pass, or passes as text.
        { "H117 header in a device name", Head + "[12345.678901] wireguard: wg0\r\nBcc: x: Peer 1 created", RejectedControlCharacter, "" },
        { "H117 line end in a host", "<7>1 2026-11-22T12:00:00Z vpn\r\n01 kernel - - - " + Body, RejectedControlCharacter, "" },
        { "H118 chat markup", Head + "[12345.678901] wireguard: <!channel>: Peer 1 created", Event, "interface=<!channel>" },
        { "H119 script", Head + "[12345.678901] wireguard: <script>: Peer 1 created", Event, "interface=<script>" },
        { "H120 label", Head + "[12345.678901] wireguard: a\"b\\: Peer 1 created", Event, "interface=a\"b\\x5c" },
        { "H121 formula", Head + "[12345.678901] wireguard: =cmd(): Peer 1 created", Event, "interface==cmd()" },
        { "H122 template", Head + "[12345.678901] wireguard: {{.Env.S}}: Peer 1 created", Event, "interface={{.Env.S}}" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_ends_as_the_table_says(string name, string datagram, LineOutcome outcome, string fields)
    {
        var pipeline = new TestPipeline(new() { StripDomains = ["example"] });

        var read = pipeline.Read(datagram);
        var accepted = pipeline.Accept(TestPipeline.Bytes(datagram));

        Assert.True(outcome == read.Outcome, $"{name}: expected {outcome}, was {read.Outcome}");
        Assert.Equal(outcome, accepted);
        foreach (var field in fields.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = field.IndexOf('=');
            Assert.Equal(field[(equals + 1)..], read.Fields[field[..equals]]);
        }
        AssertSum(pipeline.Counts());
        var shown = read.Fields.Values.Concat(pipeline.Pipeline.ReadRejected().Select(line => line.Line.Text)).Concat(pipeline.Pipeline.ReadUnrecognized().Select(line => line.Text));
        Assert.All(shown, text => Assert.DoesNotContain(text, letter => letter is < ' ' or > '~'));
    }

    [Fact]
    public async Task H37_a_datagram_of_the_largest_size_is_refused_whole_and_the_next_is_read()
    {
        var pipeline = new TestPipeline();
        using var listener = new UdpSyslogListener(new() { Address = new(IPAddress.Loopback, 0) }, pipeline.Pipeline, TimeProvider.System, NullLogger.Instance);
        listener.Start();
        using var sender = new SyslogSender(listener.LocalEndPoint);

        sender.Send(TestPipeline.Bytes(new string('A', 65_507)));
        sender.Send(TestPipeline.Bytes(L0));
        await Wait.Until(() => pipeline.Counts().Received == 2, "both are counted");
        await listener.StopAsync(TimeSpan.FromSeconds(5));

        Assert.Equal((1, 1), (pipeline.Counts().Of(RejectedOversize), pipeline.Counts().Of(Event)));
        AssertSum(pipeline.Counts());
    }

    [Theory]
    [InlineData("127.0.0.1", 0)]
    [InlineData("255.255.255.255", 514)]
    [InlineData("224.0.0.1", 514)]
    [InlineData("ff02::1", 514)]
    [InlineData("::ffff:255.255.255.255", 514)]
    public void H42_a_source_that_nobody_can_be_is_dropped(string address, int port)
    {
        var pipeline = new TestPipeline();

        var possible = FrameSource.TryRead(new IPEndPoint(IPAddress.Parse(address), port).Serialize(), out var source);
        pipeline.Pipeline.Refuse(DroppedSource, TestPipeline.Bytes(L0), TestPipeline.Received, source);

        Assert.False(possible);
        Assert.Equal(1, pipeline.Counts().Of(DroppedSource));
        AssertSum(pipeline.Counts());
    }

    [Fact]
    public async Task H45_datagrams_that_the_kernel_throws_away_are_counted()
    {
        var pipeline = new TestPipeline();
        // Never started: nobody fetches what arrives.
        using var listener = new UdpSyslogListener(new() { Address = new(IPAddress.Loopback, 0), ReceiveBufferBytes = 4096 }, pipeline.Pipeline, TimeProvider.System, NullLogger.Instance);
        using var sender = new SyslogSender(listener.LocalEndPoint);
        Assert.Equal(0, listener.Drops.Read());

        for (var n = 0; n < 1000; n++) sender.Send(TestPipeline.Bytes(L0));

        await Wait.Until(() => listener.Drops.Read() > 0, "the kernel drops some");
    }

    public static TheoryData<string> Messages() =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "messages.tsv")).Skip(1).Select(row => row.Split('\t')[9].Replace("\\t", "\t"))];

    /// <summary>Which event each one becomes stands in the tests of the grammar.</summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void H94_every_message_of_the_kernel_is_an_event_in_every_layout(string message)
    {
        Assert.All([Head, "<7>2026-11-22T12:00:00.882452+00:00 vpn-01 kernel: ", V1 + "- "], header => Assert.Equal(Event, new TestPipeline().Read(header + message).Outcome));
    }

    /// <summary>No time is measured: what could not be linear is not there.</summary>
    [Fact]
    public void H114_near_matches_meet_no_regular_expression()
    {
        Assert.DoesNotContain(typeof(CollectorPipeline).Assembly.GetReferencedAssemblies(), assembly => assembly.Name == "System.Text.RegularExpressions");
        foreach (var message in Messages().Select(row => row.Data))
        {
            var pipeline = new TestPipeline();
            var stuffed = string.Concat(Enumerable.Repeat(message[..^1], 60_000 / message.Length));
            pipeline.Accept(TestPipeline.Bytes(Head + Kernel + stuffed));
            pipeline.Accept(TestPipeline.Bytes(Head + message[..^1] + new string(message[^1], 60_000)));
            AssertSum(pipeline.Counts());
        }
    }

    [Fact]
    public void H115_counters_stay_exact_beyond_what_a_double_holds()
    {
        const long edge = 1L << 53;
        var counts = new LineCounts();
        var outcomes = (long[])typeof(LineCounts).GetField("outcomes", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(counts)!;
        outcomes[(int)Event] = edge - 1;
        typeof(LineCounts).GetProperty(nameof(LineCounts.Received))!.SetValue(counts, edge - 1);
        var series = Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()).CreateCounter("c", "c");
        var before = 0.0;

        for (var n = edge; n < edge + 5; n++)
        {
            counts.Add(Event);
            Assert.Equal((n, n), (counts.Of(Event), counts.Received));
            AssertSum(counts);
            series.IncTo(counts.Received);
            Assert.True(series.Value >= before, $"{series.Value} after {before}");
            before = series.Value;
        }
    }

    [Theory]
    [InlineData("H46 no PRI", "Nov 22 12:00:00 vpn-01 kernel: " + Body, RejectedPriority)]
    [InlineData("H52 other facility", "<13>Nov 22 12:00:00 vpn-01 kernel: " + Body, RejectedFacility)]
    [InlineData("L0", L0, Event)]
    public void Strict_mode_takes_only_the_kernels_own_lines(string name, string datagram, LineOutcome outcome)
    {
        var read = new TestPipeline(new() { Syslog = SyslogMode.Strict }).Read(datagram);

        Assert.True(outcome == read.Outcome, name);
    }

    [Fact]
    public void Foreign_facilities_are_counted()
    {
        var pipeline = new TestPipeline();

        pipeline.Accept(TestPipeline.Bytes("<13>" + L0[3..]));
        pipeline.Accept(TestPipeline.Bytes(L0));

        Assert.Equal(1, pipeline.Counts().FacilityMismatches);
    }

    [Fact]
    public void A_relays_word_on_the_host_counts_only_when_it_is_trusted()
    {
        var read = new TestPipeline(new() { TrustRelayedHost = true }).Read("<7>Nov 22 12:00:00 Message forwarded from vpn-01: kernel: " + Body);

        Assert.Equal("vpn-01", read.Fields["host"]);
    }

    /// <summary>H54: the header and the text cut at every byte.</summary>
    [Theory]
    [InlineData(L0)]
    [InlineData("<7>2026-11-22T12:00:00.882452+00:00 vpn-01 kernel: " + Body)]
    [InlineData(V1 + "- " + Body + "\n")]
    public void A_cut_line_never_gives_the_event_of_another_line(string line)
    {
        var bytes = TestPipeline.Bytes(line);
        var whole = line.TrimEnd('\n').Length;
        for (var length = 0; length < whole; length++)
        {
            var (outcome, fields) = new TestPipeline().Read(bytes.AsSpan(0, length));

            // A new wording of the kernel cannot be told from a cut one; both are kept as text and change nobody's state.
            Assert.True(outcome != Event || fields["event"] == "unrecognized.v1", $"{length} bytes gave {outcome}: {string.Join(' ', fields)}");
        }
        Assert.Equal(Event, new TestPipeline().Read(bytes).Outcome);
    }

    [Fact]
    public void H116_a_flood_of_bad_lines_leaves_a_bounded_number_of_escaped_samples()
    {
        var pipeline = new TestPipeline();

        for (var n = 0; n < 100_000; n++) pipeline.Accept(TestPipeline.Bytes($"<7>\u001b[31mbad line {n} \u00ff"));

        var samples = pipeline.Pipeline.ReadRejected();
        Assert.Equal(SampleRing.SamplesMax, samples.Count);
        Assert.Equal("<7>\\x1b[31mbad line 99999 \\xff", samples[^1].Line.Text);
        Assert.Equal("198.51.100.7:514", samples[^1].Line.Source);
    }

    internal static void AssertSum(LineCounts counts) => Assert.Equal(
        counts.Received,
        counts.Of(LineOutcomeKind.Event) + counts.Of(LineOutcomeKind.Ignored) + counts.Of(LineOutcomeKind.Rejected) + counts.Of(LineOutcomeKind.Dropped));
}
