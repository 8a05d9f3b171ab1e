using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Xunit;

namespace WgMonitor.Notifier.Tests.Delivery;

/// <summary>How a route tries, in time that the test moves.</summary>
public class AlertRouteTests
{
    private static readonly ChannelOutcome Ok = ChannelOutcome.Delivered.Value;
    private static readonly ChannelOutcome Down = new ChannelOutcome.Retry(DeliveryReason.Http5xx);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero));

    private static ChannelOutcome After(double seconds) => new ChannelOutcome.Retry(DeliveryReason.Http429, TimeSpan.FromSeconds(seconds));

    private (AlertRoute Route, ScriptedChannel Channel) Route(RouteOptions options, params ChannelOutcome?[] script)
    {
        options.Name = "ops";
        var metrics = new NotifierMetrics(Metrics.NewCustomRegistry(), NullLogger<NotifierMetrics>.Instance, clock);
        var channel = new ScriptedChannel(clock, script);
        return (new AlertRoute(options, channel, RoutePipeline.Create(options, metrics, clock, () => 0.5), metrics), channel);
    }

    /// <summary>Moves time in small steps until the run has ended.</summary>
    private async Task<RunOutcome> RunAsync(AlertRoute route, double stepSeconds = 0.1)
    {
        var run = route.SendAsync(Samples.Alert(), TestContext.Current.CancellationToken);
        var end = clock.GetUtcNow() + TimeSpan.FromHours(1);
        while (!run.IsCompleted)
        {
            Assert.True(clock.GetUtcNow() < end, "the run does not end");
            clock.Advance(TimeSpan.FromSeconds(stepSeconds));
            // The run goes on in threads of its own; give them a moment before time moves again.
            await Task.WhenAny(run, Task.Delay(1));
        }

        return await run;
    }

    [Fact]
    public async Task A_delivery_is_one_attempt()
    {
        var (route, channel) = Route(new(), Ok);

        Assert.Equal(new RunOutcome(Ok, 1), await RunAsync(route));
        Assert.Single(channel.Attempts);
    }

    [Fact]
    public async Task A_failure_is_tried_again_after_growing_pauses()
    {
        var (route, channel) = Route(new() { RetriesMax = 3, RetryPause = TimeSpan.FromSeconds(2) }, Down, Down, Down, Ok);

        Assert.Equal(new RunOutcome(Ok, 4), await RunAsync(route, 0.05));
        var pauses = channel.Attempts.Zip(channel.Attempts.Skip(1), (before, after) => after - before).ToArray();
        Assert.True(pauses[2] > pauses[0], $"pauses {string.Join(", ", pauses)}");
        Assert.All(pauses, pause => Assert.True(pause > TimeSpan.FromMilliseconds(100), $"{pause}"));
    }

    [Fact]
    public async Task A_run_ends_after_its_attempts()
    {
        var (route, _) = Route(new() { RetriesMax = 2 }, Down);

        Assert.Equal(new RunOutcome(Down, 3), await RunAsync(route));
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again()
    {
        var no = new ChannelOutcome.Rejected(DeliveryReason.Http4xx);
        var (route, _) = Route(new(), no);

        Assert.Equal(new RunOutcome(no, 1), await RunAsync(route));
        Assert.False(route.IsGone);
    }

    [Fact]
    public async Task Gone_disables_the_route()
    {
        var (route, _) = Route(new(), new ChannelOutcome.Rejected(DeliveryReason.Http410, IsGone: true));

        await RunAsync(route);

        Assert.True(route.IsGone);
    }

    [Fact]
    public async Task The_receiver_is_left_alone_as_long_as_it_asks()
    {
        var (route, channel) = Route(new() { TotalTimeout = TimeSpan.FromMinutes(1) }, After(20), Ok);

        Assert.Equal(new RunOutcome(Ok, 2), await RunAsync(route));
        Assert.InRange(channel.Attempts[1] - channel.Attempts[0], TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(21));
    }

    [Fact]
    public async Task A_longer_pause_than_the_run_has_is_left_to_the_worker()
    {
        var (route, _) = Route(new() { TotalTimeout = TimeSpan.FromMinutes(1) }, After(1800));

        Assert.Equal(new RunOutcome(After(1800), 1), await RunAsync(route));
        Assert.Equal(TimeSpan.FromMinutes(30), route.PauseAfter(1, TimeSpan.FromMinutes(30), 0.5));
    }

    [Fact]
    public async Task An_attempt_that_hangs_is_given_up_and_counts()
    {
        var (route, channel) = Route(new() { AttemptTimeout = TimeSpan.FromSeconds(10) }, null, Ok);

        Assert.Equal(new RunOutcome(Ok, 2), await RunAsync(route));
        Assert.InRange(channel.Attempts[1] - channel.Attempts[0], TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_run_has_an_end_of_its_own()
    {
        var (route, _) = Route(new() { AttemptTimeout = TimeSpan.FromSeconds(10), TotalTimeout = TimeSpan.FromSeconds(25), RetriesMax = 10 }, [null]);

        var (outcome, attempts) = await RunAsync(route);

        Assert.Equal(new ChannelOutcome.Retry(DeliveryReason.Timeout), outcome);
        Assert.InRange(attempts, 2, 3);
    }

    [Fact]
    public async Task Failures_in_a_row_make_the_route_rest_and_a_success_ends_that()
    {
        var options = new RouteOptions { BreakAfter = 3, RetriesMax = 0, BreakDuration = TimeSpan.FromSeconds(30) };
        var (route, channel) = Route(options, Down, Down, Down, Ok);
        for (var i = 0; i < 3; i++) Assert.Equal(new RunOutcome(Down, 1), await RunAsync(route));

        var (outcome, attempts) = await RunAsync(route);
        var rest = Assert.IsType<ChannelOutcome.Retry>(outcome);
        Assert.Equal((DeliveryReason.CircuitOpen, 0, 3), (rest.Reason, attempts, channel.Attempts.Count));
        Assert.InRange(rest.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(new RunOutcome(Ok, 1), await RunAsync(route));
    }

    [Fact]
    public async Task A_receiver_that_throttles_is_not_broken()
    {
        var (route, channel) = Route(new() { BreakAfter = 2, RetriesMax = 0 }, After(1));
        for (var i = 0; i < 5; i++) Assert.Equal(new RunOutcome(After(1), 1), await RunAsync(route));

        Assert.Equal(5, channel.Attempts.Count);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0.5)]
    [InlineData(3, 0, 4)]
    [InlineData(9, 0, 256)]
    [InlineData(10, 0, 300)]
    [InlineData(1_000_000, 0.5, 225)]
    public void Pauses_between_runs_double_up_to_a_maximum_less_jitter(int runs, double chance, double seconds)
    {
        var (route, _) = Route(new() { RetryPause = TimeSpan.FromSeconds(1), RetryPauseMax = TimeSpan.FromMinutes(5) }, Ok);

        Assert.Equal(TimeSpan.FromSeconds(seconds), route.PauseAfter(runs, null, chance));
    }
}
