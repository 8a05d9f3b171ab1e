using System.Text;
using Prometheus;
using WgMonitor.Events;

namespace WgMonitor.Collector.Coverage;

/// <summary>What is told of missing lines, counted and logged: one method an occurrence.</summary>
internal sealed class CoverageMetrics(MetricFactory factory, ILogger<CoverageMetrics> logger)
{
    private readonly Counter told = factory.CreateCounter(
        "wgmonitor_collector_coverage_events_total", "Events that tell of missing lines, one for each host concerned. Rising: the log of the collector and /api/v1/hosts say of whom and why.", ["event"]);

    private readonly Counter dropped = factory.CreateCounter(
        "wgmonitor_collector_coverage_events_dropped_total", "Such events that were given up, because Redis was away for long and many waited. Rising: see that Redis works; hosts may then say that nothing is missing although something is.");

    private readonly Gauge silent = factory.CreateGauge(
        "wgmonitor_collector_hosts_silent", "Hosts that sent no line for much longer than usual. Rising: look at the hosts, their syslog daemons and the way between.");

    private readonly Gauge watched = factory.CreateGauge("wgmonitor_collector_hosts_watched", "Hosts whose silence would be noticed. Falling: after 7 days without a line a host is forgotten; without a restart of the collector, look for who is gone in /api/v1/hosts.");

    public void Told(in CoverageFact fact)
    {
        told.WithLabels(EventNames.Of(fact.Kind)).Inc();
        var host = Encoding.ASCII.GetString(fact.Host.Name);
        if (fact.Kind == EventKind.HostSilent) CollectorLog.HostSilent(logger, host, TimeSpan.FromMicroseconds(fact.Usual));
        else CollectorLog.LinesMissing(logger, host, fact.Reason.Length > 0 ? fact.Reason : EventNames.Of(fact.Kind), UnixMicroseconds.ToTime(fact.From), UnixMicroseconds.ToTime(fact.To));
    }

    public void Dropped(EventKind kind)
    {
        dropped.Inc();
        CollectorLog.CoverageDropped(logger, EventNames.Of(kind));
    }

    public void Watch(HostWatch hosts)
    {
        silent.Set(hosts.SilentCount);
        watched.Set(hosts.Hosts.Count);
    }
}
