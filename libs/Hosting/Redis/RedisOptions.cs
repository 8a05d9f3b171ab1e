using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace WgMonitor.Hosting;

/// <summary>
/// <c>[redis]</c>: where Redis is, one server, a Redis Cluster, or what Redis Sentinel watches. Either <c>url</c>, or <c>host</c>, <c>port</c> and <c>db</c> as in the original tool; nothing given means
/// <c>127.0.0.1:6379</c>, database 0.
/// </summary>
public sealed class RedisOptions : IOptionsRules
{
    private static readonly string[] Schemes = ["redis", "rediss", "unix"];

    /// <summary>
    /// <c>redis://[user[:password]@]host[:port][/db]</c>, <c>rediss://…</c> for TLS, or <c>unix:///path/redis.sock</c>. Default: none.
    /// Excludes <c>host</c> and <c>port</c>.
    /// </summary>
    public Uri? Url { get; set; }

    /// <summary>Host name or address. Default 127.0.0.1.</summary>
    public string? Host { get; set; }

    /// <summary>TCP port, 1 to 65535. Default 6379.</summary>
    [Range(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Database number, 0 to 1023. Default 0.</summary>
    [Range(0, 1023)]
    public int? Db { get; set; }

    /// <summary>
    /// Further nodes, each <c>host:port</c>, beside the one that <c>url</c>, or <c>host</c> and <c>port</c>, names: of a Redis Cluster, or sentinels. One that
    /// answers tells the others; the more are named, the more may be away at a start. Default: none.
    /// </summary>
    public List<string> Nodes { get; set; } = [];

    /// <summary>
    /// Name under which Redis Sentinel knows the primary, e.g. <c>mymaster</c>; <c>url</c>, or <c>host</c> and <c>port</c>, and <c>nodes</c> name the
    /// sentinels then. User and password are the same for both. Default: none.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9._-]{1,64}$")]
    public string? SentinelService { get; set; }

    /// <summary>User of the access control list; used only together with a password. Default: Redis' own <c>default</c>.</summary>
    public string? Username { get; set; }

    /// <summary>Password; empty means none. Default: none. Also <c>password_file</c>.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>Speak TLS, as a <c>rediss://</c> URL does. The certificate must be valid for the host. Default false.</summary>
    public bool Tls { get; set; }

    /// <summary>How long one attempt to connect may take, 100ms to 60s. Default 2s. Attempts go on for ever.</summary>
    [DurationRange("100ms", "60s")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one command may wait for its answer before it counts as failed, 100ms to 60s. Default 5s.</summary>
    [DurationRange("100ms", "60s")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>True when the configuration says where Redis is; false leaves the choice to the caller.</summary>
    public bool IsGiven => Url is not null || Host is not null || Port is not null || Db is not null || Username is not null || Password is not null || Tls || Nodes.Count > 0 || SentinelService is not null;

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        foreach (var node in Nodes.Where(node => !TryParseNode(node, out _)))
            yield return new("nodes", $"'{node}' must be host:port, like \"10.0.0.7:6379\" or \"[fd00::7]:6379\"");
        if (Nodes.Count > 0 && Url?.Scheme == "unix") yield return new("nodes", "contradicts url, which is a socket of this machine");
        if (SentinelService is not null && Url?.Scheme == "unix") yield return new("sentinel_service", "contradicts url, which is a socket of this machine");
        if (Url is null) yield break;
        if (!Schemes.Contains(Url.Scheme)) yield return new("url", "must begin with redis://, rediss:// or unix://");
        if (Host is not null) yield return new("host", "contradicts url", "Keep one of them");
        if (Port is not null) yield return new("port", "contradicts url", "Keep one of them");
        if (Url.Scheme == "unix") yield break;
        if (!TryParseDatabase(Url, out var urlDb)) yield return new("url", "must have a database number, or nothing, after the host");
        if (Db is not null && urlDb is not null) yield return new("db", $"contradicts url, which names database {urlDb}", "Keep one of them");
        if (!string.IsNullOrEmpty(Password) && Url.UserInfo.Contains(':'))
            yield return new("password", "contradicts url, which has a password too", "Keep one of them");
    }

    /// <summary>The settings for the client library. Connecting never throws because Redis is away; the multiplexer goes on trying.</summary>
    /// <param name="clientName">Shown by <c>CLIENT LIST</c>, e.g. <c>wgmonitor-collector</c>.</param>
    public ConfigurationOptions ToConfigurationOptions(string clientName)
    {
        var credentials = (Url?.UserInfo ?? "").Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        var password = !string.IsNullOrEmpty(Password) ? Password : credentials is [_, var fromUrl] ? fromUrl : null;
        var user = credentials[0].Length > 0 ? credentials[0] : Username;
        var host = Url is { Scheme: not "unix" } ? Url.IdnHost : Host ?? "127.0.0.1";
        var options = new ConfigurationOptions
        {
            ClientName = clientName,
            // A server that was a replica when we connected gets no command, so only this shows that it was promoted. The library's default is 60.
            ConfigCheckSeconds = 2,
            AbortOnConnectFail = false,
            ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds,
            AsyncTimeout = (int)CommandTimeout.TotalMilliseconds,
            SyncTimeout = (int)CommandTimeout.TotalMilliseconds,
            // The library's default waits up to a minute between attempts; Redis restarts in seconds.
            ReconnectRetryPolicy = new ExponentialRetry(100, 2000),
            DefaultDatabase = (Url is { Scheme: not "unix" } && TryParseDatabase(Url, out var db) ? db : null) ?? Db ?? 0,
            Password = password,
            User = password is null ? null : user,
            Ssl = Tls || Url?.Scheme == "rediss",
            ServiceName = SentinelService,
        };
        if (options.Ssl) options.SslHost = host;
        options.EndPoints.Add(EndPoint(host));
        foreach (var node in Nodes)
            if (TryParseNode(node, out var endpoint)) options.EndPoints.Add(endpoint);
        return options;
    }

    private EndPoint EndPoint(string host)
    {
        if (Url?.Scheme == "unix") return new UnixDomainSocketEndPoint(Uri.UnescapeDataString(Url.AbsolutePath));
        var port = Url is { Port: > 0 } ? Url.Port : Port ?? 6379;
        return EndPoint(host, port);
    }

    private static EndPoint EndPoint(string host, int port) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);

    private static bool TryParseNode(string text, out EndPoint endpoint)
    {
        endpoint = null!;
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) return false;
        var host = text[..colon];
        if (Uri.CheckHostName(host.Trim('[', ']')) == UriHostNameType.Unknown) return false;
        endpoint = EndPoint(host, port);
        return true;
    }

    private static bool TryParseDatabase(Uri url, out int? database)
    {
        var path = url.AbsolutePath.Trim('/');
        database = int.TryParse(path, out var number) && number is >= 0 and <= 1023 ? number : null;
        return path.Length == 0 || database is not null;
    }
}
