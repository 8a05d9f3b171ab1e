namespace WgMonitor.Projector.Rebuild;

/// <summary>How to rebuild.</summary>
public sealed record RebuildOptions
{
    /// <summary>Compare only: the rebuilt view is deleted, the live one stays. Default false.</summary>
    public bool VerifyOnly { get; init; }

    /// <summary>Switch although the views differ, because the live one is known to be wrong. Default false.</summary>
    public bool AcceptDifferences { get; init; }

    /// <summary>Switch although the log was trimmed and there is no base snapshot, so that what was trimmed is missing. Default false.</summary>
    public bool AllowIncomplete { get; init; }

    /// <summary>Directory of the archive from which what is trimmed is taken, in place of the base snapshot; null for the base snapshot.</summary>
    public string? FromArchive { get; init; }

    /// <summary>Events folded a second and partition at most, so that Redis has time for the others; 0 for no limit. Default 0.</summary>
    public int EventsPerSecondMax { get; init; }
}

/// <summary>What became of the rebuild of one partition.</summary>
public enum RebuildOutcome
{
    /// <summary>The rebuilt view is live; the one before is kept.</summary>
    Switched,

    /// <summary>The views are equal; nothing was switched because nothing was to be.</summary>
    Verified,

    /// <summary>The views differ; the live one stays.</summary>
    Different,

    /// <summary>The log does not reach back to its beginning, to a base snapshot or to the end of the archive; the live view stays.</summary>
    Incomplete,
}

/// <summary>The rebuild of one partition in figures.</summary>
/// <param name="Partition">Which.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Generation">Number of the rebuilt view.</param>
/// <param name="From">Entry that the base snapshot stands for; 0-0 for the beginning of the log.</param>
/// <param name="To">Entry at which the views were compared.</param>
/// <param name="Events">Folded by this run; fewer than lie between when it went on with one that was interrupted.</param>
/// <param name="Seconds">Time of folding.</param>
/// <param name="Complete">False when events are missing that were in the log once.</param>
/// <param name="Missing">Where they are missing, in words: <c>before ID</c>, <c>between ID and ID</c>, <c>after ID</c>.</param>
/// <param name="LeftOut">Entries of those folded that count elsewhere or never: the projector had parked them, or they are retries of what it had applied.</param>
/// <param name="FailedCount">Entries that could not be applied here, without the projector having parked them.</param>
/// <param name="Failed">The first of them.</param>
/// <param name="LiveDigest">64 hexadecimal digits.</param>
/// <param name="RebuiltDigest">The same for the rebuilt view.</param>
/// <param name="DifferenceCount">Hosts and peers that differ.</param>
/// <param name="Differences">The first of them in words.</param>
public sealed record RebuildReport(
    int Partition, RebuildOutcome Outcome, int Generation, string From, string To, long Events, double Seconds, bool Complete, IReadOnlyList<string> Missing,
    long LeftOut, long FailedCount, IReadOnlyList<string> Failed, string LiveDigest, string RebuiltDigest, int DifferenceCount, IReadOnlyList<string> Differences);

/// <summary>The rebuild cannot be done as things are. The message is one sentence that says what to do.</summary>
public sealed class RebuildRefusedException(string message) : Exception(message);
