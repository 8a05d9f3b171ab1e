namespace WgMonitor.Testing;

/// <summary>What <c>wg show all dump</c> says of a peer at one moment. Epochs in seconds since 1970.</summary>
/// <param name="SampleEpoch">When the kernel was asked.</param>
/// <param name="Namespace">Network namespace: srv, c1 ...</param>
/// <param name="Interface">For example wg0.</param>
/// <param name="PublicKey">Base64.</param>
/// <param name="Endpoint">As wg prints it, <c>10.77.0.11:38569</c> or <c>[fe80::c3%eth0]:51821</c>; null when it has none.</param>
/// <param name="AllowedIps">Comma separated.</param>
/// <param name="LatestHandshake">Exact to the microsecond; 0 is never.</param>
/// <param name="RxBytes">Received.</param>
/// <param name="TxBytes">Sent.</param>
/// <param name="PersistentKeepalive">Seconds; 0 is off.</param>
public sealed record WgPeerRow(
    double SampleEpoch,
    string Namespace,
    string Interface,
    string PublicKey,
    string? Endpoint,
    string AllowedIps,
    double LatestHandshake,
    long RxBytes,
    long TxBytes,
    int PersistentKeepalive)
{
    internal static WgPeerRow From(string[] r) => new(
        CorpusFile.Number(r[0]),
        r[1],
        r[2],
        r[3],
        r[5] == "(none)" ? null : r[5],
        r[6],
        CorpusFile.Number(r[7]),
        long.Parse(r[8]),
        long.Parse(r[9]),
        r[10] == "off" ? 0 : int.Parse(r[10]));
}

/// <summary>What <c>wg show all dump</c> says of an interface at one moment.</summary>
public sealed record WgInterfaceRow(double SampleEpoch, string Namespace, string Interface, string PublicKey, int ListenPort)
{
    internal static WgInterfaceRow From(string[] r) => new(CorpusFile.Number(r[0]), r[1], r[2], r[4], int.Parse(r[5]));
}

/// <summary>The life of one kernel peer number; <c>DestroyedEpoch</c> is null while it lives, <c>ModuleLoad</c> counts from 1.</summary>
public sealed record IdMapRow(double CreatedEpoch, double? DestroyedEpoch, int ModuleLoad, string Interface, long Peer, string PeerName, string PublicKey)
{
    internal static IdMapRow From(string[] r) => new(CorpusFile.Number(r[0]), CorpusFile.NumberOrNull(r[1]), int.Parse(r[2]), r[3], long.Parse(r[4]), r[5], r[6]);
}

/// <summary>A provoked action. <c>ExitCode</c> is <c>bg</c> for a command left in the background.</summary>
public sealed record TimelineRow(
    double StartEpoch, double? EndEpoch, double RelativeSeconds, string Side, string Namespace, string Label, string Command, string ExitCode)
{
    internal static TimelineRow From(string[] r) =>
        new(CorpusFile.Number(r[0]), CorpusFile.NumberOrNull(r[1]), CorpusFile.Number(r[2]), r[3], r[4], r[5], r[6], r[7]);
}

/// <summary>A configured peer. <c>PersistentKeepalive</c> and the client columns are text as in the table; <c>-</c> is none.</summary>
public sealed record PeerRow(
    string Name,
    string ServerInterface,
    string ClientNamespace,
    string ClientInterface,
    string ClientEndpoint,
    string PersistentKeepalive,
    string InnerV4,
    string InnerV6,
    string PublicKey)
{
    internal static PeerRow From(string[] r) => new(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]);
}
