namespace WgMonitor.Collector;

/// <summary>What the header's time was good for; the <c>use</c> label of a metric.</summary>
public enum HeaderTimeUse
{
    /// <summary>It became the event's <c>at</c>.</summary>
    Used,

    /// <summary>It has no offset (RFC 3164): the time of receipt was taken.</summary>
    WithoutOffset,

    /// <summary>It is further from the time of receipt than <c>collector.skew_max</c>: a wrong clock or an old backlog.</summary>
    Skewed,

    /// <summary>No such time exists.</summary>
    Invalid,

    /// <summary>The header has none.</summary>
    None,
}
