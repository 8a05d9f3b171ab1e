using System.Net;
using System.Net.Sockets;
using Xunit;

namespace WgMonitor.Hosting.Tests;

public class RedisOptionsTests
{
    [Theory]
    [InlineData("", "127.0.0.1:6379", 0, null, null, false)]
    [InlineData("url = \"redis://127.0.0.1:6380/3\"", "127.0.0.1:6380", 3, null, null, false)]
    [InlineData("url = \"redis://[::1]\"", "[::1]:6379", 0, null, null, false)]
    [InlineData("url = \"redis://wg:p%40ss@redis.example/2\"", "redis.example:6379", 2, "wg", "p@ss", false)]
    [InlineData("url = \"redis://:hunter2@127.0.0.1\"", "127.0.0.1:6379", 0, null, "hunter2", false)]
    [InlineData("url = \"rediss://redis.example:6390\"", "redis.example:6390", 0, null, null, true)]
    [InlineData("url = \"redis://wg@127.0.0.1\"\npassword = \"x\"\ndb = 5", "127.0.0.1:6379", 5, "wg", "x", false)]
    [InlineData("db = 3\nhost = \"localhost\"\npassword = \"\"\nport = 6379\nusername = \"default\"", "localhost:6379", 3, null, null, false)]
    [InlineData("host = \"10.0.0.5\"\nusername = \"wg\"\npassword = \"x\"\ntls = true", "10.0.0.5:6379", 0, "wg", "x", true)]
    public void Both_spellings_lead_to_the_same_connection_settings(string toml, string endPoint, int db, string? user, string? password, bool tls)
    {
        var options = Bind(toml).ToConfigurationOptions("wgmonitor-sample");

        var actual = Assert.Single(options.EndPoints);
        Assert.Equal(endPoint, actual is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : actual.ToString());
        Assert.Equal(db, options.DefaultDatabase);
        Assert.Equal(user, options.User);
        Assert.Equal(password, options.Password);
        Assert.Equal(tls, options.Ssl);
        Assert.False(options.AbortOnConnectFail);
        Assert.Equal("wgmonitor-sample", options.ClientName);
    }

    [Fact]
    public void A_unix_socket_is_reached_by_its_path()
    {
        var options = Bind("url = \"unix:///run/redis/redis.sock\"\ndb = 1").ToConfigurationOptions("x");

        Assert.Equal("/run/redis/redis.sock", Assert.IsType<UnixDomainSocketEndPoint>(Assert.Single(options.EndPoints)).ToString());
        Assert.Equal(1, options.DefaultDatabase);
    }

    [Fact]
    public void Nodes_of_a_cluster_and_sentinels_are_asked_too()
    {
        var cluster = Bind("url = \"redis://10.0.0.7:6379\"\nnodes = [\"10.0.0.8:6379\", \"redis-c:6380\", \"[fd00::9]:6379\"]").ToConfigurationOptions("x");
        var sentinel = Bind("url = \"redis://10.0.0.7:26379\"\nsentinel_service = \"mymaster\"").ToConfigurationOptions("x");

        Assert.Equal(["10.0.0.7:6379", "10.0.0.8:6379", "redis-c:6380", "[fd00::9]:6379"], cluster.EndPoints.Select(node => node is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : node.ToString()));
        Assert.Null(cluster.ServiceName);
        Assert.Equal("mymaster", sentinel.ServiceName);
    }

    [Theory]
    [InlineData("nodes = [\"10.0.0.8\"]", "must be host:port")]
    [InlineData("nodes = [\"10.0.0.8:0\"]", "must be host:port")]
    [InlineData("nodes = [\"a b:6379\"]", "must be host:port")]
    [InlineData("url = \"unix:///run/redis.sock\"\nnodes = [\"10.0.0.8:6379\"]", "contradicts url")]
    [InlineData("url = \"unix:///run/redis.sock\"\nsentinel_service = \"mymaster\"", "contradicts url")]
    public void Nodes_that_cannot_be_are_told(string toml, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => Bind(toml)).Message);

    [Fact]
    public void Only_a_configuration_that_names_a_redis_counts_as_given()
    {
        Assert.False(Bind("command_timeout = \"3s\"").IsGiven);
        Assert.True(Bind("db = 0").IsGiven);
        Assert.True(Bind("url = \"redis://127.0.0.1\"").IsGiven);
    }

    private static RedisOptions Bind(string toml) => ConfigurationDocument.Parse("[redis]\n" + toml).Bind([OptionsSection.Of<RedisOptions>("redis")]).Get<RedisOptions>();
}
