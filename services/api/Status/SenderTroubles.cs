using System.Globalization;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Status;

/// <summary>A reason why senders do not get through to a collector.</summary>
/// <param name="Finding">What happens, how often, and to whom last.</param>
/// <param name="Next">What to do about it.</param>
public sealed record SenderTrouble(string Finding, string Next);

/// <summary>Which TCP, TLS and RELP senders are turned away, by what collectors say of themselves: nothing of them shows in the lines.</summary>
public static class SenderTroubles
{
    /// <summary>What to do about senders that are not allowed, by whichever transport.</summary>
    public const string Allow = "Add the hosts' addresses to collector.allow.";

    /// <summary>
    /// What has not happened again for so long is over: a sender that is turned away comes again, rsyslog after 30 minutes at the latest (action.resumeIntervalMax).
    /// </summary>
    private const long OverAfterMicroseconds = 3600 * 1_000_000L;

    /// <summary>Merged over the collectors, the most frequent first.</summary>
    public static IEnumerable<SenderTrouble> Of(IReadOnlyList<CollectorStatus> collectors) => collectors
        .SelectMany(collector => (collector.Connections?.Last ?? []).Where(end => collector.WrittenAt - end.At < OverAfterMicroseconds))
        .GroupBy(end => end.Reason)
        .Select(reason => (Count: Closed(collectors, reason.Key), Last: reason.MaxBy(end => end.At)!, Text: Explain(reason.Key)))
        .Where(trouble => trouble.Text is not null)
        .OrderByDescending(trouble => trouble.Count).ThenBy(trouble => trouble.Last.Reason, StringComparer.Ordinal)
        .Select(trouble => new SenderTrouble($"{trouble.Text!.Value.What}: {Connections(trouble.Count)}, the last from {Where(trouble.Last)}", trouble.Text.Value.Next));

    private static long Closed(IReadOnlyList<CollectorStatus> collectors, string reason) => collectors.Sum(collector => collector.Connections?.Closed.GetValueOrDefault(reason) ?? 0);

    private static string Connections(long count) => count == 1 ? "1 connection" : $"{count.ToString(CultureInfo.InvariantCulture)} connections";

    private static string Where(CollectorConnectionEnd end) => $"{end.Source} to {end.Protocol} {end.Address}{(end.Detail.Length == 0 ? "" : $": {end.Detail}")}";

    /// <summary>Null for ends that say nothing of the sender's settings: it went away, it was silent, the network broke.</summary>
    /// <param name="reason">As in <c>wgmonitor_collector_connections_closed_total</c>.</param>
    private static (string What, string Next)? Explain(string reason) => reason switch
    {
        "source_not_allowed" => ("senders connect but are not allowed", Allow),
        "too_many_connections" => ("senders are turned away because too many connections are open",
            "Raise collector.connections_max, or connections_per_source_max where many hosts come from one address; or find who opens them."),
        "tls_handshake" => ("TLS handshakes fail",
            "Does the sender speak TLS 1.2 or newer, trust the authority of the collector's certificate, and find its target's name in it? Ask there: openssl s_client -connect COLLECTOR:6514 -CAfile CA. A port probe looks the same."),
        "tls_handshake_timeout" => ("TLS handshakes fail: they do not end in time", "Let the sender speak TLS, or send to a listener of protocol \"tcp\". A port probe looks the same."),
        "tls_certificate_missing" => ("TLS handshakes fail: the sender shows no client certificate",
            "Give the sender a certificate and its key (rsyslog: StreamDriver.CertFile, StreamDriver.KeyFile; omrelp: tls.myCert, tls.myPrivKey), or set client_certificate = \"request\"."),
        "tls_certificate_time" => ("TLS handshakes fail: the client certificate, or one above it, is expired or not yet valid", "Renew it on the sender, and look at the clocks on both sides."),
        "tls_certificate_untrusted" => ("TLS handshakes fail: the client certificate does not lead to client_ca",
            "Put the authority that signed it into collector.listen.client_ca, or give the sender one of that authority, with the certificates in between."),
        "tls_certificate_revoked" => ("TLS handshakes fail: the client certificate is revoked", "Give the sender a new one, or take it off the list of client_crl."),
        "tls_certificate_usage" => ("TLS handshakes fail: the certificate is not meant for clients", "Issue one with the extended key usage clientAuth."),
        "tls_on_plain" => ("senders begin a TLS handshake at a port that speaks none", "Send to a listener of protocol \"tls\", or without TLS."),
        "not_syslog" => ("what connects speaks no syslog", "Find the program at that address: HTTP, a compressed stream or a probe has come instead of a syslog message."),
        "frame_length" => ("senders are cut off: where a message ends cannot be told",
            "Let the sender use octet counting (rsyslog: TCP_Framing=\"octet-counted\"), or set collector.listen.framing to what it sends."),
        "proxy_header" => ("senders are turned away for their PROXY header", "Name in trusted_proxies the load balancers that send one, and only those."),
        "relp_protocol" or "relp_transaction" => ("senders speak no proper RELP at a RELP port", "Send by omrelp to this port, or by omfwd to a listener of protocol \"tcp\"."),
        "frame_timeout" => ("senders stop in the middle of a message", "Look at the network on the way, its MTU first; or raise collector.listen.frame_timeout."),
        _ => null,
    };
}
