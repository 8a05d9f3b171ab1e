namespace WgMonitor.Events;

/// <summary>
/// Names of the fields of a stream entry. The first ten stand in every entry in this order, empty where they do not apply: Redis stores the
/// names of entries of equal shape once. The others follow only where the event has them.
/// </summary>
public static class FieldNames
{
    public static ReadOnlySpan<byte> Event => "event"u8;
    public static ReadOnlySpan<byte> Host => "host"u8;
    public static ReadOnlySpan<byte> At => "at"u8;
    public static ReadOnlySpan<byte> Received => "received"u8;
    public static ReadOnlySpan<byte> Uptime => "uptime"u8;
    public static ReadOnlySpan<byte> Interface => "interface"u8;
    public static ReadOnlySpan<byte> Peer => "peer"u8;
    public static ReadOnlySpan<byte> Endpoint => "endpoint"u8;
    public static ReadOnlySpan<byte> Keypair => "keypair"u8;
    public static ReadOnlySpan<byte> Trust => "trust"u8;

    public static ReadOnlySpan<byte> Repeat => "repeat"u8;
    public static ReadOnlySpan<byte> Module => "module"u8;
    public static ReadOnlySpan<byte> ClaimedHost => "claimed_host"u8;
    public static ReadOnlySpan<byte> Seconds => "seconds"u8;
    public static ReadOnlySpan<byte> Attempt => "attempt"u8;
    public static ReadOnlySpan<byte> Attempts => "attempts"u8;
    public static ReadOnlySpan<byte> Error => "error"u8;
    public static ReadOnlySpan<byte> Nonce => "nonce"u8;
    public static ReadOnlySpan<byte> NonceMax => "nonce_max"u8;
    public static ReadOnlySpan<byte> Count => "count"u8;
    public static ReadOnlySpan<byte> Source => "source"u8;
    public static ReadOnlySpan<byte> Destination => "destination"u8;
    public static ReadOnlySpan<byte> OldName => "old_name"u8;
    public static ReadOnlySpan<byte> Version => "version"u8;
    public static ReadOnlySpan<byte> Text => "text"u8;
    public static ReadOnlySpan<byte> Reason => "reason"u8;
    public static ReadOnlySpan<byte> From => "from"u8;
    public static ReadOnlySpan<byte> To => "to"u8;
    public static ReadOnlySpan<byte> Usual => "usual"u8;
    public static ReadOnlySpan<byte> LastHandshake => "last_handshake"u8;
    public static ReadOnlySpan<byte> LastKeepalive => "last_keepalive"u8;

    /// <summary>Last field of an entry that was appended again: where it stood when it could not be applied.</summary>
    public static ReadOnlySpan<byte> RetryOf => "retry_of"u8;
}
