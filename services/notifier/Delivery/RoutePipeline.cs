using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace WgMonitor.Notifier;

/// <summary>
/// How a route tries, from the outside in: total time-out → retry (exponential pauses with jitter, or as long as the receiver asks) → circuit breaker →
/// time-out of one attempt. No hedging: two requests at once would be two alerts.
/// </summary>
internal static class RoutePipeline
{
    /// <summary>Within this time the failures that open the circuit must happen; longer than the pauses of a run.</summary>
    private static readonly TimeSpan BreakWindow = TimeSpan.FromMinutes(5);

    public static ResiliencePipeline<ChannelOutcome> Create(RouteOptions route, NotifierMetrics metrics, TimeProvider time, Func<double> chance)
    {
        var builder = new ResiliencePipelineBuilder<ChannelOutcome> { Name = route.Name, TimeProvider = time };
        builder.AddTimeout(new TimeoutStrategyOptions { Timeout = route.TotalTimeout });
        if (route.RetriesMax > 0) builder.AddRetry(Retry(route, chance));
        builder.AddCircuitBreaker(Breaker(route, metrics));
        builder.AddTimeout(new TimeoutStrategyOptions { Timeout = route.AttemptTimeout });
        return builder.Build();
    }

    private static RetryStrategyOptions<ChannelOutcome> Retry(RouteOptions route, Func<double> chance) => new()
    {
        MaxRetryAttempts = route.RetriesMax,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = route.RetryPause,
        MaxDelay = route.RetryPauseMax,
        Randomizer = chance,
        // A receiver that asks for more time than the run has gets it between two runs.
        ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome switch
        {
            { Result: ChannelOutcome.Retry retry } => retry.RetryAfter is null || retry.RetryAfter <= route.TotalTimeout / 2,
            { Exception: TimeoutRejectedException } => true,
            _ => false,
        }),
        DelayGenerator = attempt => ValueTask.FromResult(attempt.Outcome.Result is ChannelOutcome.Retry retry ? retry.RetryAfter : null),
    };

    private static CircuitBreakerStrategyOptions<ChannelOutcome> Breaker(RouteOptions route, NotifierMetrics metrics) => new()
    {
        // All attempts of the window: a route that works now and then goes on.
        FailureRatio = 1,
        MinimumThroughput = route.BreakAfter,
        SamplingDuration = BreakWindow,
        BreakDuration = route.BreakDuration,
        // A receiver that says when to come back is well, and the pause is its own.
        ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome is { Result: ChannelOutcome.Retry { RetryAfter: null } } or { Exception: TimeoutRejectedException }),
        OnOpened = opened =>
        {
            metrics.CircuitOpened(route.Name, opened.BreakDuration);
            return ValueTask.CompletedTask;
        },
        OnClosed = _ =>
        {
            metrics.CircuitClosed(route.Name);
            return ValueTask.CompletedTask;
        },
    };
}
