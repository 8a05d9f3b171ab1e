using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// Makes this process a replica of a consumer group: it takes its fair share of the partitions, runs one consumer for each, gives back what is too much when
/// replicas join, and everything when it stops. Partitions of a crashed replica are free after the lease's time to live.
/// </summary>
public sealed class PartitionOwners : IDisposable
{
    private readonly IConnectionMultiplexer _redis;
    private readonly StreamKeys _keys;
    private readonly IPartitionHandlerFactory _factory;
    private readonly StreamOptions _options;
    private readonly StreamMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WeatherReport _report;
    private readonly Lease _lease;
    private readonly BatchCommitter _committer;
    private readonly WakeSignal _rebalance;
    private readonly PartitionMemory[] _memories;
    private readonly WakeHints _hints;
    private readonly Dictionary<int, OwnedSlot> _slots = [];
    private volatile OwnedSlot[] _current = [];
    private volatile int[] _owned = [];
    private long _heardAt;

    /// <summary>A replica with a new random id.</summary>
    public PartitionOwners(
        IConnectionMultiplexer redis, StreamKeys keys, string group, IPartitionHandlerFactory factory, IOptions<StreamOptions> options,
        StreamMetrics metrics, TimeProvider time, ILogger<PartitionOwners> logger)
    {
        if (!StreamKeys.IsName(group)) throw new ArgumentException($"'{group}' is no group name", nameof(group));
        _redis = redis;
        _keys = keys;
        _factory = factory;
        _options = options.Value;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        Group = group;
        Replica = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        _report = new WeatherReport(group, metrics, logger, time);
        _lease = new Lease(redis, keys, group, Replica);
        _committer = new BatchCommitter(redis, keys, metrics, time);
        _rebalance = new WakeSignal(time);
        _memories = [.. Enumerable.Range(0, _options.Partitions).Select(_ => new PartitionMemory())];
        _hints = new WakeHints(redis, keys, _options.Partitions, time);
        _heardAt = time.GetTimestamp();
    }

    /// <summary>The consumer group.</summary>
    public string Group { get; }

    /// <summary>Id of this replica; random at every start, so that a restarted process is another owner.</summary>
    public string Replica { get; }

    /// <summary>Partitions owned at this moment.</summary>
    public IReadOnlyList<int> Owned => _owned;

    /// <summary>True once Redis has answered a heartbeat of this replica.</summary>
    public bool HasJoined { get; private set; }

    /// <summary>Time since Redis last answered a heartbeat of this replica.</summary>
    public TimeSpan SinceHeard => _time.GetElapsedTime(Interlocked.Read(ref _heardAt));

