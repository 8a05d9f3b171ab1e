using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace WgMonitor.Peers;

/// <summary>
/// A number that two states share exactly when they hold the same peers in the same state: the sum (mod 2^256) of the SHA-256 of each
/// peer's canonical text. Order does not matter, so digests of hosts can be added too.
/// </summary>
public sealed class StateDigest
{
    private const int Words = 4;

    private readonly ulong[] sum = new ulong[Words];

    /// <summary>64 hexadecimal digits.</summary>
    public static string Of(HostState state) => Of([state]);

    /// <inheritdoc cref="Of(HostState)"/>
    public static string Of(IEnumerable<HostState> states)
    {
        var digest = new StateDigest();
        foreach (var state in states) digest.Add(state);
        return digest.ToString();
    }

    /// <summary>Adds a host with its peers.</summary>
    public void Add(HostState state)
    {
        Add(HostText(state));
        foreach (var peer in state.Peers.Values) Add(PeerText(state.Host, peer));
    }

    /// <summary>Adds what another digest holds, e.g. of another partition.</summary>
    public void Add(StateDigest other) => Add(other.sum);

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() => string.Concat(sum.Reverse().Select(word => word.ToString("x16", CultureInfo.InvariantCulture)));

    /// <summary>One line with everything that is known of the peer, in fixed order. Host names hold no blank, device names none either.</summary>
    public static string PeerText(string host, PeerState p)
    {
        var k = p.Keypairs;
        return string.Create(CultureInfo.InvariantCulture, $"peer {host} {p.Id.Epoch} {p.Id.Number} {p.Interface} {p.FirstSeenAt} {p.CreatedAt} ")
            + string.Create(CultureInfo.InvariantCulture, $"{p.Endpoint} {(int)p.EndpointCertainty} {(int)p.EndpointTrust} {(int)p.Trust} {p.EndpointSince} {p.EndpointUptime} ")
            + string.Create(CultureInfo.InvariantCulture, $"{k.Newest} {k.NewestAt} {k.CreatedAt} {k.CreatedUptime} {(int)k.Standing} {k.Presumed} ")
            + string.Create(CultureInfo.InvariantCulture, $"{k.DestroyedAt} {k.DestroyedUptime} {k.DestroyedInHandshake} ")
            + string.Create(CultureInfo.InvariantCulture, $"{k.BeforeAt} {k.BeforeConfirmed} {k.Proved} {k.Distrusted} {(int)k.Part} {(int)k.NewestPart} ")
            + string.Create(CultureInfo.InvariantCulture, $"{p.KeepaliveReceivedAt} {p.KeepaliveSentAt} {p.LastSeenAt} {p.LastTrafficAt} {p.SessionSince} ")
            + string.Create(CultureInfo.InvariantCulture, $"{p.StoppedAnsweringAt} {p.GaveUpAt} {p.KeysZeroedAt} {p.HandshakeAttempt} {p.FreshAt} ")
            + string.Create(CultureInfo.InvariantCulture, $"{p.Handshakes} {p.Keepalives} {p.EndpointChanges} {p.GoneAt} {(int)p.GoneReason} {p.ImportedAt} {p.Cause}");
    }

    /// <summary>The same for what is known of the host beside its peers.</summary>
    public static string HostText(HostState h) =>
        $"host {h.Host} {h.Epoch} {h.Clock} {h.Loss} {h.Gaps} {h.HeardAt} {h.Trouble} {h.GoneCount} {h.LastLineAt} {h.Lines} {h.PeersRefused} {h.StaleLines} {(int)h.Trust} {(int)h.TrustLowest}";

    private void Add(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        Add(MemoryMarshal.Cast<byte, ulong>(hash));
    }

    private void Add(ReadOnlySpan<ulong> words)
    {
        ulong carry = 0;
        for (var word = 0; word < Words; word++)
        {
            var value = (UInt128)sum[word] + words[word] + carry;
            sum[word] = (ulong)value;
            carry = (ulong)(value >> 64);
        }
    }
}
