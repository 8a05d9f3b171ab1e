using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>What became of a run of attempts.</summary>
/// <param name="Outcome">Of the last attempt, or why there was none.</param>
/// <param name="Attempts">Times the channel was asked; 0 while the circuit is open.</param>
internal readonly record struct RunOutcome(ChannelOutcome Outcome, int Attempts);

/// <summary>A route with its channel and the rules by which it tries again. Lives as long as the process; used by the workers of all partitions.</summary>
internal sealed class AlertRoute(RouteOptions options, IAlertChannel channel, ResiliencePipeline<ChannelOutcome> pipeline, NotifierMetrics metrics) : IDisposable
{
    private volatile bool isGone;

    /// <summary>Name in the ledger.</summary>
    public string Name => options.Name;

    /// <summary>Age at which an alert is given up.</summary>
    public TimeSpan ExpiresAfter => options.ExpiresAfter;

    /// <summary>The receiver said that it wants nothing any more; what waits stays pending until it is too old.</summary>
    public bool IsGone => isGone;

    /// <summary>One run: attempts with the pauses between them, until one of them decides or time is up.</summary>
    public async Task<RunOutcome> SendAsync(AlertRecord alert, CancellationToken cancellationToken)
    {
        var attempts = 0;
        ChannelOutcome outcome;
        try
        {
            outcome = await pipeline.ExecuteAsync(
                async attempt =>
                {
                    attempts++;
                    return await AttemptAsync(alert, attempt, cancellationToken);
                },
                cancellationToken);
        }
        catch (TimeoutRejectedException)
        {
            outcome = new ChannelOutcome.Retry(DeliveryReason.Timeout);
        }
        catch (BrokenCircuitException exception)
        {
            outcome = new ChannelOutcome.Retry(DeliveryReason.CircuitOpen, exception.RetryAfter);
        }

        if (outcome is ChannelOutcome.Rejected { IsGone: true } && !isGone)
        {
            isGone = true;
            metrics.RouteGone(Name);
        }

        return new RunOutcome(outcome, attempts);
    }

    /// <summary>Pause before the next run for the same alert: doubles with every run, up to a maximum, less up to half of it by chance.</summary>
    /// <param name="runs">Failed runs until now, 1 or more.</param>
    /// <param name="retryAfter">What the receiver asked for, or null.</param>
    /// <param name="chance">0 to 1.</param>
    public TimeSpan PauseAfter(int runs, TimeSpan? retryAfter, double chance)
    {
        var pause = TimeSpan.FromTicks((long)Math.Min(options.RetryPauseMax.Ticks, options.RetryPause.Ticks * Math.Pow(2, Math.Min(runs - 1, 40))));
        pause -= pause / 2 * chance;
        return retryAfter > pause ? retryAfter.Value : pause;
    }

    public void Dispose() => (channel as IDisposable)?.Dispose();

    private async Task<ChannelOutcome> AttemptAsync(AlertRecord alert, CancellationToken attempt, CancellationToken stop)
    {
        try
        {
            var outcome = await channel.SendAsync(alert, attempt);
            metrics.Attempted(Name, alert.Id, outcome);
            return outcome;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            metrics.Attempted(Name, alert.Id, new ChannelOutcome.Retry(DeliveryReason.Timeout));
            throw;
        }
    }
}
