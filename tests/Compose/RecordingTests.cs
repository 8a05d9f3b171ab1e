using System.Text;
using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>What kernels of real servers printed, sent by a real rsyslogd to each port that the stack publishes: every way the same peers and alerts come of it.</summary>
[Collection(typeof(StackCollection))]
public sealed class RecordingTests(Stack stack)
{
    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Recordings_become_the_same_peers_and_alerts_by_udp_tcp_tls_and_relp()
    {
        await stack.ScaleAsync(2);
        await stack.HealthyAsync();
        (string Name, int Port, RsyslogForward Forward)[] ways =
        [
            ("udp", stack.SyslogPort, RsyslogForward.Udp),
            ("tcp", stack.SyslogPort, RsyslogForward.TcpCounted),
            ("tls", stack.TlsPort, stack.TlsForward),
            ("relp", stack.RelpPort, RsyslogForward.Relp.WithDiskQueue()),
        ];

        foreach (var (name, port, forward) in ways)
        {
            var before = await stack.Log.LengthAsync();
            await using var rsyslog = await RsyslogServer.StartAsync(port, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: forward);
            foreach (var run in Recordings.All) await rsyslog.WriteAsync(run.Messages(name).Select(message => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(message)), Pace.Messages(1000));
            await Wait.Until(async () => await stack.Log.LengthAsync() >= before + Recordings.All.Sum(run => run.Events()), $"the recordings arrive by {name}; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
            foreach (var run in Recordings.All)
                await Wait.Until(async () => (await stack.Log.EventsAsync(run.Host(name))).Values.Sum() >= run.Events(), $"{run.Name} arrives by {name}; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
            await rsyslog.StopAsync();
        }
        var fold = await stack.Log.EqualsReferenceAsync();

        var alerts = await AlertsAsync();
        foreach (var run in Recordings.All)
        {
            var made = new List<(string Peers, string Alerts)>();
            foreach (var (name, _, _) in ways)
            {
                run.HasAllOf(await stack.Log.EventsAsync(run.Host(name)));
                var peers = await PeersAsync(run.Host(name));
                Assert.Equal(fold.Hosts[run.Host(name)].Peers.Count, peers.Count);
                var ofHost = alerts.Where(alert => alert.GetProperty("host").GetString() == run.Host(name)).ToList();
                Assert.Equal(fold.Alerts.Count(alert => alert.Host == run.Host(name)), ofHost.Count);
                made.Add((Text(peers, name, "peer", "epoch", "interface", "endpoint.ip", "endpoint.port", "last_handshake", "handshake_confirmed", "last_keepalive", "gone_since"),
                    Text(ofHost, name, "peer", "kind", "old_endpoint", "new_endpoint", "change", "at")));
            }
            Assert.All(made.Skip(1), other => Assert.Equal(made[0], other));
            Stack.Tell($"{run.Name}: {run.Events()} events, {fold.Hosts[run.Host("relp")].Peers.Count} peers and {fold.Alerts.Count(alert => alert.Host == run.Host("relp"))} alerts by {string.Join(", ", ways.Select(way => way.Name))}");
        }
        Assert.Contains(alerts, alert => alert.GetProperty("host").GetString() == Corpus.Run("D-server").Host("udp"));
    }

    private async Task<IReadOnlyList<JsonElement>> PeersAsync(string host)
    {
        var page = await stack.ApiAsync($"peers?limit=1000&host={host}");
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next_cursor").ValueKind);
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    private async Task<IReadOnlyList<JsonElement>> AlertsAsync()
    {
        var alerts = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await stack.ApiAsync($"alerts?limit=1000{(cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            alerts.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString();
        }
        return alerts;
    }

    /// <summary>The named properties, a line for each, in an order of their own.</summary>
    private static string Text(IEnumerable<JsonElement> items, string way, params string[] properties) => string.Join('\n', items
        .Select(item => string.Join(' ', properties.Select(property => Property(item, property).Replace($"{way}-", "", StringComparison.Ordinal))))
        .Order(StringComparer.Ordinal));

    private static string Property(JsonElement item, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (item.ValueKind != JsonValueKind.Object) return "none";
            item = item.GetProperty(name);
        }
        return item.ToString();
    }
}
