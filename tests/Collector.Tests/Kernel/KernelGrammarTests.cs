using System.Text;
using WgMonitor.Collector.Kernel;
using WgMonitor.Events;
using Xunit;

namespace WgMonitor.Collector.Tests.Kernel;

/// <summary>Every row of the grammar table against the parser; the table is the list of all texts the kernel can print.</summary>
public class KernelGrammarTests
{
    private sealed record Row(string Id, string Example, string Scope, string EndpointKinds);

    /// <summary>Rows whose wording an event of another name carries, with the reason in the name of the event.</summary>
    private static readonly Dictionary<string, string> SharedEvents = new()
    {
        ["interface-deleted"] = "interface-destroyed.v1",
        ["xmit-no-peer-v4"] = "xmit-no-peer.v1",
        ["xmit-no-peer-v6"] = "xmit-no-peer.v1",
        ["no-route-v4"] = "no-route.v1",
        ["no-route-v6"] = "no-route.v1",
        ["handshake-restart-no-answer"] = "handshake-restarted-no-answer.v1",
        ["core-net-ratelimit"] = "net-ratelimit-suppressed.v1",
        ["core-netdev-renamed"] = "interface-renamed.v1",
        ["core-netdev-renamed-up"] = "interface-renamed.v1",
        ["core-module-out-of-tree"] = "module-tainted.v1",
        ["core-module-unsigned"] = "module-tainted.v1",
        ["oot-routing-loop"] = "routing-loop-detected.v1",
        ["oot-no-peer-configured"] = "xmit-no-peer.v1",
        ["oot-too-many-handshakes"] = "handshake-packet-dropped.v1",
        ["oot-packet-missing-version"] = "packet-not-ip.v1",
        ["oot-packet-neither"] = "packet-not-ip.v1",
        ["oot-packet-lying-size"] = "packet-size-incorrect.v1",
        ["oot-invalid-packet"] = "packet-malformed.v1",
        ["oot-module-unloaded"] = "module-unloaded.v1",
        ["oot-module-loaded-io"] = "module-loaded.v1",
    };

