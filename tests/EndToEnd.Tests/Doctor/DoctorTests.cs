using System.Text;
using System.Text.Json;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Doctor;

/// <summary><c>wgmonitor doctor</c> beside running services: it tells apart why nothing arrives, and sees when all is well.</summary>
public sealed class DoctorTests
{
    private const string Often = "status_interval = \"1s\"";

    private static ReadOnlyMemory<byte> Line(string text) => Encoding.ASCII.GetBytes($"<7>1 2026-11-22T13:00:00.000000+00:00 vpn-01 {text}");

    private static readonly ReadOnlyMemory<byte> Keepalive = Line("kernel - - - [  100.000000] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.1:1)");

    [Fact]
    public async Task Nothing_at_the_port_is_told_apart_from_the_rest()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Often);

        var (exitCode, checks) = await ExamineAsync(product, "lines");

        Assert.Equal(1, exitCode);
        var lines = checks["lines"];
        Assert.Equal("bad", lines.State);
        Assert.Equal($"nothing has come to udp 127.0.0.1:{product.SyslogPort}", lines.Finding);
        Assert.Contains("loopback", lines.Next);
        Assert.Equal("good", checks["projector"].State);
        Assert.Equal("good", checks["notifier"].State);
    }

    [Theory]
    [InlineData("allow = [\"192.0.2.0/24\"]", "kernel - - - [  100.000000] wireguard: wg0: Peer 7 created", "1 packets came, all from sources that are not allowed, the last from 127.0.0.1:", "collector.allow")]
    [InlineData("", "sshd - - - Connection closed", "1 lines came, none of them the kernel's", "imklog")]
    [InlineData("", "kernel - - - [  100.000000] eth0: link up", "none of its WireGuard module", "module wireguard +p")]
    [InlineData("", "kernel - - - [  100.000000] wireguard: wg0: Peers are happy", "1 WireGuard lines came, in words that are not understood: \"<7>1 ", "explain")]
    public async Task What_comes_and_is_no_use_is_told_with_the_next_step(string options, string text, string finding, string next)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: $"{Often}\n{options}");
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([Line(text)], datagrams => sender.SendAsync(datagrams));

        var (exitCode, checks) = await ExamineAsync(product, "lines", lines => !lines.Finding.StartsWith("nothing", StringComparison.Ordinal));

        Assert.Equal(1, exitCode);
        Assert.Equal("bad", checks["lines"].State);
        Assert.Contains(finding, checks["lines"].Finding);
        Assert.Contains(next, checks["lines"].Next);
    }

    [Fact]
    public async Task Senders_that_are_not_allowed_are_named_for_every_protocol_and_beside_one_that_is()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        using var senders = new StreamSenders();
        await using var product = await Deployment.StartAsync(redis, collector: $"{Often}\nallow = [\"127.0.0.1\"]\n{senders.Listen()}");

        // TLS ends before it has begun: who is not allowed is told by the address alone.
        foreach (var port in senders.Ports) Assert.Equal("", await StreamSender.ReadRefusalAsync(port, StreamSenders.Stranger));
        var (exitCode, checks) = await ExamineAsync(product, "senders", check => check.Finding.Contains("3 connections", StringComparison.Ordinal));

        Assert.Equal((1, "bad", "bad"), (exitCode, checks["senders"].State, checks["lines"].State));
        Assert.StartsWith("senders connect but are not allowed: 3 connections, the last from 127.0.0.2:", checks["senders"].Finding);
        Assert.Contains("collector.allow", checks["senders"].Next);
        Assert.StartsWith($"3 connections came to udp 127.0.0.1:{product.SyslogPort}, tcp {senders.Ports[0]}, tls {senders.Ports[1]}, relp {senders.Ports[2]}, and no line", checks["lines"].Finding);

        using var allowed = new SyslogSender(product.SyslogPort);
        await product.SendAsync([Keepalive], datagrams => allowed.SendAsync(datagrams));
        (exitCode, checks) = await ExamineAsync(product, "lines", check => check.State == "good");

        Assert.Equal((0, "warning"), (exitCode, checks["senders"].State));
        Assert.StartsWith("senders connect but are not allowed: 3 connections", checks["senders"].Finding);
        Assert.Contains("collector.allow", checks["senders"].Next);
    }

    [Theory]
    [InlineData(1, "no TLS", "TLS handshakes fail: 1 connection, the last from 127.0.0.1:", "openssl s_client")]
    [InlineData(1, "no certificate", "TLS handshakes fail: the sender shows no client certificate: 1 connection, the last from 127.0.0.1:", "StreamDriver.CertFile")]
    [InlineData(0, "TLS", "senders begin a TLS handshake at a port that speaks none: 1 connection, the last from 127.0.0.1:", "protocol \"tls\"")]
    [InlineData(2, "no RELP", "senders speak no proper RELP at a RELP port: 1 connection, the last from 127.0.0.1:", "omrelp")]
    [InlineData(0, "silence", "1 connections came to ", "kern.*")]
    public async Task What_connects_and_brings_no_line_is_told_with_the_next_step(int listener, string how, string finding, string next)
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        using var senders = new StreamSenders();
        await using var product = await Deployment.StartAsync(redis, collector: $"{Often}\n{senders.Listen()}", collectorOnly: true);

        await using var connection = await senders.MisconnectAsync(senders.Ports[listener], how);
        var name = how == "silence" ? "lines" : "senders";
        var (exitCode, checks) = await ExamineAsync(product, name, check => !check.Finding.StartsWith("nothing", StringComparison.Ordinal));

        Assert.Equal((1, "bad"), (exitCode, checks[name].State));
        Assert.StartsWith(finding, checks[name].Finding);
        Assert.Contains(next, checks[name].Next);
    }

    [Fact]
    public async Task Events_that_do_not_get_into_the_log_and_a_log_that_does_not_get_into_the_state_are_told()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Often, collectorOnly: true);
        await product.Connection.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "-xadd");
        using var sender = new SyslogSender(product.SyslogPort);
        await sender.SendAsync([Keepalive]);

        var (exitCode, checks) = await ExamineAsync(product, "appending");

        Assert.Equal((1, "good"), (exitCode, checks["lines"].State));
        Assert.Equal("1 events wait, and none has got into the log", checks["appending"].Finding);
        Assert.Contains("right", checks["appending"].Next);

        await product.Connection.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "+xadd");
        (exitCode, checks) = await ExamineAsync(product, "event log", check => check.Finding.StartsWith("1 events", StringComparison.Ordinal));

        Assert.Equal((1, "bad"), (exitCode, checks["event log"].State));
        Assert.Equal("1 events kept, 0 hosts known: what is in the log does not get into the state", checks["event log"].Finding);
        Assert.Contains("projector", checks["event log"].Next);
    }

    [Fact]
    public async Task Waiting_ends_when_a_WireGuard_line_came()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, collector: Often);
        using var sender = new SyslogSender(product.SyslogPort);

        await using var doctor = product.Command("doctor", "--wait");
        await Wait.Until(() => doctor.StandardOutput.Contains("[FAIL] lines: nothing has come", StringComparison.Ordinal), "the doctor sees that nothing comes");
        await product.SendAsync([Keepalive], datagrams => sender.SendAsync(datagrams));

        Assert.Equal(0, await doctor.ExitAsync());
        Assert.Contains("[ok]   lines: 1 received, 1 of them events", doctor.StandardOutput);
        Assert.Contains("[warn] trust: lines of vpn-01 come over UDP", doctor.StandardOutput);
    }

    [Fact]
    public async Task Without_a_redis_it_says_what_to_start()
    {
        using var directory = new TempDirectory();

        var (exitCode, output, _) = await WgMonitorProgram.RunAsync(directory.Path, ["doctor"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("[FAIL] redis: there is none to ask", output);
        Assert.Contains("start `wgmonitor up`", output);
    }

    /// <summary>Asks until the collector has written the status that is meant.</summary>
    private static async Task<(int ExitCode, Dictionary<string, (string State, string Finding, string Next)> Checks)> ExamineAsync(
        Deployment product, string name, Func<(string State, string Finding, string Next), bool>? until = null)
    {
        var found = (ExitCode: -1, Checks: new Dictionary<string, (string State, string Finding, string Next)>());
        await Wait.Until(async () =>
        {
            await using var doctor = product.Command("doctor", "--output", "json");
            found.ExitCode = await doctor.ExitAsync();
            using var document = JsonDocument.Parse(doctor.StandardOutput);
            found.Checks = document.RootElement.GetProperty("checks").EnumerateArray().GroupBy(check => check.GetProperty("name").GetString()!).ToDictionary(
                checks => checks.Key, checks => (Text(checks.First(), "state"), Text(checks.First(), "finding"), Text(checks.First(), "next")));
            return found.Checks.TryGetValue(name, out var check) && (until is null || until(check));
        }, $"the doctor has looked at {name}", TimeSpan.FromSeconds(60));
        return found;
    }

    private static string Text(JsonElement check, string property) => check.GetProperty(property).GetString() ?? "";
}
