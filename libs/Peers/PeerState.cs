using System.Text.Json.Serialization;
using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>How an endpoint is known.</summary>
public enum EndpointCertainty : byte
{
    /// <summary>No line showed one; where there is one all the same, it was imported.</summary>
    Unknown,

    /// <summary>Stored by the kernel when it printed: by a packet without a line of its own, or by an operator.</summary>
    Stored,

    /// <summary>Source of an authenticated packet.</summary>
    Authenticated,
}

/// <summary>Why a peer is gone.</summary>
public enum GoneReason : byte
{
    NotGone,

    /// <summary>Removed by configuration, or with its device.</summary>
    Destroyed,

    /// <summary>Its device is gone.</summary>
    InterfaceDestroyed,

    /// <summary>The module was loaded again or the host booted.</summary>
    EpochEnded,
}

/// <summary>
/// What is concluded about one peer. Times are Unix microseconds, 0 for never.
/// Status depends on the time of asking: <see cref="PeerStatusRule"/>.
/// </summary>
public sealed record PeerState
{
    public required PeerId Id { get; init; }

    /// <summary>Device name as printed last.</summary>
    public required string Interface { get; init; }

    /// <summary>First line about it, 0 for none yet.</summary>
    public long FirstSeenAt { get; init; }

    /// <summary>When what is known of it was imported; 0 once a line named it.</summary>
    public long ImportedAt { get; init; }

    /// <summary>When its creation was printed, 0 if that line was not seen.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Endpoint, <see cref="PeerEndpoint.None"/> if none is known or the kernel has none.</summary>
    public PeerEndpoint Endpoint { get; init; }

    public EndpointCertainty EndpointCertainty { get; init; }

    /// <summary>Since when it is this one, as far as lines tell.</summary>
    public long EndpointSince { get; init; }

    /// <summary>Stamp of the last line that showed an endpoint, -1 without one.</summary>
    /// <remarks>Always stored: 0 is a stamp, and where a value is missing the one below is meant.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long EndpointUptime { get; init; } = -1;

    /// <summary>The lowest trust of the lines that made the endpoint: the one that showed it first, and the one that proved it.</summary>
    public TrustLevel EndpointTrust { get; init; }

    /// <summary>Trust of the latest line of the peer.</summary>
    public TrustLevel Trust { get; init; }

    public Keypairs Keypairs { get; init; }

    /// <summary>Latest handshake in the sense of <c>wg show</c>.</summary>
    public long LastHandshakeAt => Keypairs.LatestAt;

    public bool HandshakeConfirmed => Keypairs.LatestConfirmed;

    public long KeepaliveReceivedAt { get; init; }

    public long KeepaliveSentAt { get; init; }

    /// <summary>Last authenticated packet of any kind; an initiation of a peer with a wrong preshared key counts.</summary>
    public long LastSeenAt { get; init; }

    /// <summary>Last authenticated packet inside a session.</summary>
    public long LastTrafficAt { get; init; }

    /// <summary>When the running session began, 0 without one.</summary>
    public long SessionSince { get; init; }

    /// <summary>When this host last said that data it sent went unanswered.</summary>
    public long StoppedAnsweringAt { get; init; }

    /// <summary>When this host last gave a handshake up.</summary>
    public long GaveUpAt { get; init; }

    /// <summary>When all keys were zeroed last.</summary>
    public long KeysZeroedAt { get; init; }

    /// <summary>Attempt of the handshake under way, as printed; 0 when none is.</summary>
    public int HandshakeAttempt { get; init; }

    /// <summary>
    /// When all about the peer was seen last: its creation, or a handshake with its endpoint and its keypair. <see cref="long.MinValue"/> for never.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long FreshAt { get; init; } = long.MinValue;

    /// <summary>Handshake lines received of it, initiations and responses.</summary>
    public long Handshakes { get; init; }

    /// <summary>Keepalive lines received of it.</summary>
    public long Keepalives { get; init; }

    /// <summary>How often its endpoint changed, as far as lines tell.</summary>
    public long EndpointChanges { get; init; }

    public long GoneAt { get; init; }

    public GoneReason GoneReason { get; init; }

    /// <summary>The last entry of the log that touched it.</summary>
    public Cause Cause { get; init; }

    public bool IsGone => GoneReason != GoneReason.NotGone;

    /// <summary>No line named it yet.</summary>
    public bool IsImported => ImportedAt != 0;

    /// <summary>Last sign that the session lives: a handshake that counts, or traffic.</summary>
    public long AliveAt => Math.Max(LastHandshakeAt, LastTrafficAt);
}
