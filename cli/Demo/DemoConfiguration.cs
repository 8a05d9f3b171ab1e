using System.Net;
using System.Net.Sockets;

namespace WgMonitor.Cli.Demo;

/// <summary>
/// What the services of a demo run with: a file of their own and nothing of the machine's configuration, so that a demo beside a production never alerts
/// anybody and never touches its keys. Only <c>WGMONITOR__REDIS__…</c> and the two HTTP addresses are taken over from the environment.
/// </summary>
internal static class DemoConfiguration
{
    /// <summary>First part of every key of a demo.</summary>
    public const string Prefix = "wgmonitor-demo";

    private const string ApiAddress = "WGMONITOR__API__ADDRESS";
    private const string MetricsAddress = "WGMONITOR__METRICS__ADDRESS";
    private const string RedisKeys = "WGMONITOR__REDIS__";
    private const string LogLevel = "LOG_LEVEL";

    private const int ApiPort = 8080;
    private const int MetricsPort = 9998;

    /// <summary>The environment of the services.</summary>
    /// <param name="given">Of the process.</param>
    /// <param name="redis">Of <c>--redis</c>; wins over the environment.</param>
    public static Dictionary<string, string> Environment(IReadOnlyDictionary<string, string> given, string? redis)
    {
        var kept = given.Where(variable => !variable.Key.StartsWith("WGMONITOR__", StringComparison.OrdinalIgnoreCase)
            || variable.Key is ApiAddress or MetricsAddress || (redis is null && variable.Key.StartsWith(RedisKeys, StringComparison.OrdinalIgnoreCase)));
        var environment = new Dictionary<string, string>(kept);
        if (redis is not null) environment[RedisKeys + "URL"] = redis;
        // The terminal belongs to the story and its alerts.
        environment.TryAdd(LogLevel, "error");
        return environment;
    }

    /// <summary>Of the environment what says where Redis is.</summary>
    public static Dictionary<string, string> RedisOnly(IReadOnlyDictionary<string, string> environment) =>
        new(environment.Where(variable => variable.Key.StartsWith(RedisKeys, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Sets the HTTP addresses that nobody gave: the usual ports, or free ones where those are taken, as by a production.</summary>
    public static void ChooseAddresses(Dictionary<string, string> environment)
    {
        environment.TryAdd(ApiAddress, $"127.0.0.1:{(IsFree(ApiPort) ? ApiPort : 0)}");
        environment.TryAdd(MetricsAddress, $"127.0.0.1:{(IsFree(MetricsPort) ? MetricsPort : 0)}");
    }

    /// <summary>The configuration file.</summary>
    /// <param name="alerts">Where alerts are posted.</param>
    public static string Toml(Uri alerts) => $"""
        # Written by `wgmonitor demo`.
        [stream]
        prefix = "{Prefix}"

        [[collector.listen]]
        protocol = "udp"
        address = "127.0.0.1:0"
        receive_buffer_bytes = "64KiB"

        [[collector.listen]]
        protocol = "tcp"
        address = "127.0.0.1:0"

        # Nobody watches for five minutes, and thousands of peers may get other numbers at once.
        [collector.silence]
        after_min = "20s"

        [collector.limits]
        new_peers_per_minute = 0

        [[notifier.rule]]
        kind = "endpoint-changed"
        min_trust = "tcp"

        [[notifier.rule]]
        kind = "host-silent"

        [[notifier.rule]]
        kind = "host-heard"

        [[notifier.rule]]
        kind = "gap"

        [[notifier.route]]
        name = "demo"
        type = "webhook"
        url = "{alerts}"
        allow_insecure = true

        """;

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