    /// <summary>Runs until cancelled; then finishes the batches in hand and gives every partition back, within <see cref="StreamOptions.HandOverMax"/>.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _redis.ConnectionRestored += OnConnectionRestored;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                // Without hints the consumers still poll: not being allowed to subscribe does not keep us from working.
                await TryAsync("subscribe", _hints.SubscribeAsync).ConfigureAwait(false);
                await TryAsync("ownership", () => BalanceAsync(stopping)).ConfigureAwait(false);
                await EndSlowAsync().ConfigureAwait(false);
                LoseExpired();
                await ((Task)_rebalance.WaitAsync(Interval, stopping)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            _redis.ConnectionRestored -= OnConnectionRestored;
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots.Values) slot.Dispose();
        _slots.Clear();
    }

    private TimeSpan Interval => _options.RebalanceInterval < RenewAfter ? _options.RebalanceInterval : RenewAfter;

    private TimeSpan RenewAfter => _options.LeaseTtl / 3;

    private async Task TryAsync(string step, Func<Task> action, int partition = -1)
    {
        try
        {
            await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisWeather.TryRead(exception, out var weather))
        {
            _report.Weather(weather.Reason, step, partition, exception);
        }
    }

    private async Task BalanceAsync(CancellationToken stopping)
    {
        var members = await HeartbeatAsync("beat").ConfigureAwait(false);
        Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
        HasJoined = true;
        await RenewAsync().ConfigureAwait(false);
        Reap();

        var (share, first) = FairShare.Of(_options.Partitions, members, Replica);
        var surplus = _slots.Values.Count(slot => !slot.IsStopping) - share;
        foreach (var slot in _slots.Values.Where(slot => !slot.IsStopping).OrderByDescending(slot => slot.Partition).Take(Math.Max(0, surplus))) slot.Stop(_time);
        for (var i = 0; i < _options.Partitions && _slots.Count < share && !stopping.IsCancellationRequested; i++)
        {
            var partition = (first + i) % _options.Partitions;
            if (!_slots.ContainsKey(partition)) await TakeAsync(partition).ConfigureAwait(false);
        }

        ShowOwned(members.Length);
    }

    private async Task<string[]> HeartbeatAsync(string operation)
    {
        RedisValue[] values = [operation, Replica, (long)_options.LeaseTtl.TotalMilliseconds];
        var reply = await RedisScript.Members.EvaluateAsync(_redis.GetDatabase(), [_keys.Members(Group)], values).ConfigureAwait(false);
        return [.. ((string?[]?)reply ?? []).OfType<string>()];
    }

    private Task RenewAsync()
    {
        var due = _slots.Values.Where(slot => !slot.IsLost && _time.GetElapsedTime(slot.RenewedAt) >= RenewAfter * 0.9);
        return Task.WhenAll(due.Select(async slot =>
        {
            var sentAt = _time.GetTimestamp();
            if (await _lease.RenewAsync(slot.Partition, slot.Grant, _options.LeaseTtl).ConfigureAwait(false)) slot.RenewedAt = sentAt;
            else if (!slot.Ended.IsCompleted) Lose(slot, "another owner has it, or Redis forgot it");
        }));
    }

    private async Task TakeAsync(int partition)
    {
        var memory = _memories[partition];
        var sentAt = _time.GetTimestamp();
        if (await _lease.AcquireAsync(partition, _options.LeaseTtl, memory.EpochSeen).ConfigureAwait(false) is not { } grant) return;
        memory.EpochSeen = grant.Epoch;
        var stopping = new CancellationTokenSource();
        var lost = new CancellationTokenSource();
        var owned = new OwnedPartition(partition, Group, _keys, grant, _committer, lost.Token);
        var consumer = new PartitionConsumer(
            owned, memory, _factory, new GroupReader(_redis, _keys, owned), _committer, _hints[partition], _options, _metrics, _report, _logger, _time);
        var slot = new OwnedSlot(partition, grant, stopping, lost, sentAt) { Consumer = consumer };
        _slots.Add(partition, slot);
        StreamLog.PartitionTaken(_logger, partition, Group, grant.Epoch);
        _metrics.OwnershipChanged(Group, "taken");
        slot.Start(RunSlotAsync);
    }

    private async Task RunSlotAsync(OwnedSlot slot)
    {
        // Not on the caller's stack: it is about to look at the next partition.
        await Task.Yield();
        try
        {
            await slot.Consumer.RunAsync(slot.Stopping).ConfigureAwait(false);
            await GiveBackAsync(slot).ConfigureAwait(false);
        }
        finally
        {
            slot.Lose();
        }
    }

    // If Redis does not take it back, the next owner waits for the time to live.
    private Task GiveBackAsync(OwnedSlot slot) => TryAsync("release", async () =>
    {
        if (slot.IsLost) return;
        if (await _lease.ReleaseAsync(slot.Partition, slot.Grant).ConfigureAwait(false))
        {
            StreamLog.PartitionGivenBack(_logger, slot.Partition, Group);
            _metrics.OwnershipChanged(Group, "given_back");
        }
        else Lose(slot, "another owner has it, or Redis forgot it");
    }, slot.Partition);

    // After its time to live anyone may have taken the lease; the fence refuses our writes then, and there is no use in going on.
    private void LoseExpired()
    {
        foreach (var slot in _slots.Values)
            if (!slot.IsLost && _time.GetElapsedTime(slot.RenewedAt) > _options.LeaseTtl) Lose(slot, "the lease could not be renewed in time");
        Reap();
    }

    private void Lose(OwnedSlot slot, string reason)
    {
        StreamLog.PartitionLost(_logger, slot.Partition, Group, reason);
        _metrics.OwnershipChanged(Group, "lost");
        slot.Lose();
    }

    private void Reap()
    {
        foreach (var slot in _slots.Values.Where(slot => slot.Ended.IsCompleted).ToArray())
        {
            _slots.Remove(slot.Partition);
            slot.Dispose();
            slot.Ended.GetAwaiter().GetResult(); // a bug in the consumer ends the process
        }

        ShowOwned(null);
    }

    private async Task LeaveAsync()
    {
        foreach (var slot in _slots.Values) slot.Stop(_time);
        await EndAllAsync(_options.HandOverMax).ConfigureAwait(false);
        await EndSlowAsync().ConfigureAwait(false);
        await EndAllAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        await TryAsync("leave", () => HeartbeatAsync("leave")).ConfigureAwait(false);
        await TryAsync("leave", _hints.UnsubscribeAsync).ConfigureAwait(false);

        ShowOwned(null);
    }

    private async Task EndAllAsync(TimeSpan limit)
    {
        var all = Task.WhenAll(_slots.Values.Select(slot => slot.Ended));
        // A little longer than the limit, so that what is slow then is slow by the limit's own measure.
        await Task.WhenAny(all, Task.Delay(limit + TimeSpan.FromMilliseconds(10), _time)).ConfigureAwait(false);
    }

    // The handler does not come back, but the fence holds it off: the next owner need not wait for it.
    private async Task EndSlowAsync()
    {
        foreach (var slot in _slots.Values.Where(slot => !slot.Ended.IsCompleted && !slot.IsLost && slot.StoppingFor(_time) >= _options.HandOverMax))
        {
            StreamLog.HandOverTooSlow(_logger, slot.Partition, Group, _options.HandOverMax);
            slot.Lose();
            await TryAsync("release", () => _lease.ReleaseAsync(slot.Partition, slot.Grant), slot.Partition).ConfigureAwait(false);
        }
    }

    private void OnConnectionRestored(object? sender, ConnectionFailedEventArgs arguments)
    {
        foreach (var slot in _current) slot.Consumer.Reconnected();
        _rebalance.Set();
    }

    private void ShowOwned(int? members)
    {
        _current = [.. _slots.Values];
        _owned = [.. _current.Where(slot => !slot.IsLost && !slot.Ended.IsCompleted).Select(slot => slot.Partition).Order()];
        _metrics.Owned(Group, _owned.Length, members);
    }
}
