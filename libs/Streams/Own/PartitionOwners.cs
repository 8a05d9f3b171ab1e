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
    private readonly IConnectionMultiplexer redis;
    private readonly StreamKeys keys;
    private readonly IPartitionHandlerFactory factory;
    private readonly StreamOptions options;
    private readonly StreamMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly WeatherReport report;
    private readonly Lease lease;
    private readonly BatchCommitter committer;
    private readonly WakeSignal rebalance;
    private readonly PartitionMemory[] memories;
    private readonly WakeHints hints;
    private readonly Dictionary<int, OwnedSlot> slots = [];
    private volatile OwnedSlot[] current = [];
    private volatile int[] owned = [];
    private long heardAt;

    /// <summary>A replica with a new random id.</summary>
    public PartitionOwners(
        IConnectionMultiplexer redis, StreamKeys keys, string group, IPartitionHandlerFactory factory, IOptions<StreamOptions> options,
        StreamMetrics metrics, TimeProvider time, ILogger<PartitionOwners> logger)
        : this(redis, keys, group, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), factory, options, metrics, time, logger)
    {
    }

    /// <summary>A replica with an id of the caller's choice, which no other replica has or had.</summary>
    internal PartitionOwners(
        IConnectionMultiplexer redis, StreamKeys keys, string group, string replica, IPartitionHandlerFactory factory, IOptions<StreamOptions> options,
        StreamMetrics metrics, TimeProvider time, ILogger<PartitionOwners> logger)
    {
        if (!StreamKeys.IsName(group)) throw new ArgumentException($"'{group}' is no group name", nameof(group));
        this.redis = redis;
        this.keys = keys;
        this.factory = factory;
        this.options = options.Value;
        this.metrics = metrics;
        this.time = time;
        this.logger = logger;
        Group = group;
        Replica = replica;
        metrics.Show(group);
        report = new WeatherReport(group, metrics, logger, time);
        lease = new Lease(redis, keys, group, Replica);
        committer = new BatchCommitter(redis, keys, metrics, time);
        rebalance = new WakeSignal(time);
        memories = [.. Enumerable.Range(0, this.options.Partitions).Select(_ => new PartitionMemory())];
        hints = new WakeHints(redis, keys, this.options.Partitions, time);
        heardAt = time.GetTimestamp();
    }

    /// <summary>The consumer group.</summary>
    public string Group { get; }

    /// <summary>Id of this replica; random at every start, so that a restarted process is another owner.</summary>
    public string Replica { get; }

    /// <summary>Partitions owned at this moment.</summary>
    public IReadOnlyList<int> Owned => owned;

    /// <summary>True once Redis has answered a heartbeat of this replica.</summary>
    public bool HasJoined { get; private set; }

    /// <summary>Time since Redis last answered a heartbeat of this replica.</summary>
    public TimeSpan SinceHeard => time.GetElapsedTime(Interlocked.Read(ref heardAt));

    /// <summary>Runs until cancelled; then finishes the batches in hand and gives every partition back, within <see cref="StreamOptions.HandOverMax"/>.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        redis.ConnectionRestored += OnConnectionRestored;
        // A failover: the connection to the new primary may have stood all the time, while it was a replica.
        redis.ConfigurationChanged += OnConfigurationChanged;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await TryAsync("ownership", () => BalanceAsync(stopping)).ConfigureAwait(false);
                // Without hints the consumers still poll: not being allowed to subscribe does not keep us from working.
                await TryAsync("subscribe", () => hints.FollowAsync(slots.Keys)).ConfigureAwait(false);
                await EndSlowAsync().ConfigureAwait(false);
                LoseExpired();
                await ((Task)rebalance.WaitAsync(Interval, stopping)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            redis.ConnectionRestored -= OnConnectionRestored;
            redis.ConfigurationChanged -= OnConfigurationChanged;
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in slots.Values) slot.Dispose();
        slots.Clear();
    }

    private TimeSpan Interval => options.RebalanceInterval < RenewAfter ? options.RebalanceInterval : RenewAfter;

    private TimeSpan RenewAfter => options.LeaseTtl / 3;

    private async Task TryAsync(string step, Func<Task> action, int partition = -1)
    {
        try
        {
            await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisWeather.TryRead(exception, out var weather))
        {
            report.Weather(weather.Reason, step, partition, exception);
        }
    }

    private async Task BalanceAsync(CancellationToken stopping)
    {
        var members = await HeartbeatAsync("beat").ConfigureAwait(false);
        Interlocked.Exchange(ref heardAt, time.GetTimestamp());
        HasJoined = true;
        await RenewAsync().ConfigureAwait(false);
        Reap();

        var (share, first) = FairShare.Of(options.Partitions, members, Replica);
        var surplus = slots.Values.Count(slot => !slot.IsStopping) - share;
        foreach (var slot in slots.Values.Where(slot => !slot.IsStopping).OrderByDescending(slot => slot.Partition).Take(Math.Max(0, surplus))) slot.Stop(time);
        for (var i = 0; i < options.Partitions && slots.Count < share && !stopping.IsCancellationRequested; i++)
        {
            var partition = (first + i) % options.Partitions;
            if (!slots.ContainsKey(partition)) await TakeAsync(partition).ConfigureAwait(false);
        }

        ShowOwned(members.Length);
    }

    private async Task<string[]> HeartbeatAsync(string operation)
    {
        RedisValue[] values = [operation, Replica, (long)options.LeaseTtl.TotalMilliseconds];
        var reply = await RedisScript.Members.EvaluateAsync(redis.GetDatabase(), [keys.Members(Group)], values).ConfigureAwait(false);
        return [.. ((string?[]?)reply ?? []).OfType<string>()];
    }

    private Task RenewAsync()
    {
        var due = slots.Values.Where(slot => !slot.IsLost && time.GetElapsedTime(slot.RenewedAt) >= RenewAfter * 0.9);
        return Task.WhenAll(due.Select(async slot =>
        {
            var sentAt = time.GetTimestamp();
            if (await lease.RenewAsync(slot.Partition, slot.Grant, options.LeaseTtl).ConfigureAwait(false)) slot.RenewedAt = sentAt;
            else if (!slot.Ended.IsCompleted) Lose(slot, "another owner has it, or Redis forgot it");
        }));
    }

    private async Task TakeAsync(int partition)
    {
        var memory = memories[partition];
        var sentAt = time.GetTimestamp();
        if (await lease.AcquireAsync(partition, options.LeaseTtl, memory.EpochSeen).ConfigureAwait(false) is not { } grant) return;
        memory.EpochSeen = grant.Epoch;
        var stopping = new CancellationTokenSource();
        var lost = new CancellationTokenSource();
        var ownership = new OwnedPartition(partition, Group, keys, grant, committer, lost.Token);
        var consumer = new PartitionConsumer(
            ownership, memory, factory, new GroupReader(redis, keys, ownership), committer, hints[partition], options, metrics, report, logger, time);
        var slot = new OwnedSlot(partition, grant, stopping, lost, sentAt) { Consumer = consumer };
        slots.Add(partition, slot);
        StreamLog.PartitionTaken(logger, partition, Group, grant.Epoch);
        metrics.OwnershipChanged(Group, "taken");
        slot.Start(RunSlotAsync);
    }

    private async Task RunSlotAsync(OwnedSlot slot)
    {
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
        if (await lease.ReleaseAsync(slot.Partition, slot.Grant).ConfigureAwait(false))
        {
            StreamLog.PartitionGivenBack(logger, slot.Partition, Group);
            metrics.OwnershipChanged(Group, "given_back");
        }
        else Lose(slot, "another owner has it, or Redis forgot it");
    }, slot.Partition);

    // After its time to live anyone may have taken the lease; the fence refuses our writes then, and there is no use in going on.
    private void LoseExpired()
    {
        foreach (var slot in slots.Values)
            if (!slot.IsLost && time.GetElapsedTime(slot.RenewedAt) > options.LeaseTtl) Lose(slot, "the lease could not be renewed in time");
        Reap();
    }

    private void Lose(OwnedSlot slot, string reason)
    {
        StreamLog.PartitionLost(logger, slot.Partition, Group, reason);
        metrics.OwnershipChanged(Group, "lost");
        slot.Lose();
    }

    private void Reap()
    {
        foreach (var slot in slots.Values.Where(slot => slot.Ended.IsCompleted).ToArray())
        {
            slots.Remove(slot.Partition);
            slot.Dispose();
            slot.Ended.GetAwaiter().GetResult(); // a bug in the consumer ends the process
        }

        ShowOwned(null);
    }

    private async Task LeaveAsync()
    {
        foreach (var slot in slots.Values) slot.Stop(time);
        await EndAllAsync(options.HandOverMax).ConfigureAwait(false);
        await EndSlowAsync().ConfigureAwait(false);
        await EndAllAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        await TryAsync("leave", () => HeartbeatAsync("leave")).ConfigureAwait(false);
        await TryAsync("leave", () => hints.FollowAsync([])).ConfigureAwait(false);

        ShowOwned(null);
    }

    private async Task EndAllAsync(TimeSpan limit)
    {
        var all = Task.WhenAll(slots.Values.Select(slot => slot.Ended));
        // A little longer than the limit, so that what is slow then is slow by the limit's own measure.
        await Task.WhenAny(all, Task.Delay(limit + TimeSpan.FromMilliseconds(10), time)).ConfigureAwait(false);
    }

    // The handler does not come back, but the fence holds it off: the next owner need not wait for it.
    private async Task EndSlowAsync()
    {
        foreach (var slot in slots.Values.Where(slot => !slot.Ended.IsCompleted && !slot.IsLost && slot.StoppingFor(time) >= options.HandOverMax))
        {
            StreamLog.HandOverTooSlow(logger, slot.Partition, Group, options.HandOverMax);
            slot.Lose();
            await TryAsync("release", () => lease.ReleaseAsync(slot.Partition, slot.Grant), slot.Partition).ConfigureAwait(false);
        }
    }

    private void OnConnectionRestored(object? sender, ConnectionFailedEventArgs arguments) => Reconnected();

    private void OnConfigurationChanged(object? sender, EndPointEventArgs arguments) => Reconnected();

    private void Reconnected()
    {
        foreach (var slot in current) slot.Consumer.Reconnected();
        rebalance.Set();
    }

    private void ShowOwned(int? members)
    {
        current = [.. slots.Values];
        int[] now = [.. current.Where(slot => !slot.IsLost && !slot.Ended.IsCompleted).Select(slot => slot.Partition).Order()];
        // One line for all that one look at the members changed.
        if (!now.AsSpan().SequenceEqual(owned)) StreamLog.PartitionsOwned(logger, Group, now.Length, options.Partitions, string.Join(' ', now));
        owned = now;
        metrics.Owned(Group, now.Length, members);
    }
}
