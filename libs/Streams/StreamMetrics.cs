using Prometheus;

namespace WgMonitor.Streams;

/// <summary>Counters of the log. Several services of one process may share a registry; the series are told apart by the <c>group</c> label.</summary>
public sealed class StreamMetrics
{
    private readonly Counter appendedEvents;
    private readonly Counter appendBatches;
    private readonly Counter appendFailures;
    private readonly Histogram appendSeconds;
    private readonly Counter appliedEvents;
    private readonly Counter skippedEvents;
    private readonly Counter trimmedWhilePending;
    private readonly Counter commits;
    private readonly Histogram commitSeconds;
    private readonly Counter failures;
    private readonly Counter handlersRestarted;
    private readonly Counter historyRewound;
    private readonly Counter groupsCreated;
    private readonly Counter parkedKeys;
    private readonly Counter ownershipChanges;
    private readonly Gauge partitionsOwned;
    private readonly Gauge members;
    private readonly Counter trimmedEntries;
    private readonly Gauge ageSuspended;

    /// <summary>Registers the series.</summary>
    public StreamMetrics(CollectorRegistry registry)
    {
        var factory = Metrics.WithCustomRegistry(registry);
        string[] none = [], group = ["group"];
        appendedEvents = factory.CreateCounter("wgmonitor_stream_appended_events_total", "Events this process added to the log. Compare with what groups apply: less applied than appended for long means more replicas are needed.", none);
        appendBatches = factory.CreateCounter("wgmonitor_stream_append_batches_total", "Batches sent to the log, by outcome. 'already' is a retry whose first try had arrived; 'rewound' rising: Redis lost what it had, batches are sent again; look at its persistence.", ["outcome"]);
        appendFailures = factory.CreateCounter("wgmonitor_stream_append_failures_total", "Batches not known to be appended, by reason. Rising: look at Redis.", ["reason"]);
        appendSeconds = factory.CreateHistogram("wgmonitor_stream_append_seconds", "Time of one append call. Rising: Redis or the network to it is slow.", none, new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });
        appliedEvents = factory.CreateCounter("wgmonitor_stream_applied_events_total", "Events applied and committed. Standing still while events are appended: look at the log of the service.", group);
        skippedEvents = factory.CreateCounter("wgmonitor_stream_skipped_events_total", "Events delivered again after they had been applied. Rising is harmless; all the time, it tells that owners change.", group);
        trimmedWhilePending = factory.CreateCounter("wgmonitor_stream_lost_by_retention_events_total", "Events trimmed away before they were applied. Rising: a consumer is too slow for the retention, or stands still; start it or add replicas, then wgmonitor replay.", group);
        commits = factory.CreateCounter("wgmonitor_stream_commits_total", "Commit scripts, by outcome. 'lease_lost' rising: a former owner was kept from writing, because it or Redis stands still for longer than stream.lease_ttl.", ["group", "outcome"]);
        commitSeconds = factory.CreateHistogram("wgmonitor_stream_commit_seconds", "Time of one commit call. Rising: Redis or the network to it is slow, or batches are large.", group, new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });
        failures = factory.CreateCounter("wgmonitor_stream_failures_total", "Calls to Redis or the handler that failed and are tried again, by reason. Rising: look at Redis and the log.", ["group", "reason"]);
        handlersRestarted = factory.CreateCounter("wgmonitor_stream_handlers_restarted_total", "Times memory was thrown away and read again from Redis, because it was in doubt. Rising: look at the log for why.", group);
        historyRewound = factory.CreateCounter("wgmonitor_stream_history_rewound_total", "Times the log or the checkpoint was found older than before: Redis lost history. Rising: look at its persistence and failover; /api/v1/status says what is missing.", group);
        groupsCreated = factory.CreateCounter("wgmonitor_stream_groups_created_total", "Times the consumer group had to be created. More than once a partition: Redis lost it; look at its persistence.", group);
        parkedKeys = factory.CreateCounter("wgmonitor_stream_wrongtype_keys_total", "Keys of another type than ours, that were left alone and whose writes were parked. Rising: another program writes under stream.prefix; the log names the key.", group);
        ownershipChanges = factory.CreateCounter("wgmonitor_stream_ownership_changes_total", "Partitions taken over, given back and lost. Rising without a start or stop: replicas or Redis stand still for longer than stream.lease_ttl; look at their logs.", ["group", "change"]);
        partitionsOwned = factory.CreateGauge("wgmonitor_stream_partitions_owned", "Partitions this process owns now. 0 for long where there are fewer replicas than partitions: look at its log.", group);
        this.members = factory.CreateGauge("wgmonitor_stream_members", "Live replicas of the group as this process sees them. Fewer than were started: one hangs, or does not reach Redis.", group);
        ageSuspended = factory.CreateGauge("wgmonitor_stream_retention_age_suspended", "Partitions that are not trimmed by age, because the clock of Redis went back or was moved. Above 0: look at its clock.", none);
        trimmedEntries = factory.CreateCounter("wgmonitor_stream_trimmed_entries_total", "Old entries removed from the log. Standing still while the log grows: a consumer, the base snapshot or the archive is behind; /api/v1/status says which.", none);
    }

    /// <summary>Shows what a group should never count, at 0.</summary>
    internal void Show(string group)
    {
        trimmedWhilePending.ShownAtZero([group]);
        historyRewound.ShownAtZero([group]);
    }

    internal void Appended(AppendOutcome outcome, int events, TimeSpan elapsed)
    {
        appendSeconds.Observe(elapsed.TotalSeconds);
        switch (outcome)
        {
            case AppendOutcome.Appended:
                appendedEvents.Inc(events);
                appendBatches.WithLabels("appended").Inc();
                break;
            case AppendOutcome.AlreadyAppended:
                appendBatches.WithLabels("already").Inc();
                break;
            case AppendOutcome.Rewound:
                appendBatches.WithLabels("rewound").Inc();
                break;
            case AppendOutcome.Retry retry:
                appendBatches.WithLabels("retry").Inc();
                appendFailures.WithLabels(retry.Reason).Inc();
                break;
            case AppendOutcome.Refused refused:
                appendBatches.WithLabels("refused").Inc();
                appendFailures.WithLabels(refused.Reason).Inc();
                break;
        }
    }

    internal void Committed(string group, string outcome, TimeSpan elapsed)
    {
        commits.WithLabels(group, outcome).Inc();
        commitSeconds.WithLabels(group).Observe(elapsed.TotalSeconds);
    }

    internal void Applied(string group, int applied, int skipped, int trimmed)
    {
        if (applied > 0) appliedEvents.WithLabels(group).Inc(applied);
        if (skipped > 0) skippedEvents.WithLabels(group).Inc(skipped);
        if (trimmed > 0) trimmedWhilePending.WithLabels(group).Inc(trimmed);
    }

    internal void Failed(string group, string reason) => failures.WithLabels(group, reason).Inc();

    internal void HandlerRestarted(string group) => handlersRestarted.WithLabels(group).Inc();

    internal void HistoryRewound(string group) => historyRewound.WithLabels(group).Inc();

    internal void GroupCreated(string group) => groupsCreated.WithLabels(group).Inc();

    internal void WrongType(string group) => parkedKeys.WithLabels(group).Inc();

    internal void OwnershipChanged(string group, string change) => ownershipChanges.WithLabels(group, change).Inc();

    internal void Owned(string group, int partitions, int? members)
    {
        partitionsOwned.WithLabels(group).Set(partitions);
        if (members is { } count) this.members.WithLabels(group).Set(count);
    }

    internal void LostByRetention(string group, long entries) => trimmedWhilePending.WithLabels(group).Inc(entries);

    internal void AgeSuspended(int partitions) => ageSuspended.Set(partitions);

    internal void Trimmed(long entries) => trimmedEntries.Inc(entries);
}
