using WgMonitor.Collector.Syslog;
using Xunit;

namespace WgMonitor.Collector.Tests.Syslog;

public class SyslogTimestampTests
{
    private static long Micros(string time) => (long)(DateTimeOffset.Parse(time) - DateTimeOffset.UnixEpoch).TotalMicroseconds;

    [Theory]
    [InlineData("2026-11-22T13:06:39.882452+00:00", "2026-11-22T13:06:39.882452Z")]
    [InlineData("2026-11-22T13:06:39.8+05:30", "2026-11-22T07:36:39.8Z")]
    [InlineData("2026-11-22T13:06:39-08:00", "2026-11-22T21:06:39Z")]
    [InlineData("2026-11-22t13:06:39z", "2026-11-22T13:06:39Z")]
    [InlineData("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z")]
    [InlineData("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z")]
    [InlineData("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z")]
    [InlineData("2026-11-22T13:06:39-00:00", "2026-11-22T13:06:39Z")]
    [InlineData("2026-11-22T13:06:39.123456789012345678901234567890123456789012345678901234567890Z", "2026-11-22T13:06:39.123456Z")]
    public void Rfc_3339_times_are_points_in_time(string token, string expected)
    {
        var time = SyslogTimestamp.ParseRfc3339(TestPipeline.Bytes(token));

        Assert.Equal(new(SyslogTimeKind.WithOffset, Micros(expected)), time);
    }

    [Theory]
    [InlineData("2026-02-29T12:00:00Z")]
    [InlineData("2026-02-30T12:00:00Z")]
    [InlineData("1900-02-29T12:00:00Z")]
    [InlineData("2026-04-31T12:00:00Z")]
    [InlineData("2026-13-01T12:00:00Z")]
    [InlineData("2026-00-01T12:00:00Z")]
    [InlineData("2026-11-00T12:00:00Z")]
    [InlineData("0000-11-22T12:00:00Z")]
    [InlineData("2026-11-22T24:00:00Z")]
    [InlineData("2026-11-22T12:60:00Z")]
    [InlineData("2026-11-22T23:59:60Z")]
    [InlineData("2026-11-22T12:00:00+24:00")]
    [InlineData("2026-11-22T12:00:00+00:60")]
    [InlineData("2026-11-22T12:00:00+0000")]
    [InlineData("2026-11-22T12:00:00.Z")]
    [InlineData("2026-11-22Q12:00:00Z")]
    [InlineData("20x6-11-22T12:00:00Z")]
    [InlineData("2x26-11-22T12:00:00Z")]
    [InlineData("2026-11-22T12:00Z")]
    [InlineData("2026-11-22")]
    [InlineData("garbage")]
    [InlineData("")]
    public void What_is_no_time_is_invalid(string token) => Assert.Equal(SyslogTimeKind.Invalid, SyslogTimestamp.ParseRfc3339(TestPipeline.Bytes(token)).Kind);

    [Theory]
    [InlineData("Nov 22 13:06:39", "2026-11-22T13:06:39Z", "2026-11-22T13:06:39Z")]
    // The year nearest to the time of receipt.
    [InlineData("Dec 31 23:59:59", "2027-01-01T00:00:01Z", "2026-12-31T23:59:59Z")]
    [InlineData("Jan  1 00:00:02", "2026-12-31T23:59:58Z", "2027-01-01T00:00:02Z")]
    [InlineData("Feb 29 12:00:00", "2028-03-01T00:00:00Z", "2028-02-29T12:00:00Z")]
    [InlineData("Feb 28 12:00:00", "1970-01-01T00:00:00Z", "1970-02-28T12:00:00Z")]
    // ASCII months in any case.
    [InlineData("NOV 22 13:06:39", "2026-11-22T13:06:39Z", "2026-11-22T13:06:39Z")]
    [InlineData("nov 22 13:06:39", "2026-11-22T13:06:39Z", "2026-11-22T13:06:39Z")]
    [InlineData("Jan 2 13:06:39", "2026-01-02T13:06:39Z", "2026-01-02T13:06:39Z")]
    [InlineData("Nov 22 2024 13:06:39", "2026-11-22T13:06:39Z", "2024-11-22T13:06:39Z")]
    [InlineData("Nov 22 13:06:39 2024 h", "2026-11-22T13:06:39Z", "2024-11-22T13:06:39Z")]
    [InlineData("Nov 22 13:06:39.123 h", "2026-11-22T13:06:39Z", "2026-11-22T13:06:39.123Z")]
    public void Rfc_3164_times_get_a_year_and_no_zone(string text, string received, string expected)
    {
        Assert.True(SyslogTimestamp.TryParseRfc3164(TestPipeline.Bytes(text), Micros(received), out var time, out _));

        Assert.Equal(new(SyslogTimeKind.WithoutOffset, Micros(expected)), time);
    }

    [Theory]
    [InlineData("Feb 29 12:00:00")]
    [InlineData("Feb 30 12:00:00")]
    [InlineData("Apr 31 12:00:00")]
    [InlineData("Nov  0 12:00:00")]
    [InlineData("Nov 22 24:00:00")]
    [InlineData("Nov 22 12:60:00")]
    [InlineData("Nov 22 23:59:60")]
    public void Times_that_do_not_exist_are_invalid_but_have_the_shape(string text)
    {
        Assert.True(SyslogTimestamp.TryParseRfc3164(TestPipeline.Bytes(text), TestPipeline.Received, out var time, out var consumed));

        Assert.Equal(SyslogTimeKind.Invalid, time.Kind);
        Assert.Equal(text.Length, consumed);
    }

    [Theory]
    [InlineData("Nov. 22 12:00:00")]
    [InlineData("11 22 12:00:00")]
    [InlineData("N\u0131v 22 12:00:00")]
    [InlineData("Nov22 12:00:00")]
    [InlineData("Nov 222 12:00:00")]
    [InlineData("Nov 22 1:00:00")]
    [InlineData("Nov 22 12:00:00x")]
    [InlineData("Nov 22 12-00-00")]
    [InlineData("Nov 22")]
    [InlineData("Nov")]
    [InlineData("")]
    public void Other_shapes_are_no_header(string text) =>
        Assert.False(SyslogTimestamp.TryParseRfc3164(System.Text.Encoding.UTF8.GetBytes(text), TestPipeline.Received, out _, out _));

    [Fact]
    public void Every_day_of_400_years_agrees_with_the_calendar_of_the_framework()
    {
        for (var day = new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc); day.Year < 2300; day = day.AddDays(1))
        {
            var time = SyslogTimestamp.ParseRfc3339(TestPipeline.Bytes(day.ToString("yyyy-MM-ddTHH:mm:ssZ")));

            Assert.Equal((long)(day - DateTime.UnixEpoch).TotalMicroseconds, time.UnixMicroseconds);
        }
    }
}
