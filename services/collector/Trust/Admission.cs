using WgMonitor.Events;

namespace WgMonitor.Collector.Trust;

/// <summary>Whether a line may come in: by its source before a byte of it is read, by whom it names afterwards. Not thread-safe.</summary>
internal sealed class Admission
{
    private readonly IdentityHash hash = new();
    private readonly SourceAllowList allowed;
    private readonly TokenBuckets? lines;
    private readonly Inventory? inventory;
    private readonly KnownIdentities known;

    public Admission(CollectorOptions options)
    {
        var limits = options.Limits;
        allowed = SourceAllowList.Of(options.Allow);
        if (limits.SourceLinesPerSecond > 0) lines = new(limits.SourcesMax, limits.SourceLinesPerSecond, limits.SourceLinesBurst);
        if (options.Inventory == InventoryMode.Strict) inventory = new(hash, options.InventoryHosts());
        known = new(limits, hash);
    }

    /// <inheritdoc cref="CollectorPipeline.IsOpenToAll"/>
    public bool IsOpenToAll => allowed.IsEmpty;

    /// <inheritdoc cref="KnownIdentities.Count"/>
    public (int Hosts, int Interfaces, int Peers) Known => known.Count;

    /// <summary>The source is in <c>collector.allow</c>, or everybody is.</summary>
    public bool IsAllowed(in FrameSource source) => allowed.Allows(source.Address);

    /// <summary>By the source alone: <see cref="LineOutcome.Event"/> lets the line be read.</summary>
    public LineOutcome BeforeReading(in FrameSource source, long receivedMicroseconds)
    {
        if (!IsAllowed(source)) return LineOutcome.DroppedSourceNotAllowed;
        if (!IsLimited(source) || lines!.TryTake(hash.Of(source.Address), receivedMicroseconds)) return LineOutcome.Event;
        return LineOutcome.DroppedRateLimited;
    }

    /// <summary>By whom the event names: <see cref="LineOutcome.Event"/> lets it pass.</summary>
    public LineOutcome AfterReading(scoped in EventFields e, in FrameSource source, long receivedMicroseconds, out CardinalityLimit limit)
    {
        limit = CardinalityLimit.None;
        if (inventory is not null && !inventory.Has(e.Host, e.Interface)) return LineOutcome.DroppedInventory;
        limit = known.Admit(e, hash.Of(source.Address), receivedMicroseconds);
        return limit == CardinalityLimit.None ? LineOutcome.Event : LineOutcome.DroppedCardinality;
    }

    /// <summary>The line will be offered once more: it must not be paid for twice.</summary>
    public void TakeBack(in FrameSource source)
    {
        if (IsLimited(source)) lines!.GiveBack(hash.Of(source.Address));
    }

    /// <summary>Only who cannot be made to wait loses lines by a limit.</summary>
    private bool IsLimited(in FrameSource source) => lines is not null && source.Trust == TrustLevel.Udp;
}
