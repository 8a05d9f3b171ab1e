using System.Diagnostics;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Listeners;

/// <summary>What real senders send: rsyslogd by each of its transports, and logger.</summary>
public sealed class RsyslogTests : IDisposable
{
    private readonly TempDirectory files = new();
    private readonly TestAuthority authority = new();

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }

    private (string Listen, RsyslogForward Forward) Setup(string transport)
    {
        var address = "address = \"127.0.0.1:0\"\n";
        if (!transport.EndsWith("tls"))
        {
            var plain = transport switch { "tcp lines" => RsyslogForward.TcpLines, "tcp counted" => RsyslogForward.TcpCounted, _ => RsyslogForward.Relp };
            return ($"[[collector.listen]]\nprotocol = \"{(transport == "relp" ? "relp" : "tcp")}\"\n{address}", plain);
        }
        var client = authority.Issue(new() { DnsNames = ["vpn-01"] });
        var ca = files.Write("ca.pem", authority.Pem);
        var (certificate, key) = (files.Write("client.pem", client.ExportCertificatePem()), files.Write("client-key.pem", TestAuthority.KeyPem(client)));
        var server = files.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()));
        var listen = $"[[collector.listen]]\nprotocol = \"{transport.Split(' ')[0]}\"\n{address}certificate = \"{server}\"\nclient_certificate = \"require\"\nclient_ca = \"{ca}\"\n";
        return (listen, transport == "tls" ? RsyslogForward.Tls(ca, certificate, key) : RsyslogForward.RelpTls(ca, certificate, key));
    }

    private static IEnumerable<string> Lines(int count) =>
        Enumerable.Range(0, count).Select(n => $"<7>[   90.246220] wireguard: wg0: Keypair {n} created for peer 17");

    [Theory]
    [InlineData("tcp lines", SyslogTemplate.TraditionalForward)]
    [InlineData("tcp lines", SyslogTemplate.SyslogProtocol23)]
    [InlineData("tcp counted", SyslogTemplate.Forward)]
    [InlineData("tcp counted", SyslogTemplate.SyslogProtocol23)]
    [InlineData("tls", SyslogTemplate.SyslogProtocol23)]
    [InlineData("relp", SyslogTemplate.TraditionalForward)]
    [InlineData("relp tls", SyslogTemplate.SyslogProtocol23)]
    public async Task Every_line_of_a_real_rsyslogd_stands_in_the_log_once_and_in_order(string transport, SyslogTemplate template)
    {
        var (listen, forward) = Setup(transport);
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: listen);
        await using var rsyslog = await RsyslogServer.StartAsync(collector.Stream().Port, template, forward: forward);

        await rsyslog.WriteAsync(Lines(2000));
        await Wait.Until(() => collector.Counts().Of(LineOutcome.Event) >= 2000, $"all lines are received; rsyslogd says: {rsyslog.Log}");
        await rsyslog.StopAsync();
        await collector.AllAppended(2000);

        var events = (await TestCollector.ReadLogAsync(redis)).Where(fields => fields["event"] == "keypair-created.v1").ToList();
        Assert.Equal(Enumerable.Range(0, 2000), events.Select(fields => int.Parse(fields["keypair"])));
        Assert.All(events, fields => Assert.Equal("vpn-01", fields["host"]));
        Assert.Equal(0, collector.Counts().Of(LineOutcomeKind.Rejected) + collector.Counts().Of(LineOutcomeKind.Dropped));
    }

    /// <summary>The lines that rsyslogd has sent ahead and that are not acknowledged are sent again: none is missing.</summary>
    [Theory]
    [InlineData("relp")]
    [InlineData("relp tls")]
    public async Task A_collector_that_is_restarted_under_a_real_omrelp_misses_no_line(string transport)
    {
        var (listen, forward) = Setup(transport);
        var port = FreePort.Tcp();
        listen = listen.Replace("127.0.0.1:0", $"127.0.0.1:{port}");
        await using var redis = await RedisServer.StartAsync();
        var collector = await TestCollector.StartAsync(redis, listen: listen);
        await using var rsyslog = await RsyslogServer.StartAsync(port, forward: forward);

        var writing = rsyslog.WriteAsync(Lines(6000), Pace.Messages(2000));
        for (var restart = 0; restart < 2; restart++)
        {
            await Wait.Until(() => collector.Counts().Received > 500, $"lines flow; rsyslogd says: {rsyslog.Log}");
            await collector.StopAsync();
            await collector.DisposeAsync();
            collector = await TestCollector.StartAsync(redis, listen: listen);
        }
        await writing;
        await Wait.Until(
            async () => (await TestCollector.ReadLogAsync(redis)).Select(fields => fields.GetValueOrDefault("keypair")).Distinct().Count() >= 6000,
            $"all lines stand in the log; rsyslogd says: {rsyslog.Log}");

        Assert.Equal(Enumerable.Range(0, 6000), (await TestCollector.ReadLogAsync(redis)).Select(fields => int.Parse(fields["keypair"])).Distinct().Order());
        await collector.DisposeAsync();
    }

    [Theory]
    [InlineData("--octet-count", "--rfc5424")]
    [InlineData("--octet-count", "--rfc3164")]
    public async Task Lines_of_logger_are_understood(string framing, string format)
    {
        var (listen, _) = Setup("tcp counted");
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: listen);
        var arguments = new[] { "--tcp", framing, format, "--server", "127.0.0.1", "--port", $"{collector.Stream().Port}", "--priority", "user.debug", "--tag", "kernel" };

        using var logger = Process.Start(Executable.Find("logger", "bsdutils"), [.. arguments, "wireguard: wg0: Keypair 7 created for peer 17"]);
        await logger.WaitForExitAsync();
        await collector.AllAppended(1);

        Assert.Equal(1, collector.Counts().Of(LineOutcome.Event));
        Assert.Equal("7", Assert.Single(await TestCollector.ReadLogAsync(redis))["keypair"]);
    }
}
