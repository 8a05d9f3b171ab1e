using System.Text;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>
/// The entries behind the point that a moment is told from. A few are held, and each host is folded when it is asked for; many, as an archive has them, are folded
/// while they are read, so that only what they come to is held. Not thread-safe.
/// </summary>
/// <param name="start">State at the point.</param>
/// <param name="from">Where that is.</param>
/// <param name="state">Bounds of the fold.</param>
/// <param name="host">The only host asked for; null for all.</param>
internal sealed class MomentWindow(PointState start, MomentStart from, StateOptions state, string? host)
{
    /// <summary>Each entry leaves a note of what it changed, which nobody needs here.</summary>
    private const int NotesMax = 50_000;

    // Of hosts that are there already the entries of others say nothing; a new one may be refused for them.
    private readonly EntryFilter filter = new(host is not null && start.Has(host) ? host : null);
    private readonly List<StreamEntry> held = [];
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly EventDecoder decoder = new();
    private PointFold? fold;
    private int notes;

    /// <summary>Entries behind this are wanted.</summary>
    public StreamId After => from.After;

    /// <summary>There will be many: nothing is held.</summary>
    public void FoldAtOnce() => fold = new PointFold(start, state);

    /// <summary>Takes the next entries, in the order of the log.</summary>
    public async ValueTask AddAsync(IReadOnlyList<StreamEntry> page, CancellationToken cancellationToken)
    {
        foreach (var entry in page)
        {
            if (!filter.Wants(entry)) continue;
            if (fold is null) held.Add(entry);
            else if (host is null || IsOf(entry, host)) await fold.ApplyAsync(entry, cancellationToken);
            else Admit(fold, entry);
        }
        if (fold is null || (notes += page.Count) < NotesMax) return;
        fold.States.ForgetChanges();
        notes = 0;
    }

    /// <summary>What all of it came to.</summary>
    public PartitionMoment ToMoment(StreamId? knownSince, IReadOnlyList<HistoryPoint> points) => fold is null
        ? PartitionMoment.Of(start, held, state, from.IsWhole, knownSince, points)
        : PartitionMoment.Of(start, fold, from.IsWhole, knownSince, points);

    /// <summary>Another host takes its place at its first event, as in every fold, and is not followed.</summary>
    private void Admit(PointFold fold, StreamEntry entry)
    {
        var other = PartitionMoment.HostOf(entry);
        if (seen.Contains(other) || start.Has(other) || decoder.TryDecode(entry.Fields, out var e) != DecodeOutcome.Decoded) return;
        seen.Add(other);
        fold.States.Admit(e!.Header.Host);
    }

    private static bool IsOf(StreamEntry entry, string host)
    {
        foreach (var field in entry.Fields)
        {
            if (field.Name.Span.SequenceEqual(FieldNames.Host)) return IsText(field.Value.Span, host);
        }
        return false;
    }

    private static bool IsText(ReadOnlySpan<byte> utf8, string text)
    {
        Span<byte> bytes = stackalloc byte[256];
        return Encoding.UTF8.TryGetBytes(text, bytes, out var length) ? utf8.SequenceEqual(bytes[..length]) : utf8.SequenceEqual(Encoding.UTF8.GetBytes(text));
    }
}
