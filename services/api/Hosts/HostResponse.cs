using System.Text.Json.Serialization;
using WgMonitor.Api.Peers;
using WgMonitor.Events;
using WgMonitor.Peers;

namespace WgMonitor.Api.Hosts;

/// <summary>A host as the API tells it.</summary>
/// <param name="Host">Name.</param>
/// <param name="Status">heard, or silent: no line came for much longer than usual.</param>
/// <param name="SilentSince">While it is silent, when its last line was received.</param>
/// <param name="Epoch">Running load of the kernel module, counted from 1.</param>
/// <param name="BootedAt">When the host booted, by its kernel stamps; null without any.</param>
/// <param name="LastLine">Time of the last line.</param>
/// <param name="Lines">Lines folded.</param>
/// <param name="LinesSuppressed">Lines of all network code that its kernel said it dropped (<c>net.core.message_cost</c>).</param>
/// <param name="SuppressedAt">When it said so last.</param>
/// <param name="MayDropLines">Its kernel dropped lines, or nothing shows yet that it does not.</param>
/// <param name="Trust">What the transport of the latest line proved of its sender: udp (nothing), tcp, tls or tls-client-cert.</param>
/// <param name="TrustLowest">The lowest trust of any line of the running epoch.</param>
/// <param name="Interfaces">Devices seen.</param>
/// <param name="GapCount">Intervals in which lines of it are missing, or may be; also those that are too old to be listed.</param>
/// <param name="GapOpen">One of them goes on.</param>
/// <param name="Gaps">The latest 32 of them, in the order in which they were made known; in the answer about one host only.</param>
/// <param name="Failures">Packets refused, counted; they name no peer.</param>
public sealed record HostResponse(
    string Host, string Status, DateTimeOffset? SilentSince, int Epoch, DateTimeOffset? BootedAt, DateTimeOffset? LastLine, long Lines, long LinesSuppressed, DateTimeOffset? SuppressedAt,
    bool MayDropLines, string Trust, string TrustLowest, IReadOnlyList<string> Interfaces, long GapCount, bool GapOpen,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<GapResponse>? Gaps, HandshakeTrouble Failures)
{
    /// <param name="host">The host.</param>
    /// <param name="withGaps">With the gaps one by one.</param>
    public static HostResponse Of(HostState host, bool withGaps = false) => new(
        host.Host, host.Gaps.IsSilent ? "silent" : "heard", PeerResponse.Time(host.Gaps.SilentSince), host.Epoch.Number, host.Clock.Known ? PeerResponse.Time(host.Clock.BootAt) : null, PeerResponse.Time(host.LastLineAt), host.Lines,
        host.Loss.Suppressed, PeerResponse.Time(host.Loss.SuppressedAt), host.Loss.MayDrop, TrustWords.Of(host.Trust), TrustWords.Of(host.TrustLowest),
        [.. host.Interfaces.Keys.Order(StringComparer.Ordinal)], host.Gaps.All.Length + host.Gaps.Forgotten, host.Gaps.HasOpen,
        withGaps ? [.. host.Gaps.All.Select(GapResponse.Of)] : null, host.Trouble);
}
