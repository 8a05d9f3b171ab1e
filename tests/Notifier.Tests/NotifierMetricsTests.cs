using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Xunit;

namespace WgMonitor.Notifier.Tests;

public class NotifierMetricsTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly RecordingLogger<NotifierMetrics> log = new();
    private readonly NotifierMetrics metrics;

    public NotifierMetricsTests() => metrics = new NotifierMetrics(Metrics.NewCustomRegistry(), log, clock);

    [Fact]
    public void The_operator_is_warned_once_until_the_route_works_again()
    {
        var refused = new ChannelOutcome.Rejected(DeliveryReason.Http4xx);
        foreach (var alert in (string[])["a", "b", "c"]) metrics.Attempted("ops", alert, refused);
        metrics.Attempted("other", "a", refused);
        metrics.GivenUp("ops", "d", DeliveryReason.TooOld);
        metrics.GivenUp("ops", "e", DeliveryReason.TooOld);
        metrics.Attempted("ops", "f", ChannelOutcome.Delivered.Value);
        metrics.Attempted("ops", "g", refused);

        Assert.Equal(
            [(LogLevel.Warning, "a", "ops"), (LogLevel.Warning, "a", "other"), (LogLevel.Error, "d", "ops"), (LogLevel.Warning, "g", "ops")],
            log.Lines.Where(line => line.Level > LogLevel.Debug).Select(line => (line.Level, (string)line.Values["AlertId"]!, (string)line.Values["Route"]!)));
    }

    [Fact]
    public void Redis_being_away_is_one_line_in_ten_seconds()
    {
        for (var second = 0; second < 25; second++)
        {
            metrics.WorkerFailed("ops", new TimeoutException(), isWeather: true);
            metrics.WorkerFailed("other", new TimeoutException(), isWeather: true);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, log.Lines.Count);
    }
}
