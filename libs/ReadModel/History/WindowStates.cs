using WgMonitor.Peers;

namespace WgMonitor.ReadModel.History;

/// <summary>The hosts of a partition from a point on, as a fold changes them. Not thread-safe.</summary>
/// <param name="start">State at the point.</param>
/// <param name="hostsMax">Hosts there may be, <see cref="StateOptions.HostsMax"/>.</param>
internal sealed class WindowStates(PointState start, int hostsMax) : IHostStates
{
    private readonly Dictionary<string, HostState> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostState> changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> admitted = new(StringComparer.Ordinal);

    /// <summary>Hosts that changed, as they are now.</summary>
    public IReadOnlyDictionary<string, HostState> Changed => changed;

    /// <summary>Hosts that are new since the point.</summary>
    public IReadOnlyCollection<string> Admitted => admitted;

    /// <summary>The host before the last <see cref="Set"/>, and behind it.</summary>
    public (HostState Before, HostState After)? LastSet { get; private set; }

    /// <inheritdoc/>
    /// <remarks>A new host is admitted or refused at its first event, as every fold does it: the events must come in the order of the log, or <see cref="Admit"/> before.</remarks>
    public async ValueTask<HostState?> GetAsync(string host, CancellationToken cancellationToken)
    {
        if (changed.TryGetValue(host, out var state) || known.TryGetValue(host, out state)) return state;
        if (!start.Has(host) && !Admit(host)) return null;
        state = await start.ReadAsync(host, cancellationToken) ?? HostState.Of(host);
        known.Add(host, state);
        return state;
    }

    /// <summary>Decides on a host that was not there at the point; true when it is taken.</summary>
    public bool Admit(string host)
    {
        if (admitted.Contains(host)) return true;
        if (start.Hosts.Count + admitted.Count >= hostsMax) return false;
        return admitted.Add(host);
    }

    /// <inheritdoc/>
    public void Set(HostState state)
    {
        LastSet = (changed.GetValueOrDefault(state.Host) ?? known[state.Host], state);
        changed[state.Host] = state;
    }

    /// <summary>Which peers changed is not asked for any more.</summary>
    public void ForgetChanges()
    {
        foreach (var (host, state) in changed.ToList()) changed[host] = state with { Changed = [] };
    }

    /// <summary>Takes a host that the caller still holds, so that it need not be read.</summary>
    public void Hold(HostState state) => known[state.Host] = state;
}
