using WgMonitor.Events;
using WgMonitor.Testing;

namespace WgMonitor.Peers.Tests.Truth;

/// <summary>Why the fold and <c>wg show</c> differ in a sample.</summary>
internal enum DisagreementCause
{
    /// <summary>The fold shows what the last line with an endpoint printed: whatever changed it since had printed nothing.</summary>
    NoLinePrinted,

    /// <summary>The handshake and its line came within half a second of the sample, or in between its parts.</summary>
    SampledMeanwhile,

    /// <summary>First session of a peer that answered nothing yet: shown when no attempt was repeated for 6 s.</summary>
    FirstSessionWaits,

    /// <summary>Session derived and presumed; the packet that confirms it was on its way, up to two seconds under emulation.</summary>
    ConfirmationUnderWay,

    /// <summary>Session derived and presumed; the other side did not use it yet, for more than two seconds.</summary>
    ConfirmationLate,

    /// <summary>The confirming packet came more than a second after the derivation and, being data, printed nothing.</summary>
    ConfirmedByDataLater,

    /// <summary>A keepalive under the older key came between the derivation and the confirming packet, and was taken for it.</summary>
    KeepaliveOfOlderKey,

    /// <summary>The kernel said, or a full window showed, that lines were dropped.</summary>
    LinesDropped,

    Unexplained,
}

/// <param name="Epoch">When the sample was taken.</param>
/// <param name="What">endpoint or handshake.</param>
/// <param name="Interface">Device.</param>
/// <param name="Peer">Kernel's number.</param>
/// <param name="Fold">What the fold says.</param>
/// <param name="Truth">What <c>wg show</c> says.</param>
/// <param name="Cause">Why.</param>
/// <param name="Complete">Whether the fold believed itself complete.</param>
internal sealed record Disagreement(double Epoch, string What, string Interface, ulong Peer, string Fold, string Truth, DisagreementCause Cause, bool Complete);

/// <summary>A side of a run: samples of all its devices' peers of which a line was seen.</summary>
internal sealed class TruthResult
{
    public int Samples { get; set; }

    /// <summary>Samples with an endpoint on either side.</summary>
    public int EndpointSamples { get; set; }

    /// <summary>No line had shown an endpoint yet, so the fold says that it knows none, while one was configured.</summary>
    public int EndpointNotShownYet { get; set; }

    public int EndpointsEqual { get; set; }
    public int HandshakesEqual { get; set; }
    public int Complete { get; set; }
    public List<Disagreement> Disagreements { get; } = [];

    public double EndpointShare => 100.0 * EndpointsEqual / EndpointSamples;
    public double HandshakeShare => 100.0 * HandshakesEqual / Samples;
    public double CompleteShare => 100.0 * Complete / Samples;
    public int WrongThoughComplete => Disagreements.Count(d => d.Complete);
}

/// <summary>The fold of a run's datagrams against the recorded <c>wg show all dump</c>, sample by sample.</summary>
internal static class TruthRun
{
    private const double HandshakeTolerance = 1;
    private const double SampleTakes = 0.5;
    private const double UnderWay = 2;

    public static TruthResult Compare(CorpusRun run, string side)
    {
        var events = RecordedEvents.Of(run);
        // The syslog daemon was stopped before the recording of samples ended.
        var until = events[^1].PrintedEpoch;
        var numbers = run.IdMap().ToLookup(row => (row.Interface, row.PublicKey));
        var result = new TruthResult();
        var state = HostState.Of(run.Hostname);
        var next = 0;
        foreach (var row in run.WgDump(side).TakeWhile(row => row.SampleEpoch <= until))
        {
            for (; next < events.Count && events[next].PrintedEpoch <= row.SampleEpoch; next++) state = HostFold.Apply(state, events[next].Event, new Cause(next, 0)).State;
            var id = numbers[(row.Interface, row.PublicKey)].LastOrDefault(n => n.CreatedEpoch <= row.SampleEpoch && row.SampleEpoch <= (n.DestroyedEpoch ?? double.MaxValue));
            if (id is null || state.Current((ulong)id.Peer) is not { IsGone: false } peer) continue;
            Count(result, row, peer, state, new Around(events, next, peer.Id.Number));
        }
        return result;
    }

