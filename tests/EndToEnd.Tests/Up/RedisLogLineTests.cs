using WgMonitor.Cli.Redis;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Up;

public sealed class RedisLogLineTests
{
    [Theory]
    [InlineData("9051:M 22 Nov 2026 14:01:00.123 # WARNING Memory overcommit must be enabled!", "WARNING Memory overcommit must be enabled!", true)]
    [InlineData("9051:M 22 Nov 2026 14:01:00.123 # MISCONF Redis is configured to save", "MISCONF Redis is configured to save", true)]
    [InlineData("9051:M 22 Nov 2026 14:01:00.123 * Ready to accept connections", "Ready to accept connections", false)]
    [InlineData("9051:C 22 Nov 2026 14:01:00.123 # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo", "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo", false)]
    [InlineData("9051:M 22 Nov 2026 14:01:00.123 # Server initialized", "Server initialized", false)]
    [InlineData("9051:signal-handler (1795360364) Received SIGTERM scheduling shutdown...", "9051:signal-handler (1795360364) Received SIGTERM scheduling shutdown...", false)]
    [InlineData("*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***", "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***", true)]
    [InlineData(">>> 'maxmemory-policy whatever'", ">>> 'maxmemory-policy whatever'", true)]
    public void What_redis_prints_is_a_warning_only_when_something_is_wrong(string line, string message, bool isWarning) =>
        Assert.Equal((message, isWarning), RedisLogLine.Read(line));
}
