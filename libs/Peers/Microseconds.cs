namespace WgMonitor.Peers;

/// <summary>The unit of every time here: microseconds, since 1970 or since boot. Thresholds are the protocol's own timers.</summary>
/// <remarks>Source: drivers/net/wireguard/messages.h, enum limits.</remarks>
public static class Microseconds
{
    public const long Second = 1_000_000;

    /// <summary>REKEY_TIMEOUT and up to a third of a second of jitter: an initiator without an answer repeats itself after this.</summary>
    public const long HandshakeRetry = 6 * Second;

    /// <summary>KEEPALIVE_TIMEOUT: who received data and has nothing to send answers with an empty packet after this.</summary>
    public const long PassiveKeepalive = 10 * Second;

    /// <summary>REJECT_AFTER_TIME: no packet is sent or accepted with an older session key.</summary>
    public const long SessionUsable = 180 * Second;

    /// <summary>Three times REJECT_AFTER_TIME: all keys are zeroed.</summary>
    public const long SessionKept = 540 * Second;
}
