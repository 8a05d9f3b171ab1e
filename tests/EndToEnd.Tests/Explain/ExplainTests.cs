using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Explain;

public sealed class ExplainTests
{
    private static async Task<(int ExitCode, string Output)> ExplainAsync(params string[] arguments)
    {
        using var directory = new TempDirectory();
        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["explain", .. arguments]);
        Assert.Equal("", error);
        return (exitCode, output);
    }

    [Fact]
    public async Task A_line_that_becomes_an_event_is_shown_with_its_fields()
    {
        var (exitCode, output) = await ExplainAsync("<7>Nov 22 12:57:54 vpn-01 kernel: [   90.246220] wireguard: wg0: Receiving handshake initiation from peer 17 (203.0.113.5:51820)");

        Assert.Equal(0, exitCode);
        var lines = output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Contains("form           syslog, RFC 3164", lines);
        Assert.Contains("host           vpn-01", lines);
        Assert.Contains("time           of receipt: the header's has no offset from UTC", lines);
        Assert.Contains("event          handshake-initiation-received.v1", lines);
        Assert.Contains("peer         17", lines);
        Assert.Contains("endpoint     203.0.113.5:51820", lines);
    }

    [Theory]
    [InlineData("[   90.246220] wireguard: wg0: Peer 3 created", "kernel", "event", null)]
    [InlineData("<7>1 2026-11-22T13:06:39.882452+00:00 vpn-gw kernel - - - wireguard: wg0: Peer 3 created", "rfc5424", "event", null)]
    [InlineData("net_ratelimit: 12 callbacks suppressed", "kernel", "event", null)]
    [InlineData("<30>Nov 22 12:57:54 vpn-01 sshd[1]: Connection closed", "rfc3164", "ignored", "not_kernel")]
    [InlineData("<7>Nov 22 12:57:54 vpn-01 kernel: wireguard: wg0: Receiving keepalive packet from peer 3 (300.1.1.1:1)", "rfc3164", "rejected", "endpoint")]
    [InlineData("<999>Nov 22 12:57:54 vpn-01 kernel: x", "unknown", "rejected", "priority")]
    public async Task Form_outcome_and_reason_are_told(string line, string form, string outcome, string? reason)
    {
        var (exitCode, output) = await ExplainAsync(line, "--output", "json");

        using var document = JsonDocument.Parse(output);
        var explanation = document.RootElement[0];
        Assert.Equal(outcome == "event" ? 0 : 1, exitCode);
        Assert.Equal(form, explanation.GetProperty("form").GetString());
        Assert.Equal(outcome, explanation.GetProperty("outcome").GetString());
        Assert.Equal(reason, explanation.GetProperty("reason").GetString());
        Assert.NotEqual("", explanation.GetProperty("meaning").GetString());
    }

    [Fact]
    public async Task What_a_stranger_sent_is_printed_escaped()
    {
        var (exitCode, output) = await ExplainAsync("<7>Nov 22 12:57:54 vpn-01 kernel: wireguard: \u001b[2J\u0007");

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("\u001b", output);
        Assert.Contains("\\x1b[2J\\x07", output);
        Assert.Contains("outcome        rejected: control_character", output);
    }
}
