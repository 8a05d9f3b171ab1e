namespace WgMonitor.ReadModel;

/// <summary>What became of an alert on one route.</summary>
public enum DeliveryState
{
    /// <summary>Not yet taken; it is tried again.</summary>
    Pending,

    /// <summary>The receiver took it.</summary>
    Delivered,

    /// <summary>The receiver refused it in a way that trying again does not mend.</summary>
    Rejected,

    /// <summary>Too old before it could be delivered.</summary>
    Expired,
}

/// <summary>The ledger's line for one alert and route.</summary>
/// <param name="Route">Name of the route.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">Times it was sent.</param>
/// <param name="Reason">Word of a closed set: why the last attempt was no success; empty after one.</param>
/// <param name="At">When this was written, Unix microseconds.</param>
public sealed record DeliveryRecord(string Route, DeliveryState State, int Attempts, string Reason, long At)
{
    /// <summary>It is not sent any more.</summary>
    public bool IsSettled => State != DeliveryState.Pending;
}
