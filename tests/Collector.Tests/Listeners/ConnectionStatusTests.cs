using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Collector.Tests.Listeners;

/// <summary>What a running collector says in Redis of the connections it had.</summary>
public sealed class ConnectionStatusTests : IDisposable
{
    private const string Quick = "status_interval = \"100ms\"\n";

    private readonly TempDirectory files = new();
    private readonly TestAuthority authority = new();

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }

    private string Listen() => $"""
        [[collector.listen]]
        protocol = "tcp"
        address = "127.0.0.1:0"
        [[collector.listen]]
        protocol = "tls"
        address = "127.0.0.1:0"
        certificate = "{files.Write("server.pem", TestAuthority.PemWithKey(authority.IssueServer()))}"
        client_certificate = "require"
        client_ca = "{files.Write("ca.pem", authority.Pem)}"
        [[collector.listen]]
        protocol = "relp"
        address = "127.0.0.1:0"

        """;

    private static async Task<CollectorConnections> SaidAsync(RedisServer redis, Func<CollectorConnections, bool> condition)
    {
        await using var connection = await redis.ConnectAsync();
        var store = new CollectorStatusStore(connection, new(new StreamKeys(redis.KeyPrefix)));
        CollectorConnections? found = null;
        await Wait.Until(
            async () => (found = (await store.ReadAsync(default)).Select(status => status.Connections).FirstOrDefault(said => said is not null && condition(said))) is not null,
            "the collector says what is waited for");
        return found!;
    }

    [Fact]
    public async Task Connections_are_counted_and_the_last_of_each_wrong_end_is_named()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Quick + "allow = [\"127.0.0.1\"]\n", listen: Listen());
        foreach (var listener in new[] { 0, 1, 2 }) Assert.Equal("", await StreamSender.ReadRefusalAsync(collector.Stream(listener), IPAddress.Parse("127.0.0.2")));
        await using (var orderly = await StreamSender.ConnectAsync(collector.Stream()))
        {
            await orderly.SendAsync(TestPipeline.L0 + "\n");
            await collector.AllAppended(1);
        }
        await using var open = await StreamSender.ConnectAsync(collector.Stream(2));

        var said = await SaidAsync(redis, said => said is { Accepted: 5, Open: 1 } && said.Closed.Values.Sum() == 4);

        Assert.Equal([("peer", 1), ("source_not_allowed", 3)], said.Closed.Select(reason => (reason.Key, reason.Value)));
        var end = Assert.Single(said.Last);
        Assert.Equal(("source_not_allowed", ""), (end.Reason, end.Detail));
        Assert.Contains((end.Protocol, end.Address), new[] { ("tcp", $"{collector.Stream()}"), ("tls", $"{collector.Stream(1)}"), ("relp", $"{collector.Stream(2)}") });
        Assert.StartsWith("127.0.0.2:", end.Source);
    }

    [Fact]
    public async Task Whatever_a_certificate_says_of_itself_is_short_and_printable_in_the_status()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var collector = await TestCollector.StartAsync(redis, Quick, listen: Listen());
        using var others = new TestAuthority("Other CA");
        var name = "\u001b[31m\u00e9<script>" + new string('x', 40);
        using var certificate = others.Issue(new() { CommonName = name });

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var sender = await StreamSender.ConnectAsync(collector.Stream(1), Client(certificate));
            await sender.ReadUntilAsync("never");
        });
        var said = await SaidAsync(redis, said => said.Last.Count == 1);

        var end = said.Last[0];
        Assert.Equal(("tls_certificate_untrusted", "tls"), (end.Reason, end.Protocol));
        Assert.Contains("x1b[31m", end.Detail);
        Assert.DoesNotContain(end.Detail, letter => letter is < ' ' or > '~');
        Assert.InRange(end.Detail.Length, 1, 256);
    }

    private SslClientAuthenticationOptions Client(X509Certificate2 certificate)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true),
        };
        options.CertificateChainPolicy.CustomTrustStore.Add(authority.Certificate);
        return options;
    }
}
