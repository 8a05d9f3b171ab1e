using WgMonitor.Events;

namespace WgMonitor.Collector.Coverage;

/// <summary>One host and when it was heard, see <see cref="HostWatch"/>.</summary>
internal sealed class WatchedHost(byte[] name, int partition)
{
    /// <summary>As events have it.</summary>
    public byte[] Name => name;

    public int Partition => partition;

    /// <summary>When its last line was received, Unix microseconds; 0 when this run heard none.</summary>
    public long Received { get; set; }

    /// <summary>Of its last line.</summary>
    public TrustLevel Trust { get; set; }

    /// <summary>The transport of its last line sends again what was not acknowledged.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>A line came since the last look.</summary>
    public bool HeardSinceLook { get; set; }

    /// <summary>At which look it was heard last, by the monotonic clock.</summary>
    public long HeardAt { get; set; }

    /// <summary>Usual time between two groups of lines; 0 while lines come without a pause.</summary>
    public long Usual { get; set; }

    /// <summary>Looks at which it was heard, counted up to <see cref="HostWatch.LooksMin"/>.</summary>
    public int Looks { get; set; }

    public bool IsSilent { get; set; }

    /// <summary>Its lines for which there was no room, since that was told last.</summary>
    public long Lost { get; set; }

    /// <summary>When the last line before them was received.</summary>
    public long LostFrom { get; set; }

    /// <summary>When the last of them was received.</summary>
    public long LostTo { get; set; }

    /// <summary>What is stored of it for the next run.</summary>
    public ReadModel.CollectorHost Stored { get; set; }
}
