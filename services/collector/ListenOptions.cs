using System.ComponentModel.DataAnnotations;
using System.Net;
using WgMonitor.Collector.Framing;
using WgMonitor.Collector.Trust;
using WgMonitor.Events;
using WgMonitor.Hosting;

namespace WgMonitor.Collector;

/// <summary>What a listener speaks.</summary>
public enum ListenProtocol
{
    Udp,
    Tcp,
    Tls,
    Relp,
}

/// <summary>What a TLS listener wants of a client's certificate.</summary>
public enum ClientCertificateUse
{
    /// <summary>It is not asked for.</summary>
    None,

    /// <summary>It may be missing; one that comes has to count.</summary>
    Request,

    /// <summary>Without one that counts there is no connection.</summary>
    Require,
}

/// <summary>One <c>[[collector.listen]]</c>.</summary>
public sealed class ListenOptions : IOptionsRules
{
    /// <summary>
    /// <c>udp</c> (default), <c>tcp</c> (RFC 6587), <c>tls</c> (RFC 5425), or <c>relp</c>, which acknowledges every message; with a certificate RELP runs over TLS.
    /// </summary>
    public ListenProtocol Protocol { get; set; } = ListenProtocol.Udp;

    /// <summary>
    /// IP address and port. Default 127.0.0.1 and 9999 for udp and tcp, 6514 for tls, 2514 for relp. <c>[::]:9999</c> listens on all addresses, IPv4 too.
    /// </summary>
    public IPEndPoint? Address { get; set; }

    /// <summary>
    /// What names the host of a line: <c>certificate</c> (default: the client certificate's where it names one, else the header's), <c>header</c>, or
    /// <c>source</c>, the address it came from. Another host that the header claims is kept in the event as <c>claimed_host</c> and counted.
    /// </summary>
    public HostFrom HostFrom { get; set; } = HostFrom.Certificate;

    /// <summary>
    /// UDP: socket buffer, where a burst waits. Default 8MiB, 4KiB to 1GiB. Without CAP_NET_ADMIN the kernel grants at most net.core.rmem_max.
    /// </summary>
    [SizeRange("4KiB", "1GiB")]
    public int ReceiveBufferBytes { get; set; } = 8 << 20;

    /// <summary>
    /// UDP: sockets on the address, each with a thread and a buffer of its own; the kernel deals senders out among them. Default 1, 1 to 16. More than one
    /// helps where a single thread does not empty its buffer in time; any process of the same user may then share the address.
    /// </summary>
    [Range(1, 16)]
    public int Sockets { get; set; } = 1;

    /// <summary>Longest message. Default 8KiB, 480B to 65535B. A longer one is rejected whole, never cut: half a line can be a wrong line.</summary>
    [SizeRange("480B", "65535B")]
    public int MessageBytesMax { get; set; } = 8192;

    /// <summary>
    /// TCP and TLS: <c>octet_counted</c>, <c>lines</c>, or <c>auto</c>, which decides once a connection by the first byte. Default auto for tcp, octet_counted for tls.
    /// </summary>
    public SyslogFraming? Framing { get; set; }

    /// <summary>TCP and TLS: what ends a line, <c>lf</c> (default) or <c>nul</c>.</summary>
    public LineDelimiter Delimiter { get; set; } = LineDelimiter.Lf;

    /// <summary>TCP and TLS: pass over a blank in front of a line's priority, as Cisco ASA sends it. Default false.</summary>
    public bool LeadingBlank { get; set; }

    /// <summary>
    /// TCP, TLS and RELP: addresses and networks of load balancers that put a PROXY header (version 1 or 2) in front of each connection, e.g. <c>["192.0.2.10", "10.1.0.0/16"]</c>.
    /// From them it is required, from others it is refused. Default none.
    /// </summary>
    public List<string> TrustedProxies { get; set; } = [];

