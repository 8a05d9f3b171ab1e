using System.Collections.Immutable;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>What one entry of the log came to.</summary>
public enum FoldOutcome
{
    Folded,

    /// <summary>No event this build knows; a newer writer's, perhaps.</summary>
    UnknownEvent,

    /// <summary>An event that lacks a field, or whose field does not parse.</summary>
    Malformed,

    /// <summary>The host would be one more than there may be.</summary>
    HostRefused,

    /// <summary>The fold threw: a bug. Only of <see cref="PartitionFold.TryApplyAsync"/>.</summary>
    Failed,
}

/// <summary>The fold of one host, <see cref="HostFold.Apply(HostState, WireGuardEvent, Cause, FoldLimits)"/>.</summary>
public delegate (HostState State, ImmutableArray<HostFinding> Findings) ApplyToHost(HostState state, WireGuardEvent e, Cause cause, FoldLimits limits);

/// <param name="Outcome">What became of the entry.</param>
/// <param name="Header">Of the event; default where there is none.</param>
/// <param name="Findings">What the fold concluded; empty where nothing was folded.</param>
public readonly record struct FoldedEntry(FoldOutcome Outcome, EventHeader Header, ImmutableArray<HostFinding> Findings);

/// <summary>
/// The entries of one partition into the states of its hosts: decode, load the host at its first event, fold. Whoever derives something from the log
/// does it here, so that all come to the same state and the same findings. Not thread-safe.
/// </summary>
/// <param name="hosts">Where the states are.</param>
/// <param name="limits">Bounds of a host.</param>
/// <param name="apply">The fold of a host; null for the only one there is.</param>
public sealed class PartitionFold(IHostStates hosts, FoldLimits limits, ApplyToHost? apply = null)
{
    private readonly EventDecoder decoder = new();
    private readonly ApplyToHost apply = apply ?? HostFold.Apply;

    /// <summary>Applies one entry; the store holds the result, uncommitted. A fold that throws makes it throw: who consumes the log tries again, and parks the entry.</summary>
    public async ValueTask<FoldedEntry> ApplyAsync(StreamEntry entry, CancellationToken cancellationToken)
    {
        var decoded = decoder.TryDecode(entry.Fields, out var e);
        if (e is null) return new(decoded == DecodeOutcome.UnknownEvent ? FoldOutcome.UnknownEvent : FoldOutcome.Malformed, default, []);
        if (await hosts.GetAsync(e.Header.Host, cancellationToken) is not { } host) return new(FoldOutcome.HostRefused, e.Header, []);
        var (state, findings) = apply(host, e, new Cause(entry.Id.Milliseconds, entry.Id.Sequence), limits);
        hosts.Set(state);
        return new(FoldOutcome.Folded, e.Header, findings);
    }

    /// <summary>As <see cref="ApplyAsync"/>, but an entry on which the fold throws is left out: who folds behind the consumers has nobody to park for, and must not stop.</summary>
    public async ValueTask<FoldedEntry> TryApplyAsync(StreamEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyAsync(entry, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException) && !RedisAway.Is(exception)) // the fold is pure: it would throw again
        {
            return new(FoldOutcome.Failed, default, []);
        }
    }
}
