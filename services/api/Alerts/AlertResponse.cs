using WgMonitor.Api.Hosts;
using WgMonitor.Api.Peers;
using WgMonitor.Events;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Alerts;

/// <summary>An alert as the API tells it: what was concluded, from which entries of the log, and what became of it on each route.</summary>
/// <param name="Id">The same on every retry and replay; also the <c>webhook-id</c>.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Rule">The rule that raised it.</param>
/// <param name="Peer"><c>host/epoch/number</c>; null of an alert about a host, and so are interface, endpoints, change and certainty.</param>
/// <param name="Host">Host of the peer.</param>
/// <param name="Interface">Its device at that time.</param>
/// <param name="Name">The peer's name, null without one.</param>
/// <param name="OldEndpoint">Endpoint until then.</param>
/// <param name="NewEndpoint">Endpoint now.</param>
/// <param name="Change">address or port.</param>
/// <param name="Gap">Since when and why lines are missing, of an alert about a host; else null.</param>
/// <param name="At">When the line that showed it was printed.</param>
/// <param name="Received">When that line was received.</param>
/// <param name="Evidence">The event that showed it.</param>
/// <param name="Certainty">authenticated, or stored: what the kernel had stored.</param>
/// <param name="Trust">How far the senders of the lines are known: udp (not at all), tcp, tls or tls-client-cert.</param>
/// <param name="Unproven">The trust is below what the rule asks for.</param>
/// <param name="Complete">No line of the peer is known to be missing.</param>
/// <param name="Causes">Entries of the event log it rests on.</param>
/// <param name="Deliveries">What became of it on each route.</param>
public sealed record AlertResponse(
    string Id, string Kind, string Rule, string? Peer, string Host, string? Interface, string? Name, string? OldEndpoint, string? NewEndpoint, string? Change,
    GapResponse? Gap, DateTimeOffset? At, DateTimeOffset? Received, string Evidence, string? Certainty, string Trust, bool Unproven, bool Complete, IReadOnlyList<string> Causes, IReadOnlyList<DeliveryResponse> Deliveries)
{
    public static AlertResponse Of(AlertHistory history)
    {
        var alert = history.Alert;
        var peer = !alert.IsOfHost;
        return new(
            alert.Id, alert.Kind, alert.Rule, peer ? alert.PeerName : null, alert.Host, peer ? alert.Interface : null, alert.Name, peer ? alert.OldEndpoint.ToString() : null,
            peer ? alert.NewEndpoint.ToString() : null, peer ? AlertCodec.Word(alert.Change) : null, alert.Gap is { } gap ? GapResponse.Of(gap) : null, PeerResponse.Time(alert.At), PeerResponse.Time(alert.Received), EventNames.Of(alert.Evidence),
            peer ? AlertCodec.Word(alert.Certainty) : null, TrustWords.Of(alert.Trust), alert.Unproven, alert.Complete, [.. alert.Causes.Select(cause => cause.ToString())],
            [.. history.Deliveries.Select(delivery => new DeliveryResponse(
                delivery.Route, AlertCodec.Word(delivery.State), delivery.Attempts, delivery.Reason.Length == 0 ? null : delivery.Reason, PeerResponse.Time(delivery.At)))]);
    }
}

/// <param name="Route">Name of the route.</param>
/// <param name="State">pending, delivered, rejected or expired.</param>
/// <param name="Attempts">Times it was sent.</param>
/// <param name="Reason">Why the last attempt was no success.</param>
/// <param name="At">When that was written down.</param>
public sealed record DeliveryResponse(string Route, string State, int Attempts, string? Reason, DateTimeOffset? At);
