using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>Every key by which collectors say how they are. Each collector writes its own; the API reads all.</summary>
public sealed class CollectorKeys(StreamKeys keys)
{
    /// <summary>Sorted set: ids of the collectors, scored by when they wrote last (Unix milliseconds).</summary>
    public string Index => $"{keys.Prefix}:collectors";

    /// <summary>Hash: one collector's status, see <see cref="CollectorStatusHash"/>. Expires soon after the collector's end.</summary>
    public string Status(string collector) => $"{keys.Prefix}:collector:{collector}";

    /// <summary>Hash: what a collector leaves for its next run, see <see cref="CollectorRunStore"/>; by the collector's name.</summary>
    public string Run(string collector) => $"{keys.Prefix}:collector-run:{collector}";
}
