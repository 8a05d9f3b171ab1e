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
}

/// <param name="Outcome">What became of the entry.</param>
/// <param name="Header">Of the event; default where there is none.</param>
/// <param name="Findings">What the fold concluded; empty where nothing was folded.</param>
public readonly record struct FoldedEntry(FoldOutcome Outcome, EventHeader Header, ImmutableArray<HostFinding> Findings);

/// <summary>
/// The entries of one partition into the states of its hosts: decode, load the host at its first event, fold. Whoever derives something from the log
/// does it here, so that all come to the same state and the same findings. Not thread-safe.
/// </summary>
public sealed class PartitionFold(IHostStates hosts, FoldLimits limits)
{
    private readonly EventDecoder decoder = new();

    /// <summary>Applies one entry; the store holds the result, uncommitted.</summary>
    public async ValueTask<FoldedEntry> ApplyAsync(StreamEntry entry, CancellationToken cancellationToken)
    {
        var decoded = decoder.TryDecode(entry.Fields, out var e);
        if (e is null) return new(decoded == DecodeOutcome.UnknownEvent ? FoldOutcome.UnknownEvent : FoldOutcome.Malformed, default, []);
        if (await hosts.GetAsync(e.Header.Host, cancellationToken) is not { } host) return new(FoldOutcome.HostRefused, e.Header, []);
        var (state, findings) = HostFold.Apply(host, e, new Cause(entry.Id.Milliseconds, entry.Id.Sequence), limits);
        hosts.Set(state);
        return new(FoldOutcome.Folded, e.Header, findings);
    }
}
