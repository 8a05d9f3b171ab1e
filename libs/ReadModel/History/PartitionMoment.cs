using System.Text;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// A partition after all entries up to a position: the newest point before it, and the entries since. Each host is folded when it is asked for, and as often.
/// Not thread-safe.
/// </summary>
public sealed class PartitionMoment
{
    private readonly PointFold? fold;
    private readonly PointState? start;
    private readonly Dictionary<string, List<StreamEntry>> window;

    private PartitionMoment(
        PointState? start, PointFold? fold, Dictionary<string, List<StreamEntry>> window, bool isWhole, StreamId? knownSince, IReadOnlyList<HistoryPoint> points)
    {
        (this.start, this.fold, this.window, KnownSince, Points) = (start, fold, window, knownSince, points);
        IsComplete = isWhole && start is { Point.IsComplete: true };
        Hosts = start is null ? [] : [.. start.Hosts.Union(window.Keys).Union(fold!.States.Changed.Keys)];
    }

    /// <summary>False when the position lies before all that is kept: nothing is known, which is not the same as that there was nothing.</summary>
    public bool IsKnown => start is not null;

    /// <summary>All of the log up to there went into it.</summary>
    public bool IsComplete { get; }

    /// <summary>The earliest position at which the state is known: zero for always, null for none.</summary>
    public StreamId? KnownSince { get; }

    /// <summary>Its hosts, in no order.</summary>
    public IReadOnlyCollection<string> Hosts { get; }

    /// <summary>The points up to the one it rests on, oldest first.</summary>
    internal IReadOnlyList<HistoryPoint> Points { get; }

    /// <summary>What the entries behind the last point ended and began, of the hosts that were read.</summary>
    internal IReadOnlyList<HistoryRecord> Records => fold?.Collected.Records ?? [];

    internal static PartitionMoment Unknown(StreamId? knownSince) => new(null, null, [], false, knownSince, []);

    /// <param name="start">State at the point.</param>
    /// <param name="fold">The entries behind it, folded over it.</param>
    /// <param name="isWhole">None of them is missing.</param>
    /// <param name="knownSince">See <see cref="KnownSince"/>.</param>
    /// <param name="points">See <see cref="Points"/>.</param>
    internal static PartitionMoment Of(PointState start, PointFold fold, bool isWhole, StreamId? knownSince, IReadOnlyList<HistoryPoint> points) =>
        new(start, fold, [], isWhole, knownSince, points);

    /// <param name="start">State at the point.</param>
    /// <param name="entries">Those behind it, in the order of the log.</param>
    /// <param name="state">Bounds of the fold.</param>
    /// <param name="isWhole">None of them is missing.</param>
    /// <param name="knownSince">See <see cref="KnownSince"/>.</param>
    /// <param name="points">See <see cref="Points"/>.</param>
    internal static PartitionMoment Of(PointState start, IReadOnlyList<StreamEntry> entries, StateOptions state, bool isWhole, StreamId? knownSince, IReadOnlyList<HistoryPoint> points)
    {
        var fold = new PointFold(start, state);
        var window = new Dictionary<string, List<StreamEntry>>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var host = HostOf(entry);
            if (!window.TryGetValue(host, out var those)) window.Add(host, those = []);
            those.Add(entry);
        }
        // Who is let in while there is no room for all is decided in the order of the log, which is lost with the next line.
        if (start.Hosts.Union(window.Keys).Count() > state.HostsMax) AdmitInOrder(start, fold, entries);
        return new(start, fold, window, isWhole, knownSince, points);
    }

    /// <summary>The host; null when there was none, or its part of a point cannot be read.</summary>
    public async ValueTask<HostState?> ReadAsync(string host, CancellationToken cancellationToken)
    {
        if (start is null) return null;
        if (!window.Remove(host, out var entries)) return fold!.States.Changed.GetValueOrDefault(host) ?? await start.ReadAsync(host, cancellationToken);
        foreach (var entry in entries) await fold!.ApplyAsync(entry, cancellationToken);
        return fold!.States.Changed.GetValueOrDefault(host);
    }

    private static void AdmitInOrder(PointState start, PointFold fold, IReadOnlyList<StreamEntry> entries)
    {
        var decoder = new EventDecoder();
        foreach (var entry in entries)
        {
            if (!start.Has(HostOf(entry)) && decoder.TryDecode(entry.Fields, out var e) == DecodeOutcome.Decoded) fold.States.Admit(e!.Header.Host);
        }
    }

    /// <summary>As it stands in the entry; empty where there is none.</summary>
    internal static string HostOf(StreamEntry entry)
    {
        foreach (var field in entry.Fields)
        {
            if (field.Name.Span.SequenceEqual(FieldNames.Host)) return Encoding.UTF8.GetString(field.Value.Span);
        }
        return "";
    }
}
