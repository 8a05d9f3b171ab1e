using System.Net;

namespace WgMonitor.Collector;

/// <summary>Where the collector of this process really listens, once it has started: the ports too where the configuration asks for any.</summary>
public sealed class BoundListeners
{
    private readonly CollectorRun run;

    internal BoundListeners(CollectorRun run) => this.run = run;

    /// <summary>Protocol word and address; empty before the start.</summary>
    public IReadOnlyList<(string Protocol, IPEndPoint Address)> All =>
        [.. run.Listeners.Select(listener => ("udp", listener.LocalEndPoint)).Concat(run.StreamListeners.Select(listener => (listener.Protocol, listener.LocalEndPoint)))];
}