    /// <summary>
    /// TCP, TLS and RELP: time from the first byte of a message to its last, and for a sender to take its acknowledgements. Default 60 s, 100 ms to 1 h.
    /// </summary>
    [DurationRange("100ms", "1h")]
    public TimeSpan FrameTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// TCP, TLS and RELP: a connection without a message for so long is closed. Default 0 s: never, because a sender may lose its next message on a closed connection. 0 s to 30 days.
    /// </summary>
    [DurationRange("0s", "30d")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>RELP: messages of a connection that may wait for their acknowledgement. Default 1024, 1 to 65536; the sender's own window is usually smaller (rsyslog: 128).</summary>
    [Range(1, 65_536)]
    public int WindowMax { get; set; } = 1024;

    /// <summary>
    /// TLS and RELP: PEM file with the server's certificate and those between it and its authority, relative to the configuration file. Read again when it changes. Required for tls; with it RELP runs over TLS.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file with its private key, not encrypted. Default the file of the certificate.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>PEM file with the authorities whose client certificates count; the system's do not.</summary>
    public string? ClientCa { get; set; }

    /// <summary>PEM file with lists of revoked client certificates. Without it none is revoked; nothing is ever fetched.</summary>
    public string? ClientCrl { get; set; }

    /// <summary>
    /// <c>none</c> (default) does not ask for a client certificate; <c>request</c> accepts a connection without one; <c>require</c> does not. A wrong one ends the handshake.
    /// </summary>
    public ClientCertificateUse ClientCertificate { get; set; } = ClientCertificateUse.None;

    /// <summary>Time for a TLS handshake. Default 10 s, 100 ms to 5 min.</summary>
    [DurationRange("100ms", "5m")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The address, or the default of the protocol.</summary>
    public IPEndPoint EndPoint => Address ?? new(IPAddress.Loopback, Protocol switch { ListenProtocol.Tls => 6514, ListenProtocol.Relp => 2514, _ => 9999 });

    internal bool IsTls => Protocol == ListenProtocol.Tls || (Protocol == ListenProtocol.Relp && Certificate is not null);

    internal SyslogFramingRules FramingRules =>
        new(Framing ?? (Protocol == ListenProtocol.Tls ? SyslogFraming.OctetCounted : SyslogFraming.Auto), MessageBytesMax, Delimiter, LeadingBlank);

    /// <summary>Only senders that we know get in.</summary>
    internal bool IsCertified => IsTls && ClientCertificate == ClientCertificateUse.Require;

    /// <summary>Whether a PROXY header is due from this address.</summary>
    internal bool IsProxy(InternetAddress address) => TrustedProxies.Count > 0 && (proxies ??= SourceAllowList.Of(TrustedProxies)).Allows(address);

    // Made at the first connection, when the options are bound and checked.
    private SourceAllowList? proxies;

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        foreach (var proxy in TrustedProxies)
            if (!SourceAllowList.TryParse(proxy, out _, out var expected)) yield return new("trusted_proxies", $"\"{proxy}\" is not {expected}");
        if (Sockets != 1 && Protocol != ListenProtocol.Udp) yield return new("sockets", "is for protocol udp", "Leave it out");
        if (Framing is not null && Protocol is ListenProtocol.Udp or ListenProtocol.Relp) yield return new("framing", "is for protocol tcp and tls", "Leave it out");
        if (Protocol is ListenProtocol.Udp or ListenProtocol.Tcp)
        {
            if (Certificate is not null) yield return new("certificate", "is for protocol tls and relp", $"Use \"tls\" instead of \"{Protocol.ToString().ToLowerInvariant()}\"");
            yield break;
        }
        if (Protocol == ListenProtocol.Tls && Certificate is null) yield return new("certificate", "is required for protocol tls", "Name a PEM file");
        if (ClientCertificate != ClientCertificateUse.None && !IsTls) yield return new("client_certificate", "needs a certificate of the server", "Set certificate");
        if (ClientCertificate != ClientCertificateUse.None && ClientCa is null) yield return new("client_ca", "is required with client_certificate", "Name a PEM file with the authorities to trust");
        if (ClientCertificate == ClientCertificateUse.None && (ClientCa ?? ClientCrl) is not null)
            yield return new("client_certificate", "is none, so client_ca and client_crl have no effect", "Use \"require\" or \"request\"");
    }
}
