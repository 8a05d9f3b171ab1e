using System.Collections.Concurrent;
using Prometheus;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>What the notifier does, counted and, where somebody should know, logged: one method an occurrence. Labels come from the configuration and closed sets.</summary>
internal sealed class NotifierMetrics
{
    private const string Weather = "redis";
    private const string Bug = "bug";

    private static readonly TimeSpan FailureLogInterval = TimeSpan.FromSeconds(10);

    private readonly ILogger<NotifierMetrics> logger;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<RouteBacklog, bool> backlogs = new();
    private readonly HashSet<string> watched = [];
    private readonly Counter alerts;
    private readonly Counter suppressed;
    private readonly Counter deliveries;
    private readonly Gauge pending;
    private readonly Gauge oldest;
    private readonly Gauge open;
    private readonly Counter parked;
    private readonly Counter workerFailures;

    // Why a route's alerts were lost last, until it delivers again: the operator is told once, not for each of thousands.
    private readonly ConcurrentDictionary<string, DeliveryReason> told = new();
    private long? failureLoggedAt;

    public NotifierMetrics(CollectorRegistry registry, ILogger<NotifierMetrics> logger, TimeProvider time)
    {
        this.logger = logger;
        this.time = time;
        var factory = Metrics.WithCustomRegistry(registry);
        alerts = factory.CreateCounter("wgmonitor_notifier_alerts_total", "Alerts raised, by rule. Rising sharply: GET /api/v1/alerts shows them with what caused them.", ["rule"]);
        suppressed = factory.CreateCounter("wgmonitor_notifier_alerts_suppressed_total", "Alerts not raised because the lines they rest on are trusted less than the rule's min_trust. Rising: look at GET /api/v1/hosts for who sends them.", ["rule"]);
        deliveries = factory.CreateCounter(
            "wgmonitor_notifier_deliveries_total",
            "Attempts to deliver by outcome (delivered, retry, rejected) and alerts given up (expired). Anything but 'delivered' rising: look at the reason and the receiver.",
            ["route", "outcome", "reason"]);
        pending = factory.CreateGauge("wgmonitor_notifier_outbox_pending", "Alerts that wait for a route, in the partitions this process owns. Rising: its receiver is away or too slow.", ["route"]);
        oldest = factory.CreateGauge("wgmonitor_notifier_outbox_oldest_seconds", "Age of the oldest alert that waits for a route. Near expires_after: alerts are about to be given up.", ["route"]);
        open = factory.CreateGauge("wgmonitor_notifier_circuit_open", "1 while a route rests after failures, or for good after a 410. Staying 1: look at its receiver and at the log.", ["route"]);
        parked = factory.CreateCounter("wgmonitor_notifier_parked_total", "Entries that could not be applied and were kept aside. Rising: a newer collector may be running; wgmonitor parked lists them.", ["reason"]).ShownAtZero(ParkReason.All);
        workerFailures = factory.CreateCounter("wgmonitor_notifier_worker_failures_total", "Times the delivery of a route started over. 'redis' rising: look at Redis; 'bug' above 0: report it with the log.", ["route", "reason"]);
        Trouble = new(factory, "notifier", logger);
        registry.AddBeforeCollectCallback(ShowBacklogs);
    }

    /// <summary>What keeps it from holding the state it should.</summary>
    public StateTrouble Trouble { get; }

    public void Raised(AlertRecord alert)
    {
        alerts.WithLabels(alert.Rule).Inc();
        NotifierLog.AlertRaised(logger, alert.Id, alert.Rule, alert.PeerName);
    }

    public void Suppressed(AlertRecord alert)
    {
        suppressed.WithLabels(alert.Rule).Inc();
        NotifierLog.AlertSuppressed(logger, alert.Id, alert.Rule, alert.PeerName, TrustWords.Of(alert.Trust));
    }

