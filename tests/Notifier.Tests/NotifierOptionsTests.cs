using WgMonitor.Hosting;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests;

public class NotifierOptionsTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static IReadOnlyList<string> Check(string toml, int exitCode)
    {
        using var directory = new TempDirectory();
        var path = directory.Write("config.toml", toml);
        var result = CheckConfig.Run(path, new Dictionary<string, string>(), NotifierRegistration.Module);
        Assert.True(result.ExitCode == exitCode, string.Join('\n', result.Lines));
        return [.. result.Lines.Select(line => line.Replace(path, "config.toml", StringComparison.Ordinal))];
    }

    [Fact]
    public void Nothing_configured_is_two_rules_and_the_log()
    {
        var options = new NotifierOptions();

        Assert.Empty(options.Check());
        Assert.Equal(("log", RouteType.Log), (options.EffectiveRoutes.Single().Name, options.EffectiveRoutes.Single().Type!.Value));
        Assert.Equal([("endpoint-changed", true, true), ("host-silent", true, true)], options.EffectiveRules.Select(rule => (rule.EffectiveName, rule.PortChanges, rule.Enabled)));
    }

    [Fact]
    public void A_full_configuration_is_taken_and_shows_no_secret()
    {
        var lines = Check(
            $"""
            [notifier]
            ledger_ttl = "40d"
            public_url = "https://wg.example"
            [[notifier.rule]]
            kind = "endpoint-changed"
            name = "moves"
            port_changes = false
            [[notifier.route]]
            name = "ops"
            type = "webhook"
            url = "https://hooks.example/T0KEN"
            secret = "{Secret}"
            secret_previous = "{Secret}"
            expires_after = "48h"
            [[notifier.route]]
            name = "near"
            type = "webhook"
            format = "original"
            url = "http://10.0.0.7:8080/wg"
            allow_insecure = true
            [[notifier.route]]
            name = "console"
            type = "log"
            """, exitCode: 0);

        Assert.DoesNotContain(lines, line => line.Contains("T0KEN", StringComparison.Ordinal) || line.Contains(Secret, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("notifier.route[0].url = <secret>", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("notifier.rule[0].kind = \"endpoint_changed\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_mistake_is_told_in_one_run_and_without_the_url()
    {
        var lines = Check(
            """
            [[notifier.rule]]
            kind = "endpoint-moved"
            [[notifier.route]]
            name = "has blank"
            type = "webhook"
            url = "http://hooks.example/T0KEN"
            [[notifier.route]]
            name = "ops"
            type = "webhook"
            url = "https://169.254.169.254/latest"
            secret = "T0KEN"
            [[notifier.route]]
            name = "none"
            type = "webhook"
            secret_previous = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            [[notifier.route]]
            name = "log"
            type = "log"
            url = "https://hooks.example/"
            total_timeout = "1s"
            """, exitCode: ConfigurationException.ExitCode);

        Assert.DoesNotContain(lines, line => line.Contains("T0KEN", StringComparison.Ordinal));
        foreach (var expected in (string[])
            [
                "config.toml:2:8 notifier.rule[0].kind: must be one of endpoint_changed, host_silent, host_heard, gap",
                "config.toml:4:8 notifier.route[0].name: ",
                "config.toml:6:7 notifier.route[0].url: must begin with https://. Plain http needs allow_insecure = true.",
                "config.toml:10:7 notifier.route[1].url: must not lead to a private address. Allow it with allow_insecure = true.",
                "config.toml:11:10 notifier.route[1].secret: must be \"whsec_\" and the base64 of 24 to 64 bytes.",
                "config.toml:12:1 notifier.route[2].url: is required for a webhook.",
                "config.toml:15:19 notifier.route[2].secret_previous: needs secret beside it.",
                "config.toml:19:7 notifier.route[3].url: has no meaning for this type of route.",
                "config.toml:20:17 notifier.route[3].total_timeout: must not be shorter than attempt_timeout (got \"1s\").",
            ])
            Assert.True(lines.Any(line => line.StartsWith(expected, StringComparison.Ordinal)), $"{expected}\nis missing in\n{string.Join('\n', lines)}");
    }

    [Fact]
    public void Names_are_given_once_and_what_waits_is_remembered_as_long_as_it_waits()
    {
        var lines = Check(
            """
            [notifier]
            ledger_ttl = "1d"
            [[notifier.rule]]
            kind = "endpoint-changed"
            [[notifier.rule]]
            kind = "endpoint-changed"
            [[notifier.route]]
            name = "ops"
            type = "log"
            [[notifier.route]]
            name = "ops"
            type = "log"
            """, exitCode: ConfigurationException.ExitCode);

        Assert.Contains(lines, line => line.Contains("notifier.route: holds the name \"ops\" 2 times", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("notifier.rule: holds the name \"endpoint-changed\" 2 times", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("notifier.ledger_ttl: must be longer than expires_after of every route", StringComparison.Ordinal));
    }
}
