using WgMonitor.Api.Peers;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;

namespace WgMonitor.Api.History;

/// <summary>A peer's stay at an endpoint.</summary>
/// <param name="Peer"><c>host/epoch/number</c>.</param>
/// <param name="Interface">Its device.</param>
/// <param name="Ip">Address.</param>
/// <param name="Port">UDP port.</param>
/// <param name="Scope">Interface index of a link-local address.</param>
/// <param name="Since">Since when, as far as lines tell.</param>
/// <param name="Until">Until a line showed otherwise; null while it is there.</param>
/// <param name="End">open, changed, cleared or gone.</param>
/// <param name="Authenticated">Source of an authenticated packet; false for what the kernel had stored.</param>
/// <param name="Trust">The lowest trust of the lines that made it.</param>
/// <param name="Complete">False where lines of the peer are known or suspected to be missing.</param>
/// <param name="Cause">Entry of the log that ended it; of an open one, the last entry of the peer.</param>
public sealed record EndpointStayResponse(
    string Peer, string Interface, string Ip, int Port, uint? Scope, DateTimeOffset? Since, DateTimeOffset? Until, string End, bool Authenticated, string Trust, bool Complete, string Cause)
{
    public static EndpointStayResponse Of(EndpointRecord stay) => new(
        StateKeys.Member(stay.Host, stay.Peer), stay.Interface, stay.Endpoint.Address.ToString(), stay.Endpoint.Port, stay.Endpoint.Scope == 0 ? null : stay.Endpoint.Scope,
        PeerResponse.Time(stay.Since), PeerResponse.Time(stay.Until), Word(stay.End), stay.Certainty == EndpointCertainty.Authenticated, TrustWords.Of(stay.Trust), stay.Complete,
        stay.Cause.ToString());

    private static string Word(EndpointEnd end) => end switch
    {
        EndpointEnd.Changed => "changed",
        EndpointEnd.Cleared => "cleared",
        EndpointEnd.Gone => "gone",
        _ => "open",
    };
}

/// <summary>A session of a peer.</summary>
/// <param name="Peer"><c>host/epoch/number</c>.</param>
/// <param name="Interface">Its device.</param>
/// <param name="Since">When both sides had it.</param>
/// <param name="Until">When it ended; null while it runs.</param>
/// <param name="LastAlive">Last sign of life in it.</param>
/// <param name="End">open, keys_zeroed, gave_up, gone, silent or disproved.</param>
/// <param name="Complete">False where lines of the peer are known or suspected to be missing.</param>
/// <param name="Cause">Entry of the log that made its end known; of an open one, the last entry of the peer.</param>
public sealed record SessionResponse(
    string Peer, string Interface, DateTimeOffset? Since, DateTimeOffset? Until, DateTimeOffset? LastAlive, string End, bool Complete, string Cause)
{
    public static SessionResponse Of(SessionRecord session) => new(
        StateKeys.Member(session.Host, session.Peer), session.Interface, PeerResponse.Time(session.Since), PeerResponse.Time(session.Until), PeerResponse.Time(session.LastAliveAt),
        Word(session.End), session.Complete, session.Cause.ToString());

    private static string Word(SessionEnd? end) => end switch
    {
        SessionEnd.KeysZeroed => "keys_zeroed",
        SessionEnd.GaveUp => "gave_up",
        SessionEnd.Gone => "gone",
        SessionEnd.Silent => "silent",
        SessionEnd.Disproved => "disproved",
        _ => "open",
    };
}
