using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Listeners;

/// <summary>What a real syslog-ng sends, by both of its drivers and each of their transports.</summary>
public sealed class SyslogNgTests : IDisposable
{
    private const int Lines = 2000;

    private readonly TempDirectory files = new();
    private readonly TestAuthority authority = new();

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }

    private string Listen(string transport, string framing)
    {
        var listen = $"[[collector.listen]]\nprotocol = \"{transport}\"\naddress = \"127.0.0.1:0\"\n{framing}\n";
        if (transport != "tls") return listen;
        var server = files.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()));
        return $"{listen}certificate = \"{server}\"\nclient_certificate = \"require\"\nclient_ca = \"{files.Write("ca.pem", authority.Pem)}\"\n";
    }

    private string Tls(string transport)
    {
        if (transport != "tls") return "";
        var client = authority.Issue(new() { DnsNames = ["vpn-01"] });
        var (certificate, key) = (files.Write("client.pem", client.ExportCertificatePem()), files.Write("client-key.pem", TestAuthority.KeyPem(client)));
        return $"tls(ca-file(\"{files.File("ca.pem")}\") cert-file(\"{certificate}\") key-file(\"{key}\") peer-verify(required-trusted))";
    }

    [Theory]
    [InlineData("network", "udp", "")]
    [InlineData("syslog", "udp", "")]
    [InlineData("network", "tcp", "")]
    [InlineData("syslog", "tcp", "")]
    [InlineData("network", "tls", "framing = \"lines\"")]
    [InlineData("syslog", "tls", "")]
    public async Task Every_line_of_a_real_syslog_ng_stands_in_the_log_once_and_in_order(string driver, string transport, string framing)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen(transport, framing));
        var port = transport == "udp" ? collector.Port : collector.Stream().Port;
        await using var sender = await SyslogNgServer.StartAsync($"{driver}(\"127.0.0.1\" port({port}) transport(\"{transport}\") {Tls(transport)})");

        // By UDP nothing else slows it down.
        await sender.WriteAsync(Enumerable.Range(0, Lines).Select(n => $"<7>[   90.246220] wireguard: wg0: Keypair {n} created for peer 17"), transport == "udp" ? Pace.Messages(2000) : default);
        await Wait.Until(() => collector.Counts().Received >= Lines, $"all lines are received; syslog-ng says: {sender.Log}");
        await collector.AllAppended(Lines);

        var events = await TestCollector.ReadLogAsync(redis);
        Assert.Equal(Enumerable.Range(0, Lines), events.Select(fields => int.Parse(fields["keypair"])));
        Assert.All(events, fields => Assert.Equal(("vpn-01", "90246220"), (fields["host"], fields["uptime"])));
        Assert.Equal(0, collector.Counts().Of(LineOutcomeKind.Rejected) + collector.Counts().Of(LineOutcomeKind.Dropped));
    }
}
