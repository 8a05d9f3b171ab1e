namespace WgMonitor.Peers;

/// <summary>Bounds on what is remembered of one host. Anybody who can send a datagram can name peers that do not exist.</summary>
public sealed record FoldLimits
{
    public static FoldLimits Default { get; } = new();

    /// <summary>How long a gone peer is kept, in microseconds of event time. Default 7 days.</summary>
    public long GoneKept { get; init; } = 7L * 24 * 3600 * Microseconds.Second;

    /// <summary>How many gone peers are kept; the longest gone are dropped first. Default 10,000.</summary>
    public int GonePeersMax { get; init; } = 10_000;

    /// <summary>
    /// Peers in all. Gone ones make room, the longest gone first; beyond it new numbers are counted in <see cref="HostState.PeersRefused"/> and not followed.
    /// Default 10,000.
    /// </summary>
    public int PeersMax { get; init; } = 10_000;

    /// <summary>Device names. Default 4,096.</summary>
    public int InterfacesMax { get; init; } = 4096;

    /// <summary>Gaps of a host; beyond it the oldest is dropped and counted in <see cref="GapLog.Forgotten"/>. Default 32.</summary>
    public int GapsMax { get; init; } = 32;
}