    private static void Count(TruthResult result, WgPeerRow row, PeerState peer, HostState host, Around lines)
    {
        var complete = PeerStatusRule.IsComplete(peer, host);
        result.Samples++;
        if (complete) result.Complete++;

        var endpoint = Unscoped(peer.Endpoint);
        var trueEndpoint = row.Endpoint is { } text ? WithoutScope(text) : "";
        if (peer.EndpointCertainty == EndpointCertainty.Unknown)
        {
            if (trueEndpoint.Length > 0) result.EndpointNotShownYet++;
        }
        else
        {
            result.EndpointSamples++;
            if (endpoint == trueEndpoint) result.EndpointsEqual++;
            else Add("endpoint", endpoint, trueEndpoint, EndpointCause(peer, host, lines));
        }

        var handshake = peer.LastHandshakeAt / 1e6;
        var equal = (handshake == 0) == (row.LatestHandshake == 0) && Math.Abs(handshake - row.LatestHandshake) <= HandshakeTolerance;
        if (equal) result.HandshakesEqual++;
        else Add("handshake", $"{handshake:F3}", $"{row.LatestHandshake:F3}", HandshakeCause(row, peer, host, lines));

        void Add(string what, string fold, string truth, DisagreementCause cause) =>
            result.Disagreements.Add(new(row.SampleEpoch, what, row.Interface, peer.Id.Number, fold, truth, cause, complete));
    }

    /// <summary>Checked against the lines themselves: the fold shows what the last line with an endpoint printed.</summary>
    private static DisagreementCause EndpointCause(PeerState peer, HostState host, Around lines)
    {
        if (lines.LastEndpoint != peer.Endpoint) return DisagreementCause.Unexplained;
        return host.Loss.SuppressedAt != 0 ? DisagreementCause.LinesDropped : DisagreementCause.NoLinePrinted;
    }

    private static DisagreementCause HandshakeCause(WgPeerRow row, PeerState peer, HostState host, Around lines)
    {
        if (host.Loss.SuppressedAt != 0 || !PeerStatusRule.IsComplete(peer, host)) return DisagreementCause.LinesDropped;
        var k = peer.Keypairs;
        var created = k.CreatedAt / 1e6;
        var behind = row.LatestHandshake > peer.LastHandshakeAt / 1e6;
        if (k is { Open: true, Presumed: false, Proved: false } && behind && row.LatestHandshake >= created - HandshakeTolerance) return DisagreementCause.FirstSessionWaits;
        if (k is { Open: true, Presumed: true } && !behind)
            return row.SampleEpoch - created < UnderWay ? DisagreementCause.ConfirmationUnderWay : DisagreementCause.ConfirmationLate;
        if (behind && peer.LastHandshakeAt == k.CreatedAt && row.LatestHandshake - created < Microseconds.PassiveKeepalive / 1e6) return DisagreementCause.ConfirmedByDataLater;
        if (behind && k.Standing == KeypairStanding.Confirmed && row.LatestHandshake - created < Microseconds.PassiveKeepalive / 1e6) return DisagreementCause.KeepaliveOfOlderKey;
        if (peer.LastHandshakeAt / 1e6 > row.SampleEpoch) return DisagreementCause.SampledMeanwhile;
        return lines.NextEpoch - row.SampleEpoch < SampleTakes ? DisagreementCause.SampledMeanwhile : DisagreementCause.Unexplained;
    }

    /// <summary>The lines of one peer around a sample.</summary>
    private readonly record struct Around(IReadOnlyList<RecordedEvent> Events, int Next, ulong Peer)
    {
        public PeerEndpoint? LastEndpoint
        {
            get
            {
                for (var i = Next - 1; i >= 0; i--)
                {
                    if (Events[i].Event is PeerEndpointEvent e && e.Peer == Peer) return e.Endpoint;
                }
                return null;
            }
        }

        public double NextEpoch
        {
            get
            {
                for (var i = Next; i < Events.Count; i++)
                {
                    if (Events[i].Event is PeerEvent e && e.Peer == Peer) return Events[i].PrintedEpoch;
                }
                return double.MaxValue;
            }
        }
    }

    /// <summary>wg prints the scope as a device name, the kernel as its index: which of them is which is not recorded.</summary>
    private static string Unscoped(PeerEndpoint endpoint) => (endpoint with { Scope = 0 }).ToString();

    private static string WithoutScope(string endpoint)
    {
        var scope = endpoint.IndexOf('%');
        return scope < 0 ? endpoint : endpoint[..scope] + endpoint[endpoint.IndexOf(']')..];
    }
}
