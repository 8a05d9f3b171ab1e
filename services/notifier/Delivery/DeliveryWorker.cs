using System.Threading.Channels;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Notifier;

/// <summary>
/// Delivers the alerts of one owned partition on one route, in order, at least once: read behind the cursor → skip what the ledger knows as settled →
/// write down that it is about to be sent → a run of attempts → write down what became of it, and move the cursor.
/// An alert that a run did not deliver is tried again until it is delivered, refused or too old; those behind it wait.
/// </summary>
internal sealed class DeliveryWorker(
    AlertRoute route, StreamId cursor, AlertOutbox outbox, DeliveryLedger ledger, RouteBacklog backlog, int pendingMax, Func<double> chance,
    NotifierMetrics metrics, TimeProvider time)
{
    private const int ReadMax = 100;

    /// <summary>New alerts are signalled by this process; this is for those of which it is not known that they were appended.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WeatherPause = TimeSpan.FromSeconds(1);

    // One signal is enough: the worker reads all there is. It goes on on the signaller's thread, which is as far as its first call to Redis.
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, AllowSynchronousContinuations = true });

    /// <summary>Everything up to here is settled.</summary>
    public StreamId Cursor { get; private set; } = cursor;

    public RouteBacklog Backlog => backlog;

    /// <summary>There are new alerts in the outbox.</summary>
    public void Wake(int alerts)
    {
        backlog.Added(alerts);
        wake.Writer.TryWrite(true);
    }

    /// <summary>Runs until the partition is another's, or until stopped.</summary>
    /// <param name="stopping">Finish the run in hand and end.</param>
    /// <param name="abort">End now.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, abort);
        while (!either.IsCancellationRequested)
        {
            try
            {
                var entries = await outbox.ReadAsync(Cursor, ReadMax, either.Token);
                foreach (var entry in entries)
                    if (either.IsCancellationRequested || !await SettleAsync(entry, either.Token, abort)) return;
                if (entries.Count == 0) await WaitAsync(either.Token);
            }
            // Not either: of the callbacks of one token, that of the linked one may be the last.
            catch (OperationCanceledException) when (stopping.IsCancellationRequested || abort.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) // the loop's outermost line: weather, or a bug that must not end a route in silence
            {
                metrics.WorkerFailed(route.Name, exception, isWeather: RedisAway.Is(exception));
                await time.PauseAsync(WeatherPause, either.Token);
            }
        }
    }

    /// <summary>Ends with the entry settled and the cursor behind it; false if the partition is another's.</summary>
    private async Task<bool> SettleAsync(OutboxEntry entry, CancellationToken stopping, CancellationToken abort)
    {
        if (entry.Alert is not { } alert)
        {
            metrics.OutboxEntryUnreadable(entry.Position);
            return await PassAsync(entry.Position, abort);
        }

        backlog.HeadMilliseconds = alert.Cause.Milliseconds;
        var known = await ledger.ReadAsync(alert.Id, route.Name, abort);
        if (known is { IsSettled: true }) return await PassAsync(entry.Position, abort);
        return await DeliverAsync(entry.Position, alert, known, stopping, abort);
    }

    private async Task<bool> DeliverAsync(StreamId position, AlertRecord alert, DeliveryRecord? known, CancellationToken stopping, CancellationToken abort)
    {
        var (attempts, reason) = (known?.Attempts ?? 0, known?.Reason ?? "");
        for (var runs = 1; ; runs++)
        {
            if (WhyGivenUp(alert) is { } given)
            {
                metrics.GivenUp(route.Name, alert.Id, given);
                return await WriteAsync(position, alert, DeliveryState.Expired, attempts, given.Word(), abort);
            }

            // Also tells whether the partition is still ours, before anybody is disturbed.
            if (!await WriteAsync(position, alert, DeliveryState.Pending, attempts, reason, abort)) return false;
            var (outcome, made) = route.IsGone ? new RunOutcome(new ChannelOutcome.Retry(DeliveryReason.Http410), 0) : await route.SendAsync(alert, abort);
            attempts += made;
            switch (outcome)
            {
                case ChannelOutcome.Delivered:
                    return await WriteAsync(position, alert, DeliveryState.Delivered, attempts, "", abort);
                case ChannelOutcome.Rejected rejected:
                    return await WriteAsync(position, alert, DeliveryState.Rejected, attempts, rejected.Reason.Word(), abort);
                case ChannelOutcome.Retry retry:
                    reason = retry.Reason.Word();
                    if (!await WriteAsync(position, alert, DeliveryState.Pending, attempts, reason, abort)) return false;
                    await PauseAsync(alert, route.PauseAfter(runs, retry.RetryAfter, chance()), stopping);
                    break;
            }
        }
    }

    private DeliveryReason? WhyGivenUp(AlertRecord alert)
    {
        if (Left(alert) <= TimeSpan.Zero) return DeliveryReason.TooOld;
        return backlog.Pending > pendingMax ? DeliveryReason.Overflow : null;
    }

    private TimeSpan Left(AlertRecord alert) => route.ExpiresAfter - (time.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(alert.Cause.Milliseconds));

    // Not beyond the moment at which the alert is given up.
    private async Task PauseAsync(AlertRecord alert, TimeSpan pause, CancellationToken stopping)
    {
        var left = Left(alert);
        await time.PauseAsync(pause < left ? pause : left, stopping);
        stopping.ThrowIfCancellationRequested();
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        backlog.HeadMilliseconds = 0;
        using var limit = new CancellationTokenSource(PollInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        await ((Task)wake.Reader.ReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> WriteAsync(StreamId position, AlertRecord alert, DeliveryState state, int attempts, string reason, CancellationToken abort)
    {
        var delivery = new DeliveryRecord(route.Name, state, attempts, reason, time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
        if (!await ledger.WriteAsync(alert.Id, position, delivery, abort)) return false;
        if (delivery.IsSettled) Passed(position);
        return true;
    }

    private async Task<bool> PassAsync(StreamId position, CancellationToken abort)
    {
        if (!await ledger.PassAsync(route.Name, position, abort)) return false;
        Passed(position);
        return true;
    }

    private void Passed(StreamId position)
    {
        Cursor = position;
        backlog.Settled();
    }
}
