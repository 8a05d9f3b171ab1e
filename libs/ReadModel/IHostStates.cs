using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>Where a fold finds the hosts of a partition and leaves what they became: the stored view of an owner, or a moment of the past.</summary>
public interface IHostStates
{
    /// <summary>The host as it is now, or null for a new one beyond <see cref="StateOptions.HostsMax"/>.</summary>
    ValueTask<HostState?> GetAsync(string host, CancellationToken cancellationToken);

    /// <summary>Takes the state after an event; <see cref="GetAsync"/> gave this host before.</summary>
    void Set(HostState state);
}
