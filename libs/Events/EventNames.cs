using System.Collections.Frozen;
using System.Text;

namespace WgMonitor.Events;

/// <summary>
/// The only map between events and their names in the stream. A name is <c>row-of-the-grammar.vN</c>; a field of a named version is never
/// renamed or re-typed: a change gets the next version, and the decoder of the old one stays.
/// </summary>
public static class EventNames
{
    private static readonly string[] Names =
    [
        "interface-created.v1",
        "interface-destroyed.v1",
        "interface-renamed.v1",
        "namespace-exiting.v1",
        "socket-v4-failed.v1",
        "socket-v6-failed.v1",
        "peer-created.v1",
        "peer-destroyed.v1",
        "keypair-created.v1",
        "keypair-destroyed.v1",
        "keys-zeroed.v1",
        "handshake-initiation-sent.v1",
        "handshake-response-sent.v1",
        "handshake-initiation-received.v1",
        "handshake-response-received.v1",
        "handshake-retrying.v1",
        "handshake-gave-up.v1",
        "handshake-restarted-no-answer.v1",
        "handshake-initiation-invalid.v1",
        "handshake-response-invalid.v1",
        "handshake-mac-invalid.v1",
        "handshake-packet-dropped.v1",
        "cookie-reply-sent.v1",
        "cookie-reply-received.v1",
        "cookie-reply-undecryptable.v1",
        "keepalive-sent.v1",
        "keepalive-received.v1",
        "packet-src-unallowed.v1",
        "packet-not-ip.v1",
        "packet-size-incorrect.v1",
        "packet-not-delivered.v1",
        "packet-nonce-invalid.v1",
        "packet-malformed.v1",
        "xmit-invalid-ip.v1",
        "xmit-no-peer.v1",
        "xmit-no-endpoint.v1",
        "no-route.v1",
        "routing-loop-avoided.v1",
        "routing-loop-detected.v1",
        "module-loaded.v1",
        "module-unloaded.v1",
        "module-copyright.v1",
        "module-tainted.v1",
        "module-requirement-missing.v1",
        "module-self-test.v1",
        "trie-printed.v1",
        "warn-handshake-queue-type.v1",
        "warn-packet-type.v1",
        "net-ratelimit-suppressed.v1",
        "unrecognized.v1",
        "lines-lost.v1",
        "host-silent.v1",
        "history-rewound.v1",
        "entries-trimmed.v1",
        "peer-imported.v1",
    ];

    private static readonly byte[][] Utf8Names = [.. Names.Select(Encoding.ASCII.GetBytes)];

    private static readonly FrozenDictionary<string, EventKind>.AlternateLookup<ReadOnlySpan<char>> Kinds = Names
        .Select((name, index) => KeyValuePair.Create(name, (EventKind)index))
        .ToFrozenDictionary(StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private const int NameCharsMax = 64;

    /// <summary>Name in the stream, e.g. <c>keepalive-received.v1</c>.</summary>
    public static string Of(EventKind kind) => Names[(int)kind];

    public static ReadOnlySpan<byte> Utf8Of(EventKind kind) => Utf8Names[(int)kind];

    public static bool TryKindOf(ReadOnlySpan<byte> name, out EventKind kind)
    {
        kind = default;
        if (name.Length > NameCharsMax) return false;
        Span<char> chars = stackalloc char[NameCharsMax];
        return Kinds.TryGetValue(chars[..Encoding.Latin1.GetChars(name, chars)], out kind);
    }
}
