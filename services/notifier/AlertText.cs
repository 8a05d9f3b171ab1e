using System.Globalization;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>What an alert says to people.</summary>
internal static class AlertText
{
    private static readonly long MicrosecondsMax = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Who, old to new, in one sentence.</summary>
    public static string Summary(AlertRecord alert)
    {
        if (alert.Gap is { } gap) return HostAlertText.Summary(alert, gap);
        var who = alert.Name is null ? $"Peer {alert.PeerName}" : $"{alert.Name} ({alert.PeerName})";
        var what = alert.Change == EndpointChange.Port ? "changed its port" : "moved";
        return $"{(alert.Unproven ? "Unproven: " : "")}{who} on {alert.Interface} {what} from {alert.OldEndpoint} to {alert.NewEndpoint}.";
    }

    /// <summary>How sure it is, and what to do.</summary>
    public static string Advice(AlertRecord alert)
    {
        if (alert.Gap is { } gap) return HostAlertText.Advice(alert, gap);
        var sure = alert.Certainty == EndpointCertainty.Authenticated
            ? "An authenticated packet of the peer came from the new endpoint."
            : "The kernel holds the new endpoint; the packet that set it printed no line.";
        var sender = alert.Trust switch
        {
            TrustLevel.TlsClientCert => "",
            TrustLevel.Tls => " The line came over TLS without a client certificate: nothing proves who sent it.",
            TrustLevel.Tcp => " The line came over TCP: only the sender's address is proven.",
            _ => " The line came over UDP: nothing proves who sent it.",
        };
        var gaps = alert.Complete ? "" : " Kernel lines of this host are missing: the peer may have been elsewhere in between.";
        var act = alert.Change == EndpointChange.Port
            ? "Usually a NAT mapping that was renewed."
            : "Expected when a device changes its network; if its owner did not, treat the peer's key as leaked and replace it.";
        return $"{sure}{sender}{gaps} {act}";
    }

    /// <summary>Unix microseconds as RFC 3339, e.g. <c>2025-11-22T14:10:29.123456Z</c>. Years 1970 to 9999; what a broken clock says beyond them is cut.</summary>
    public static string Time(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(microseconds, 0, MicrosecondsMax) * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
