using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Collector.Listeners;
using WgMonitor.Collector.Tls;
using WgMonitor.Hosting;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Tls;

/// <summary>Syslog over TLS with certificates made here: who gets in, who does not, and what a certificate says of its holder.</summary>
public sealed class TlsTests : IDisposable
{
    private const string L0 = TestPipeline.L0;
    private const string Counted = "124 " + L0;

    private readonly TempDirectory files = new();
    private readonly TestAuthority authority = new();

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }

    private string Listen(string more = "", string protocol = "tls") =>
        $"[[collector.listen]]\nprotocol = \"{protocol}\"\naddress = \"127.0.0.1:0\"\ncertificate = \"{files.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()))}\"\n{more}\n";

    private string RequireClients(string use = "require") => $"client_certificate = \"{use}\"\nclient_ca = \"{files.Write("ca.pem", authority.Pem)}\"\n";

    private SslClientAuthenticationOptions Client(X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None, params X509Certificate2[] chain)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = protocols,
            CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        options.CertificateChainPolicy.CustomTrustStore.Add(authority.Certificate);
        if (certificate is not null) options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [.. chain], offline: true);
        return options;
    }

    /// <summary>With TLS 1.3 a client learns of its refusal only when it goes on.</summary>
    private static async Task AssertRefusedAsync(TestCollector collector, SslClientAuthenticationOptions client, string reason)
    {
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var sender = await StreamSender.ConnectAsync(collector.Stream(), client);
            await sender.SendAsync(Counted);
            await sender.ReadUntilAsync("never");
        });
        await Wait.Until(async () => await collector.ClosedAsync(reason) == 1, $"the handshake is refused as {reason}");
        Assert.Equal(0, collector.Counts().Received);
    }

    [Fact]
    public async Task Lines_over_tls_stand_in_the_log_in_order()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());
        await using var sender = await StreamSender.ConnectAsync(collector.Stream(), Client());

        await sender.SendAsync(string.Concat(Enumerable.Range(0, 5000).Select(n => $"<7>Nov 22 12:00:00 vpn-01 kernel: wireguard: wg0: Keypair {n} created for peer 17")
            .Select(line => $"{line.Length} {line}")));
        await collector.AllAppended(5000);

        Assert.Equal(Enumerable.Range(0, 5000), (await TestCollector.ReadLogAsync(redis)).Select(fields => int.Parse(fields["keypair"])));
    }

    /// <summary>
    /// The sender never reads. With TLS 1.3 it could not do so: the session tickets of OpenSSL, which .NET cannot turn off, stay unread at its end and make its close
    /// a reset, which throws away what its kernel has not sent yet.
    /// </summary>
    [Fact]
    public async Task A_sender_of_tls_1_2_that_closes_behind_its_last_line_loses_none()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());

        await using (var sender = await StreamSender.ConnectAsync(collector.Stream(), Client(null, SslProtocols.Tls12))) await sender.SendAsync(string.Concat(Enumerable.Repeat(Counted, 50_000)));
        await Wait.Until(async () => await collector.ClosedAsync("peer") + await collector.ClosedAsync("reset") == 1, "the connection ends");

        Assert.Equal((50_000L, 1d), (collector.Counts().Received, await collector.ClosedAsync("peer")));
    }

    [Fact]
    public async Task Lines_are_taken_over_tls_only_where_that_is_wanted()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen() + Listen("framing = \"auto\""));
        await using var strict = await StreamSender.ConnectAsync(collector.Stream(0), Client());
        await using var lenient = await StreamSender.ConnectAsync(collector.Stream(1), Client());

        await strict.SendAsync(L0 + "\n");
        await lenient.SendAsync(L0 + "\n");

        Assert.Equal("", await strict.ReadToEndAsync());
        await collector.AllAppended(1);
        await Wait.Until(async () => await collector.ClosedAsync("frame_length") == 1, "lines are refused");
    }

    [Fact]
    public async Task H29_plain_text_on_the_tls_port_ends_there()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());

        await sender.SendAsync(Counted);
        await sender.ReadToEndAsync();

        await Wait.Until(async () => await collector.ClosedAsync("tls_handshake") == 1, "the handshake fails");
        Assert.Equal(0, collector.Counts().Received);
    }

    [Fact]
    public async Task H106_a_client_with_a_certificate_of_the_authority_gets_in()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen(RequireClients()));
        await using var sender = await StreamSender.ConnectAsync(collector.Stream(), Client(authority.Issue(new() { DnsNames = ["vpn-01"] })));

        await sender.SendAsync(Counted);

        await collector.AllAppended(1);
        Assert.Equal(1, collector.Counts().Of(LineOutcome.Event));
    }

    [Fact]
    public async Task H106_a_client_behind_an_intermediate_authority_gets_in_when_it_sends_that_certificate()
    {
        using var intermediate = authority.Intermediate("Intermediate");
        var certificate = intermediate.Issue(new());
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen(RequireClients()));
        await using (var sender = await StreamSender.ConnectAsync(collector.Stream(), Client(certificate, SslProtocols.None, intermediate.Certificate))) await sender.SendAsync(Counted);
        await collector.AllAppended(1);
        Assert.Equal(1, collector.Counts().Of(LineOutcome.Event));

        await using var other = await TestCollector.StartAsync(redis, listen: Listen(RequireClients()));
        await AssertRefusedAsync(other, Client(certificate), "tls_certificate_untrusted");
    }

    public static TheoryData<string, string> Refused() => new()
    {
        { "H106 no client cert", "tls_certificate_missing" },
        { "H106 expired", "tls_certificate_time" },
        { "H106 not yet valid", "tls_certificate_time" },
        { "H106 wrong CA", "tls_certificate_untrusted" },
        { "H106 self-signed", "tls_certificate_untrusted" },
        { "H106 revoked", "tls_certificate_revoked" },
        { "H106 wrong EKU", "tls_certificate_usage" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task H106_a_wrong_certificate_is_refused_in_the_handshake(string name, string reason)
    {
        using var stranger = new TestAuthority("Test CA");
        var revoked = authority.Issue(new());
        authority.Revoke(revoked);
        var certificate = name[5..] switch
        {
            "expired" => authority.Issue(new() { FromDay = -10, ToDay = -1 }),
            "not yet valid" => authority.Issue(new() { FromDay = 1, ToDay = 10 }),
            "wrong CA" => stranger.Issue(new()),
            "self-signed" => stranger.Certificate,
            "revoked" => revoked,
            "wrong EKU" => authority.Issue(new() { Usage = CertificateForm.ServerAuthentication }),
            _ => null,
        };
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(
            redis, listen: Listen(RequireClients() + $"client_crl = \"{files.Write("crl.pem", authority.RevocationListPem())}\"\n"));

        await AssertRefusedAsync(collector, Client(certificate), reason);

        await using var good = await StreamSender.ConnectAsync(collector.Stream(), Client(authority.Issue(new())));
        await good.SendAsync(Counted);
        await collector.AllAppended(1);
    }

    /// <summary>H104: what a stranger writes into a certificate must not move the operator's terminal or make lines of the log.</summary>
    [Fact]
    public async Task H104_the_name_in_a_refused_certificate_is_told_escaped_and_cut()
    {
        using var stranger = new TestAuthority("\u001b[2J\r\nforged \u202e" + new string('n', 10_000));
        var server = files.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()));
        var options = new ListenOptions { Protocol = ListenProtocol.Tls, Certificate = server, ClientCertificate = ClientCertificateUse.Require };
        var handshake = new TlsHandshake(new(new(server, server, files.Write("ca.pem", authority.Pem), null), TimeProvider.System, NullLogger.Instance), options, [], TimeProvider.System);
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var client = new SslStream(new DuplexPipeStream(new Ends(toClient.Reader, toServer.Writer)));

        var greeting = client.AuthenticateAsClientAsync(Client(stranger.Certificate), TestContext.Current.CancellationToken);
        await using var result = await handshake.AuthenticateAsync(new Ends(toServer.Reader, toClient.Writer), TestContext.Current.CancellationToken);
        await toClient.Writer.CompleteAsync();
        await Record.ExceptionAsync(() => greeting);

        Assert.Equal(CloseReason.TlsCertificateUntrusted, result.Failure);
        Assert.Contains("\\x1b[2J\\x0d\\x0aforged", result.Detail);
        Assert.DoesNotContain(result.Detail!, letter => letter is < ' ' or > '~');
        Assert.InRange(result.Detail!.Length, 1, 2000);
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    [Fact]
    public async Task A_requested_certificate_may_be_missing_but_not_wrong()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen(RequireClients("request")));
        using var stranger = new TestAuthority();

        await AssertRefusedAsync(collector, Client(stranger.Issue(new())), "tls_certificate_untrusted");

        await using var without = await StreamSender.ConnectAsync(collector.Stream(), Client());
        await without.SendAsync(Counted);
        await collector.AllAppended(1);
    }

    /// <summary>H107: the host that a certificate stands for.</summary>
    [Theory]
    [InlineData("DNS name", "VPN-01.example.org", "", "vpn-01")]
    [InlineData("first of several", "vpn-02,vpn-03", "", "vpn-02")]
    [InlineData("address", "", "2001:DB8::0:1", "2001:db8::1")]
    [InlineData("name before address", "vpn-04", "192.0.2.1", "vpn-04")]
    [InlineData("wildcard *", "*", "", null)]
    [InlineData("wildcard *.example", "*.example", "", null)]
    [InlineData("wildcard *.*.example", "*.*.example", "", null)]
    [InlineData("wildcard, then a name", "*.example,vpn-05", "", null)]
    [InlineData("CN only", "", "", null)]
    [InlineData("NUL", "vpn-01\0.evil.example", "", null)]
    [InlineData("path", "../vpn-01", "", null)]
    public void H107_a_certificate_stands_for_its_first_name(string name, string dnsNames, string addresses, string? host)
    {
        using var certificate = authority.Issue(new()
        {
            CommonName = "vpn-cn",
            DnsNames = dnsNames.Split(',', StringSplitOptions.RemoveEmptyEntries),
            Addresses = addresses.Split(',', StringSplitOptions.RemoveEmptyEntries),
        });

        var found = ClientCertificateRule.HostOf(certificate, [CollectorOptions.DomainSuffix("example.org")]);

        Assert.True(host == (found is null ? null : Encoding.ASCII.GetString(found)), name);
    }

    [Fact]
    public async Task H108_a_handshake_that_does_not_end_is_ended()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen("handshake_timeout = \"200ms\""));
        await using var silent = await StreamSender.ConnectAsync(collector.Stream());
        await using var halting = await StreamSender.ConnectAsync(collector.Stream());

        await halting.SendAsync("\u0016\u0003\u0001\u0002\u0000\u0001");
        await silent.ReadToEndAsync();
        await halting.ReadToEndAsync();

        await Wait.Until(async () => await collector.ClosedAsync("tls_handshake_timeout") == 2, "both are ended");
    }

    [Fact]
    public async Task H108_a_record_that_is_too_long_is_refused()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());

        await Record.ExceptionAsync(() => sender.SendAsync("\u0016\u0003\u0003\u0044\u0000" + new string('\0', 17 * 1024)));
        await sender.ReadToEndAsync();

        await Wait.Until(async () => await collector.ClosedAsync("tls_handshake") == 1, "the handshake fails");
    }

    [Theory]
    [InlineData("1.0", '\u0001')]
    [InlineData("1.1", '\u0002')]
    public async Task H108_old_versions_are_refused(string version, char minor)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());

        // A ClientHello of the version, without the extension that offers newer ones.
        var body = $"\u0003{minor}{new string('R', 32)}\0\0\u0002\u0000\u002f\u0001\0";
        var hello = $"\u0001\0\0{(char)body.Length}{body}";
        await using var sender = await StreamSender.ConnectAsync(collector.Stream());
        await sender.SendAsync($"\u0016\u0003\u0001\0{(char)hello.Length}{hello}");
        var answer = await sender.ReadToEndAsync();

        // An alert (21) or nothing, and never a ServerHello.
        Assert.True(answer.Length == 0 || answer[0] == '\u0015', version);
        await Wait.Until(async () => await collector.ClosedAsync("tls_handshake") == 1, "the handshake fails");
    }

    [Fact]
    public async Task H109_a_thousand_bad_handshakes_and_then_a_good_one()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());

        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, _) =>
        {
            await using var sender = await StreamSender.ConnectAsync(collector.Stream());
            await Record.ExceptionAsync(() => sender.SendAsync(n % 2 == 0 ? Counted : "\u0016\u0003\u0001\0\u0004\u0001\0\0\0"));
            if (n % 3 == 0) sender.Reset();
            else await sender.ReadToEndAsync();
        });
        // Those that the sender broke off count as that where it was seen first.
        await Wait.Until(async () => await collector.ClosedAsync("tls_handshake") + await collector.ClosedAsync("reset") == 1000, "all have failed");

        Assert.InRange(await collector.ClosedAsync("tls_handshake"), 666, 1000);
        Assert.Equal(0, (await collector.ScrapeAsync())["wgmonitor_collector_connections_open"]);
        await using var good = await StreamSender.ConnectAsync(collector.Stream(), Client());
        await good.SendAsync(Counted);
        await collector.AllAppended(1);
    }

    [Fact]
    public async Task H110_a_certificate_is_exchanged_under_load()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());
        await using var old = await StreamSender.ConnectAsync(collector.Stream(), Client());
        using var stop = new CancellationTokenSource();
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested; sent += 10) await old.SendAsync(string.Concat(Enumerable.Repeat(Counted, 10)));
        });

        Replace("broken");
        Assert.Equal("CN=collector", await SubjectAsync(collector));
        Replace(TestAuthority.PemWithKey(authority.IssueServer("next")));
        await Wait.Until(async () => await SubjectAsync(collector) == "CN=next", "new connections see the new certificate");
        await stop.CancelAsync();
        await sending;

        await collector.AllAppended(sent);
        Assert.Equal(sent, collector.Counts().Of(LineOutcome.Event));
    }

    /// <summary>As a careful operator does it.</summary>
    private void Replace(string pem) => File.Move(files.Write("next.pem", pem), files.File("server.pem"), overwrite: true);

    private async Task<string> SubjectAsync(TestCollector collector)
    {
        var subject = "";
        var options = Client();
        options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            subject = certificate!.Subject;
            return errors == SslPolicyErrors.None;
        };
        await using var sender = await StreamSender.ConnectAsync(collector.Stream(), options);
        return subject;
    }

    [Fact]
    public async Task Relp_runs_over_tls_with_client_certificates()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen(RequireClients(), "relp"));
        await using var sender = await StreamSender.ConnectAsync(collector.Stream(), Client(authority.Issue(new() { DnsNames = ["vpn-01"] })));

        await sender.SendAsync($"1 open 14 relp_version=0\n2 syslog {L0.Length} {L0}\n3 close 0\n");

        Assert.EndsWith("2 rsp 6 200 OK\n3 rsp 0\n0 serverclose 0\n", await sender.ReadToEndAsync());
        Assert.Single(await TestCollector.ReadLogAsync(redis));
    }

    [Fact]
    public async Task A_stop_over_tls_takes_what_has_arrived()
    {
        await using var redis = await RedisServer.StartAsync();
        var collector = await TestCollector.StartAsync(redis, listen: Listen());
        await using var sender = await StreamSender.ConnectAsync(collector.Stream(), Client());
        await using var idle = await StreamSender.ConnectAsync(collector.Stream(), Client());

        await sender.SendAsync(string.Concat(Enumerable.Repeat(Counted, 2000)));
        await Wait.Until(() => collector.Counts().Received > 0, "lines flow");
        await collector.StopAsync();

        Assert.Equal(2000, (await TestCollector.ReadLogAsync(redis)).Count);
        Assert.Equal("", await idle.ReadToEndAsync());
        await collector.DisposeAsync();
    }

    [Theory]
    [InlineData("no file")]
    [InlineData("no certificate")]
    [InlineData("another key")]
    public async Task Files_that_cannot_be_used_at_the_start_are_a_mistake_of_the_configuration(string mistake)
    {
        await using var redis = await RedisServer.StartAsync();
        var path = mistake switch
        {
            "no file" => files.File("missing.pem"),
            "no certificate" => files.Write("wrong.pem", "nothing"),
            _ => files.Write("wrong.pem", authority.IssueServer().ExportCertificatePem() + "\n" + TestAuthority.KeyPem(authority.IssueServer())),
        };

        var error = await Assert.ThrowsAsync<ConfigurationException>(() => TestCollector.StartAsync(redis, listen: $"[[collector.listen]]\nprotocol = \"tls\"\naddress = \"127.0.0.1:0\"\ncertificate = \"{path}\"\n"));

        Assert.Contains("collector.listen[0].certificate: cannot be used with its key and authorities: ", error.Message);
    }

    [Fact]
    public async Task A_client_that_does_not_trust_the_server_hurts_nobody()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, listen: Listen());
        var distrustful = Client();
        distrustful.CertificateChainPolicy!.CustomTrustStore.Clear();

        await Assert.ThrowsAsync<AuthenticationException>(() => StreamSender.ConnectAsync(collector.Stream(), distrustful));
        await using var sender = await StreamSender.ConnectAsync(collector.Stream(), Client());
        await sender.SendAsync(Counted);

        await collector.AllAppended(1);
    }
}