    private static IEnumerable<Row> Rows() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "messages.tsv"))
        .Skip(1)
        .Select(line => line.Split('\t'))
        .Select(cells => new Row(cells[0], cells[9].Replace("\\t", "\t"), cells[11], cells[6]));

    public static TheoryData<string, string> Examples() => [.. Rows().Select(row => (row.Id, row.Example))];

    private static string EventOf(string id) => SharedEvents.GetValueOrDefault(id) ?? id switch
    {
        _ when id.StartsWith("selftest-") => "module-self-test.v1",
        _ when id.StartsWith("trie-") => "trie-printed.v1",
        _ when id.StartsWith("oot-skb-") => "packet-malformed.v1",
        _ when id.StartsWith("oot-hashlimit-") => "module-requirement-missing.v1",
        _ when id.StartsWith("oot-module-copyright-") => "module-copyright.v1",
        _ => id + ".v1",
    };

    internal static (KernelParse Outcome, string Fields) Parse(string text) => Parse(Encoding.Latin1.GetBytes(text));

    internal static (KernelParse Outcome, string Fields) Parse(byte[] text)
    {
        var fields = new EventFields { Host = "h"u8, At = 1, Received = 1 };
        var outcome = KernelMessageParser.Parse(text, ref fields);
        if (outcome != KernelParse.Event) return (outcome, "");
        var sink = new TextSink(new StringBuilder());
        EventEncoder.Write(fields, ref sink);
        return (outcome, sink.Text.ToString().TrimEnd());
    }

    private readonly struct TextSink(StringBuilder text) : IEventFieldSink
    {
        public StringBuilder Text => text;

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
        {
            if (name.SequenceEqual("host"u8) || name.SequenceEqual("at"u8) || name.SequenceEqual("received"u8) || value.IsEmpty) return;
            text.Append($"{Encoding.ASCII.GetString(name)}={Encoding.ASCII.GetString(value)} ");
        }
    }

    [Fact]
    public void The_table_has_all_61_mainline_5_core_and_22_out_of_tree_rows()
    {
        Assert.Equal(["core 5", "mainline 61", "oot 22"], Rows().GroupBy(row => row.Scope).Select(group => $"{group.Key} {group.Count()}").Order());
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_row_parses_to_its_event(string id, string example)
    {
        var (outcome, fields) = Parse(example);

        Assert.Equal(KernelParse.Event, outcome);
        Assert.StartsWith($"event={EventOf(id)} ", fields + " ");
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_row_parses_behind_every_decoration(string id, string example)
    {
        string[] decorations = ["wireguard: ", "wg_peer_create: ", "63: ", "[158] ", "<intr> ", "wireguard:wg_peer_create: ", "wg_peer_create:63: ", "wireguard:63: ",
            "[219] wireguard:wg_peer_create:63: ", "<intr> wireguard:wg_packet_consume_data_done:359: ", "drivers/net/wireguard/peer.c: ",
            "drivers/net/wireguard/peer.c:63: ", "[254] wireguard:wg_peer_create:drivers/net/wireguard/peer.c:63: "];
        string[] stamps = ["", " ", "[   27.319294] ", "[1234567.890123] ", "[   27.319294][  T158] ", "[   27.319294][    C0] ", "  [    0.000001] "];
        var plain = Parse(example).Fields;
        var decorated = example.StartsWith("wireguard: ");

        foreach (var stamp in stamps)
        {
            foreach (var decoration in decorated ? [.. decorations, ""] : new[] { "" })
            {
                var (outcome, fields) = Parse(stamp + decoration + example);
                Assert.True(outcome == KernelParse.Event, $"{id}: '{stamp}{decoration}' gave {outcome}");
                Assert.Equal(plain, string.Join(' ', fields.Split(' ').Where(field => !field.StartsWith("uptime="))));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void AmneziaWG_lines_are_the_same_events_with_their_module_named(string id, string example)
    {
        if (!example.StartsWith("wireguard: ")) return;
        var (outcome, fields) = Parse("amnezia" + example.Replace("wireguard: ", "wg: "));
        Assert.True(outcome == KernelParse.Event, id);
        Assert.Contains("module=amneziawg", fields);
        Assert.StartsWith($"event={EventOf(id)} ", fields);
    }

    [Theory]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)", "event=keepalive-received.v1 interface=wg0 peer=17 endpoint=203.0.113.5:51820")]
    [InlineData("[   27.319294] wireguard: wg0: Peer 1 created", "event=peer-created.v1 uptime=27319294 interface=wg0 peer=1")]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 3 ([2001:db8::2]:51821/0%0)", "event=keepalive-received.v1 interface=wg0 peer=3 endpoint=[2001:db8::2]:51821")]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 3 ([fe80::c12:feff:feb0:5e]:51821/0%2)", "event=keepalive-received.v1 interface=wg0 peer=3 endpoint=[fe80::c12:feff:feb0:5e%2]:51821")]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 3 ([::ffff:203.0.113.5]:51820/0%0)", "event=keepalive-received.v1 interface=wg0 peer=3 endpoint=203.0.113.5:51820")]
    [InlineData("wireguard: wg0: Peer 3 ((einval)) destroyed", "event=peer-destroyed.v1 interface=wg0 peer=3")]
    [InlineData("wireguard: wg0: Peer 3 ((invalid address)) destroyed", "event=peer-destroyed.v1 interface=wg0 peer=3")]
    [InlineData("wireguard: wg0: Packet has unallowed src IP (fd66::66) from peer 17 (203.0.113.5:51820)", "event=packet-src-unallowed.v1 interface=wg0 peer=17 endpoint=203.0.113.5:51820 source=fd66::66")]
    [InlineData("wireguard: wg0: Handshake for peer 3 (198.51.100.7:51820) did not complete after 5 seconds, retrying (try 2)", "event=handshake-retrying.v1 interface=wg0 peer=3 endpoint=198.51.100.7:51820 seconds=5 attempt=2")]
    [InlineData("wireguard: wg0: No route to [2001:db8:ffff::9]:4444/0%0, error -101", "event=no-route.v1 interface=wg0 endpoint=[2001:db8:ffff::9]:4444 error=-101")]
    [InlineData("message repeated 3 times: [ wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)]", "event=keepalive-received.v1 interface=wg0 peer=17 endpoint=203.0.113.5:51820 repeat=3")]
    [InlineData("message repeated 2 times: [ [   27.319294] wireguard: wg0: Invalid IP packet]", "event=xmit-invalid-ip.v1 uptime=27319294 interface=wg0 repeat=2")]
    [InlineData("wireguard: wireguard: Interface created", "event=interface-created.v1 interface=wireguard")]
    [InlineData("wireguard: wg0: Something the kernel never said before", "event=unrecognized.v1 text=wg0: Something the kernel never said before")]
    [InlineData("wireguard: wg0: Peer index 3 renamed", "event=unrecognized.v1 text=wg0: Peer index 3 renamed")]
    [InlineData("net_ratelimit: 23807 callbacks suppressed", "event=net-ratelimit-suppressed.v1 count=23807")]
    [InlineData("office: renamed from wg8 (while UP)", "event=interface-renamed.v1 interface=office old_name=wg8")]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 18446744073709551615 (203.0.113.5:0)", "event=keepalive-received.v1 interface=wg0 peer=18446744073709551615 endpoint=203.0.113.5:0")]
    [InlineData("wireguard: wg-\u00ff\u001b\"{}: Peer 1 created", "event=peer-created.v1 interface=wg-\\xff\\x1b\"{} peer=1")]
    public void A_line_gives_its_fields(string line, string fields) => Assert.Equal((KernelParse.Event, fields), Parse(line));

    [Theory]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820) extra", KernelParse.BadGrammar)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820", KernelParse.BadGrammar)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820))", KernelParse.BadGrammar)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)wireguard: wg0: Peer 1 created", KernelParse.BadGrammar)]
    [InlineData("foo wireguard: wg0: Peer 1 created", KernelParse.BadGrammar)]
    [InlineData("[ 12:00:01 ] wireguard: wg0: Peer 1 created", KernelParse.BadGrammar)]
    [InlineData("wireguard: wg0123456789abcd: Peer 1 created", KernelParse.BadInterface)]
    [InlineData("wireguard: wg0: Peer -1 created", KernelParse.BadPeer)]
    [InlineData("wireguard: wg0: Peer +1 created", KernelParse.BadPeer)]
    [InlineData("wireguard: wg0: Peer 1e3 created", KernelParse.BadPeer)]
    [InlineData("wireguard: wg0: Peer 0x11 created", KernelParse.BadPeer)]
    [InlineData("wireguard: wg0: Peer  17 created", KernelParse.BadPeer)]
    [InlineData("wireguard: wg0: Peer 18446744073709551616 created", KernelParse.BadPeer)]
    [InlineData("wireguard: wg0: Peer \u00d9\u00a1\u00d9\u00a7 created", KernelParse.BadPeer)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (127.1:51820)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (0x7f000001:51820)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (010.0.0.1:51820)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (1.2.3:51820)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (1.2.3.4.5:51820)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (256.1.1.1:51820)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (1.2.3.4 :51820)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:65536)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:-1)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820x)", KernelParse.BadEndpoint)]
    [InlineData("wireguard: wg0: Receiving keepalive packet from peer 17 ([2001:db8:::1]:51820/0%0)", KernelParse.BadEndpoint)]
    [InlineData("usb 1-1: new high-speed USB device number 2", KernelParse.NotWireGuard)]
    [InlineData("(wg0) 2026/11/22 peer(abcd) - Receiving keepalive packet", KernelParse.NotWireGuard)]
    [InlineData("awg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)", KernelParse.NotWireGuard)]
    [InlineData("", KernelParse.NotWireGuard)]
    public void A_line_that_no_kernel_prints_is_no_event(string line, KernelParse expected) => Assert.Equal(expected, Parse(line).Outcome);

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_row_cut_at_any_byte_never_throws_and_never_yields_another_endpoint(string id, string example)
    {
        var whole = Parse(example).Fields;
        for (var cut = 0; cut < example.Length; cut++)
        {
            var (outcome, fields) = Parse(example[..cut]);
            if (outcome != KernelParse.Event || !fields.Contains("endpoint=")) continue;
            Assert.True(whole.StartsWith(fields[..fields.IndexOf("endpoint=")]) && !example.Contains('('), $"{id} cut at {cut}: {fields}");
        }
    }
}
