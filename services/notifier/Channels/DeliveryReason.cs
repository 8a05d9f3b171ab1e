namespace WgMonitor.Notifier;

/// <summary>Why an alert was not taken: the closed set of words in the ledger, in logs and in metric labels (<see cref="DeliveryReasons.Word"/>).</summary>
internal enum DeliveryReason
{
    /// <summary>408: the receiver waited too long for us.</summary>
    Http408,

    /// <summary>425: too early.</summary>
    Http425,

    /// <summary>429: too many requests.</summary>
    Http429,

    /// <summary>Any 5xx.</summary>
    Http5xx,

    /// <summary>A redirect; they are not followed, because they lead where nobody configured us to go.</summary>
    Http3xx,

    /// <summary>410: gone for good.</summary>
    Http410,

    /// <summary>Any other 4xx.</summary>
    Http4xx,

    /// <summary>A status outside of 200 to 599.</summary>
    HttpOther,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>The name of the receiver could not be resolved.</summary>
    Dns,

    /// <summary>No connection to the receiver.</summary>
    Connect,

    /// <summary>TLS failed, most often the certificate.</summary>
    Tls,

    /// <summary>The connection broke, or what came back is no HTTP.</summary>
    Broken,

    /// <summary>The receiver's address is private, loopback or of the link, and <c>allow_insecure</c> is not set.</summary>
    AddressRefused,

    /// <summary>Not tried: the last attempts of this route failed and it rests for a moment.</summary>
    CircuitOpen,

    /// <summary>Too old.</summary>
    TooOld,

    /// <summary>More alerts wait than <c>outbox_pending_max</c>; the oldest goes.</summary>
    Overflow,
}

/// <summary>Spelling of <see cref="DeliveryReason"/>.</summary>
internal static class DeliveryReasons
{
    /// <summary>As in the ledger and in labels, e.g. <c>http_429</c>.</summary>
    public static string Word(this DeliveryReason reason) => reason switch
    {
        DeliveryReason.Http408 => "http_408",
        DeliveryReason.Http425 => "http_425",
        DeliveryReason.Http429 => "http_429",
        DeliveryReason.Http5xx => "http_5xx",
        DeliveryReason.Http3xx => "http_3xx",
        DeliveryReason.Http410 => "http_410",
        DeliveryReason.Http4xx => "http_4xx",
        DeliveryReason.HttpOther => "http_other",
        DeliveryReason.Timeout => "timeout",
        DeliveryReason.Dns => "dns",
        DeliveryReason.Connect => "connect",
        DeliveryReason.Tls => "tls",
        DeliveryReason.Broken => "broken",
        DeliveryReason.AddressRefused => "address_refused",
        DeliveryReason.CircuitOpen => "circuit_open",
        DeliveryReason.TooOld => "too_old",
        DeliveryReason.Overflow => "overflow",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no such reason"),
    };
}