    public void Attempted(string route, string alertId, ChannelOutcome outcome)
    {
        switch (outcome)
        {
            case ChannelOutcome.Delivered:
                deliveries.WithLabels(route, "delivered", "").Inc();
                told.TryRemove(route, out _);
                NotifierLog.Delivered(logger, alertId, route);
                break;
            case ChannelOutcome.Retry retry:
                deliveries.WithLabels(route, "retry", retry.Reason.Word()).Inc();
                NotifierLog.NotDelivered(logger, alertId, route, retry.Reason.Word());
                break;
            case ChannelOutcome.Rejected rejected:
                var refusal = rejected.Reason.Word();
                deliveries.WithLabels(route, "rejected", refusal).Inc();
                NotifierLog.Rejected(logger, FirstOf(route, rejected.Reason) ? LogLevel.Warning : LogLevel.Debug, alertId, route, refusal);
                break;
        }
    }

    public void GivenUp(string route, string alertId, DeliveryReason reason)
    {
        var word = reason.Word();
        deliveries.WithLabels(route, "expired", word).Inc();
        NotifierLog.GivenUp(logger, FirstOf(route, reason) ? LogLevel.Error : LogLevel.Debug, alertId, route, word);
    }

    public void RouteGone(string route)
    {
        open.WithLabels(route).Set(1);
        NotifierLog.RouteGone(logger, route);
    }

    public void CircuitOpened(string route, TimeSpan rest)
    {
        open.WithLabels(route).Set(1);
        NotifierLog.CircuitOpened(logger, route, rest);
    }

    public void CircuitClosed(string route)
    {
        open.WithLabels(route).Set(0);
        NotifierLog.CircuitClosed(logger, route);
    }

    /// <summary>An entry could not be applied and was put aside.</summary>
    public void Parked(StreamId id, string reason)
    {
        parked.WithLabels(reason).Inc();
        NotifierLog.EventParked(logger, id, reason);
    }

    /// <summary>A worker starts over. One line in ten seconds: all routes of all partitions fail at once when Redis is away.</summary>
    public void WorkerFailed(string route, Exception exception, bool isWeather)
    {
        workerFailures.WithLabels(route, isWeather ? Weather : Bug).Inc();
        lock (told)
        {
            if (failureLoggedAt is { } at && time.GetElapsedTime(at) < FailureLogInterval) return;
            failureLoggedAt = time.GetTimestamp();
        }

        if (isWeather) NotifierLog.RedisWeather(logger, exception, route);
        else NotifierLog.WorkerFailed(logger, exception, route);
    }

    public void OutboxEntryUnreadable(StreamId position) => NotifierLog.OutboxEntryUnreadable(logger, position);

    /// <summary>Shows a backlog until <see cref="Unwatch"/>.</summary>
    public void Watch(RouteBacklog backlog)
    {
        workerFailures.ShownAtZero([Weather, Bug], backlog.Route);
        backlogs.TryAdd(backlog, true);
    }

    public void Unwatch(RouteBacklog backlog) => backlogs.TryRemove(backlog, out _);

    private bool FirstOf(string route, DeliveryReason reason)
    {
        var first = !told.TryGetValue(route, out var last) || last != reason;
        told[route] = reason;
        return first;
    }

    private void ShowBacklogs()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var routes = backlogs.Keys.GroupBy(backlog => backlog.Route).ToDictionary(group => group.Key, group => group.ToArray());
        lock (watched)
        {
            watched.UnionWith(routes.Keys);
            foreach (var route in watched)
            {
                var waiting = routes.GetValueOrDefault(route) ?? [];
                var heads = waiting.Select(backlog => backlog.HeadMilliseconds).Where(head => head > 0).ToArray();
                pending.WithLabels(route).Set(waiting.Sum(backlog => backlog.Pending));
                oldest.WithLabels(route).Set(heads.Length == 0 ? 0 : Math.Max(0, (now - heads.Min()) / 1000.0));
            }
        }
    }
}
