using System.Text;
using WgMonitor.Collector.Syslog;
using Xunit;

namespace WgMonitor.Collector.Tests.Syslog;

/// <summary>Header forms as daemons send them, byte for byte.</summary>
public class SyslogHeaderTests
{
    private const long Received = TestPipeline.Received;

    /// <summary>PRI|time kind|host|app|text, or the refusal.</summary>
    private static string Parse(string line, bool strict = false)
    {
        if (!SyslogHeader.TryParse(TestPipeline.Bytes(line), Received, strict, out var message, out var refusal)) return refusal.ToString();
        return $"{message.Priority}|{message.Time.Kind}|{Text(message.Host)}|{Text(message.AppName)}|{Text(message.Text)}{(message.Relayed ? "|relayed" : "")}";
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    [Theory]
    // rsyslog imklog: the three templates, with the kernel stamp that versions up to 8.2310 leave in the text.
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel: [   13.115771] wireguard: wg0: Peer 1 created",
        "7|WithoutOffset|vpn-gw|kernel|[   13.115771] wireguard: wg0: Peer 1 created")]
    [InlineData("<7>2026-11-22T13:06:39.882452+00:00 vpn-gw kernel: [   13.115771] wireguard: wg0: Peer 1 created",
        "7|WithOffset|vpn-gw|kernel|[   13.115771] wireguard: wg0: Peer 1 created")]
    [InlineData("<7>1 2026-11-22T13:06:39.882452+00:00 vpn-gw kernel - - - [   13.115771] wireguard: wg0: Peer 1 created\n",
        "7|WithOffset|vpn-gw|kernel|[   13.115771] wireguard: wg0: Peer 1 created")]
    // From 8.2312 on the stamp is cut off and its blank stays; a relay doubles the blank too.
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel:  wireguard: wg0: Peer 1 created", "7|WithoutOffset|vpn-gw|kernel|wireguard: wg0: Peer 1 created")]
    [InlineData("<7>1 2026-11-22T13:06:39+00:00 vpn-gw kernel - - -  [   13.115771] wireguard: wg0: Peer 1 created\n",
        "7|WithOffset|vpn-gw|kernel|[   13.115771] wireguard: wg0: Peer 1 created")]
    // PRINTK_CALLER's bracket belongs to the text.
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel: [   27.319294][  T158] wireguard: wg0: Peer 1 created",
        "7|WithoutOffset|vpn-gw|kernel|[   27.319294][  T158] wireguard: wg0: Peer 1 created")]
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel: message repeated 3 times: [ wireguard: wg0: Peer 1 created]",
        "7|WithoutOffset|vpn-gw|kernel|message repeated 3 times: [ wireguard: wg0: Peer 1 created]")]
    // Days with one digit, padded or not.
    [InlineData("<7>Nov  2 13:06:39 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    [InlineData("<7>Nov 2 13:06:39 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    // A year never becomes a host.
    [InlineData("<7>Nov 22 2026 13:06:39 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    [InlineData("<7>Nov 22 13:06:39 2026 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    [InlineData("<7>*Nov 22 13:06:39.123 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    [InlineData("<7>.Nov 22 13:06:39 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    // RFC 3339 with other zones, without zone, and with a blank for the T.
    [InlineData("<7>2026-11-22T13:06:39Z vpn-gw kernel: x", "7|WithOffset|vpn-gw|kernel|x")]
    [InlineData("<7>2026-11-22T13:06:39.5 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    [InlineData("<7>2026-11-22 13:06:39 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    // Host missing or unknown, tag with process number, without blank, without colon.
    [InlineData("<7>Nov 22 13:06:39 kernel: x", "7|WithoutOffset||kernel|x")]
    [InlineData("<7>Nov 22 13:06:39  kernel: x", "7|WithoutOffset||kernel|x")]
    [InlineData("<7>Nov 22 13:06:39 - kernel: x", "7|WithoutOffset||kernel|x")]
    [InlineData("<7>1 2026-11-22T13:06:39Z - kernel - - - x", "7|WithOffset||kernel|x")]
    [InlineData("<7>1 - vpn-gw kernel - - - x", "7|None|vpn-gw|kernel|x")]
    [InlineData("<7>1 - - kernel - - - x", "7|None||kernel|x")]
    [InlineData("<7>1 - - - - - - x", "7|None|||x")]
    [InlineData("<38>Nov 22 13:06:39 vpn-gw sshd[230]: x", "38|WithoutOffset|vpn-gw|sshd|x")]
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel:[   13.115771] x", "7|WithoutOffset|vpn-gw|kernel|[   13.115771] x")]
    [InlineData("<7>Nov 22 13:06:39 vpn-gw last message repeated 5 times", "7|WithoutOffset|vpn-gw||last message repeated 5 times")]
    [InlineData("<7>Nov 22 13:06:39 2001:db8::1 kernel: x", "7|WithoutOffset|2001:db8::1|kernel|x")]
    // Relays.
    [InlineData("<7>Nov 22 13:06:39 Message forwarded from vpn-01: kernel: x", "7|WithoutOffset|vpn-01|kernel|x|relayed")]
    // Without priority.
    [InlineData("Nov 22 13:06:39 vpn-gw kernel: x", "-1|WithoutOffset|vpn-gw|kernel|x")]
    // Line ends of every kind.
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel: x\r\n", "7|WithoutOffset|vpn-gw|kernel|x")]
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel: x\0", "7|WithoutOffset|vpn-gw|kernel|x")]
    // Structured data and byte order marks.
    [InlineData("<7>1 2026-11-22T13:06:39Z vpn-gw kernel - - [origin ip=\"198.51.100.9\"][x y=\"a \\\"b\\] ] c\"] x", "7|WithOffset|vpn-gw|kernel|x")]
    [InlineData("<7>1 2026-11-22T13:06:39Z vpn-gw kernel - - - \u00ef\u00bb\u00bfx", "7|WithOffset|vpn-gw|kernel|x")]
    public void Known_forms_are_taken_apart(string line, string expected) => Assert.Equal(expected, Parse(line));

    [Theory]
    [InlineData("Nov 22 13:06:39 vpn-gw kernel: x", "RejectedPriority")]
    [InlineData("<7>Nov 22 13:06:39 vpn-gw kernel: x", "7|WithoutOffset|vpn-gw|kernel|x")]
    public void Strict_mode_demands_a_priority(string line, string expected) => Assert.Equal(expected, Parse(line, strict: true));

    [Theory]
    [InlineData("<191>Nov 22 13:06:39 h kernel: x", 23)]
    [InlineData("<0>Nov 22 13:06:39 h kernel: x", 0)]
    [InlineData("<13>Nov 22 13:06:39 h kernel: x", 1)]
    public void The_priority_holds_the_facility(string line, int facility)
    {
        Assert.True(SyslogHeader.TryParse(TestPipeline.Bytes(line), Received, false, out var message, out _));
        Assert.Equal(facility, message.Facility);
    }

    [Fact]
    public void Every_prefix_of_every_form_ends_in_a_message_or_a_reason()
    {
        string[] forms =
        [
            TestPipeline.L0,
            "<7>2026-11-22T13:06:39.882452+00:00 vpn-gw kernel: [   13.115771] wireguard: wg0: Peer 1 created",
            "<7>1 2026-11-22T13:06:39.882452+00:00 vpn-gw kernel - - [a b=\"c\\\"\"] \u00ef\u00bb\u00bf[   13.115771] wireguard: wg0: Peer 1 created",
            "<7>Nov 22 12:00:00 2026 Message forwarded from vpn-01: kernel[1]: x",
        ];

        foreach (var form in forms)
        {
            var bytes = TestPipeline.Bytes(form);
            for (var length = 0; length <= bytes.Length; length++)
            {
                var parsed = SyslogHeader.TryParse(bytes.AsSpan(0, length), Received, false, out var message, out var refusal);
                Assert.True(parsed ? !message.Text.IsEmpty : refusal != LineOutcome.Event, $"{length} bytes of {form}");
            }
        }
    }

    [Fact]
    public void Near_matches_of_a_megabyte_are_read_in_linear_time()
    {
        // Quadratic time would need minutes for each of these.
        string[] shapes = ["<7>1 - - - - - [", "<7>1 - - - - - " + new string('[', 1 << 20), new string('1', 1 << 20), "<7>Nov 22 12:00:00 Message forwarded from "];
        foreach (var shape in shapes)
        {
            var line = TestPipeline.Bytes(shape + new string('a', 1 << 20));

            Assert.False(SyslogHeader.TryParse(line, Received, false, out _, out var refusal), shape[..Math.Min(shape.Length, 40)]);
            Assert.Contains(refusal, new[] { LineOutcome.RejectedStructuredData, LineOutcome.RejectedHeader, LineOutcome.RejectedVersion });
        }
    }
}
