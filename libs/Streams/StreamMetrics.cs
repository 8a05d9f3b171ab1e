using Prometheus;

namespace WgMonitor.Streams;

/// <summary>Counters of the log. Several services of one process may share a registry; the series are told apart by the <c>group</c> label.</summary>
public sealed class StreamMetrics
{
    private readonly Counter _appendedEvents;
    private readonly Counter _appendBatches;
    private readonly Counter _appendFailures;
    private readonly Histogram _appendSeconds;
    private readonly Counter _appliedEvents;
    private readonly Counter _skippedEvents;
    private readonly Counter _trimmedWhilePending;
    private readonly Counter _commits;
    private readonly Histogram _commitSeconds;
    private readonly Counter _failures;
    private readonly Counter _handlersRestarted;
    private readonly Counter _historyRewound;
    private readonly Counter _groupsCreated;
    private readonly Counter _parkedKeys;
    private readonly Counter _ownershipChanges;
    private readonly Gauge _partitionsOwned;
    private readonly Gauge _members;
    private readonly Counter _trimmedEntries;

    /// <summary>Registers the series.</summary>
    public StreamMetrics(CollectorRegistry registry)
    {
        var factory = Metrics.WithCustomRegistry(registry);
        string[] none = [], group = ["group"];
        _appendedEvents = factory.CreateCounter("wgmonitor_stream_appended_events_total", "Events this process added to the log.", none);
        _appendBatches = factory.CreateCounter("wgmonitor_stream_append_batches_total", "Batches sent to the log, by outcome. 'already' is a retry whose first try had arrived.", ["outcome"]);
        _appendFailures = factory.CreateCounter("wgmonitor_stream_append_failures_total", "Batches not known to be appended, by reason. Rising: look at Redis.", ["reason"]);
        _appendSeconds = factory.CreateHistogram("wgmonitor_stream_append_seconds", "Time of one append call.", none, new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });
        _appliedEvents = factory.CreateCounter("wgmonitor_stream_applied_events_total", "Events applied and committed.", group);
        _skippedEvents = factory.CreateCounter("wgmonitor_stream_skipped_events_total", "Events delivered again after they had been applied; harmless.", group);
        _trimmedWhilePending = factory.CreateCounter("wgmonitor_stream_lost_by_retention_events_total", "Events trimmed away before they were applied. Rising: a consumer is too slow for the retention.", group);
        _commits = factory.CreateCounter("wgmonitor_stream_commits_total", "Commit scripts, by outcome. 'lease_lost': a former owner was kept from writing.", ["group", "outcome"]);
        _commitSeconds = factory.CreateHistogram("wgmonitor_stream_commit_seconds", "Time of one commit call.", group, new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });
        _failures = factory.CreateCounter("wgmonitor_stream_failures_total", "Calls to Redis or the handler that failed and are tried again, by reason. Rising: look at Redis and the log.", ["group", "reason"]);
        _handlersRestarted = factory.CreateCounter("wgmonitor_stream_handlers_restarted_total", "Times memory was thrown away and read again from Redis, because it was in doubt.", group);
        _historyRewound = factory.CreateCounter("wgmonitor_stream_history_rewound_total", "Times the log or the checkpoint was found older than before: Redis lost history.", group);
        _groupsCreated = factory.CreateCounter("wgmonitor_stream_groups_created_total", "Times the consumer group had to be created; more than once a partition means that Redis lost it.", group);
        _parkedKeys = factory.CreateCounter("wgmonitor_stream_wrongtype_keys_total", "Keys of another type than ours, that were left alone and whose writes were parked.", group);
        _ownershipChanges = factory.CreateCounter("wgmonitor_stream_ownership_changes_total", "Partitions taken over, given back and lost.", ["group", "change"]);
        _partitionsOwned = factory.CreateGauge("wgmonitor_stream_partitions_owned", "Partitions this process owns now.", group);
        _members = factory.CreateGauge("wgmonitor_stream_members", "Live replicas of the group as this process sees them.", group);
        _trimmedEntries = factory.CreateCounter("wgmonitor_stream_trimmed_entries_total", "Old entries removed from the log.", none);
    }

    internal void Appended(AppendOutcome outcome, int events, TimeSpan elapsed)
    {
        _appendSeconds.Observe(elapsed.TotalSeconds);
        switch (outcome)
        {
            case AppendOutcome.Appended:
                _appendedEvents.Inc(events);
                _appendBatches.WithLabels("appended").Inc();
                break;
            case AppendOutcome.AlreadyAppended:
                _appendBatches.WithLabels("already").Inc();
                break;
            case AppendOutcome.Retry retry:
                _appendBatches.WithLabels("retry").Inc();
                _appendFailures.WithLabels(retry.Reason).Inc();
                break;
            case AppendOutcome.Refused refused:
                _appendBatches.WithLabels("refused").Inc();
                _appendFailures.WithLabels(refused.Reason).Inc();
                break;
        }
    }

    internal void Committed(string group, string outcome, TimeSpan elapsed)
    {
        _commits.WithLabels(group, outcome).Inc();
        _commitSeconds.WithLabels(group).Observe(elapsed.TotalSeconds);
    }

    internal void Applied(string group, int applied, int skipped, int trimmed)
    {
        if (applied > 0) _appliedEvents.WithLabels(group).Inc(applied);
        if (skipped > 0) _skippedEvents.WithLabels(group).Inc(skipped);
        if (trimmed > 0) _trimmedWhilePending.WithLabels(group).Inc(trimmed);
    }

    internal void Failed(string group, string reason) => _failures.WithLabels(group, reason).Inc();

    internal void HandlerRestarted(string group) => _handlersRestarted.WithLabels(group).Inc();

    internal void HistoryRewound(string group) => _historyRewound.WithLabels(group).Inc();

    internal void GroupCreated(string group) => _groupsCreated.WithLabels(group).Inc();

    internal void WrongType(string group) => _parkedKeys.WithLabels(group).Inc();

    internal void OwnershipChanged(string group, string change) => _ownershipChanges.WithLabels(group, change).Inc();

    internal void Owned(string group, int partitions, int? members)
    {
        _partitionsOwned.WithLabels(group).Set(partitions);
        if (members is { } count) _members.WithLabels(group).Set(count);
    }

    internal void Trimmed(long entries) => _trimmedEntries.Inc(entries);
}
