using System.Globalization;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Doctor;

/// <summary>Is somebody working on every partition of the log, and is it up to date.</summary>
internal static class LogChecks
{
    /// <summary>More is no passing burst.</summary>
    private const double LagSecondsMax = 30;

    /// <param name="group">Group that reads the log.</param>
    /// <param name="partitions">Each partition's status.</param>
    public static Check Of(string group, IReadOnlyList<StreamStatus> partitions)
    {
        var unowned = partitions.Count(partition => partition.Owner is null);
        if (unowned == partitions.Count) return Check.Bad(group, "none is running", $"Start one (`wgmonitor up` or `wgmonitor-{group}`), or look at its log.");
        if (unowned > 0) return Check.Bad(group, $"{unowned} of {partitions.Count} partitions have no owner", "Wait for some seconds; if it stays, look at its log.");
        var lag = partitions.Max(partition => partition.LagSeconds);
        return lag > LagSecondsMax
            ? Check.Warning(group, string.Create(CultureInfo.InvariantCulture, $"{lag:0} s behind"), "It is slower than the lines come, or has just started. Add a replica, or look at its log.")
            : Check.Good(group, $"up to date in all {partitions.Count} partitions, worked on by {partitions.Select(partition => partition.Owner).Distinct().Count()}");
    }

    /// <summary>Does what stands in the log get into the state: the first event of a host makes it known, for ever.</summary>
    /// <param name="partitions">Each partition's status, of any group.</param>
    /// <param name="hosts">Names of hosts in the state.</param>
    /// <param name="more">There are more hosts than these.</param>
    public static Check Retained(IReadOnlyList<StreamStatus> partitions, int hosts, bool more)
    {
        var entries = partitions.Sum(partition => partition.Entries);
        var kept = $"{entries.ToString(CultureInfo.InvariantCulture)} events kept, {hosts}{(more ? " or more" : "")} {(hosts == 1 ? "host" : "hosts")} known";
        return entries > 0 && hosts == 0
            ? Check.Bad("event log", $"{kept}: what is in the log does not get into the state", "Look at the projector's log; `wgmonitor parked` lists what it could not apply.")
            : Check.Good("event log", kept);
    }
}
