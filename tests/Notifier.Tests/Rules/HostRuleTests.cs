using System.Text;
using System.Text.Json;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests.Rules;

/// <summary>Alerts about hosts.</summary>
public sealed class HostRuleTests(SharedRedis shared)
{
    private static readonly Cause Cause = new(1763820629200, 4);
    private static readonly EventHeader Header = new("vpn-01", Samples.At, Samples.At + 10, Trust: TrustLevel.Tcp);

    private static AlertRecord? Judge(RuleKind kind, HostFinding finding) => new HostRule(kind, "r").Judge(finding, Header);

    [Fact]
    public void F42_a_silent_host_is_an_alert_of_its_own_kind_and_a_stable_id()
    {
        var alert = Judge(RuleKind.HostSilent, new HostWentSilent("vpn-01", Samples.At, Cause, Samples.At - 1_000_000, 20_000_000))!;

        Assert.Equal((AlertId.Of("r", "vpn-01", new StreamId(1763820629200, 4)), "host-silent", "vpn-01", true, TrustLevel.Tcp), (alert.Id, alert.Kind, alert.PeerName, alert.IsOfHost, alert.Trust));
        Assert.Equal("Host vpn-01 is silent: its last line came at 2025-11-22T14:10:28.123456Z.", AlertText.Summary(alert));
        Assert.Equal("host.silent", JsonDocument.Parse(WebhookPayload.Of(alert, null)).RootElement.GetProperty("type").GetString());
        Assert.Equal("{\"host\": \"vpn-01\", \"kind\": \"host-silent\"}", Encoding.ASCII.GetString(WebhookPayload.OriginalOf(alert)));
        Assert.Null(Judge(RuleKind.Gap, new GapOpened("vpn-01", Samples.At, Cause, alert.Gap!.Value)));
    }

    [Fact]
    public void A_gap_tells_its_bounds_cause_and_lines_and_no_peer()
    {
        var gap = new Gap(GapKind.LinesSuppressed, Samples.At - 5_000_000, Samples.At, 22, Cause);

        var alert = Judge(RuleKind.Gap, new GapOpened("vpn-01", Samples.At, Cause, gap))!;

        Assert.Equal("Host vpn-01 has a gap from 2025-11-22T14:10:24.123456Z to 2025-11-22T14:10:29.123456Z (lines-suppressed, 22 lines).", AlertText.Summary(alert));
        var data = JsonDocument.Parse(WebhookPayload.Of(alert, null)).RootElement.GetProperty("data");
        Assert.Equal(("lines-suppressed", 22), (data.GetProperty("gap").GetProperty("cause").GetString(), data.GetProperty("gap").GetProperty("lines").GetInt32()));
        Assert.Equal(JsonValueKind.Null, data.GetProperty("peer").ValueKind);
        Assert.Equal(JsonValueKind.Null, data.GetProperty("new_endpoint").ValueKind);
    }

    [Fact]
    public void It_stands_in_the_outbox_and_comes_back_the_same()
    {
        var alert = Judge(RuleKind.HostHeard, new HostHeardAgain("vpn-01", Samples.At, Cause, Samples.At - 1_000_000))!;

        Assert.True(AlertCodec.TryDecode(AlertCodec.Encode(alert).ToDictionary(field => Encoding.UTF8.GetString(field.Name.Span), field => Encoding.UTF8.GetString(field.Value.Span)), out var back));

        Assert.Equal(alert with { Causes = [] }, back with { Causes = [] });
        Assert.Equal(alert.Causes, back.Causes);
    }

    [Fact]
    public async Task F42_it_is_delivered_once_and_the_next_line_says_that_the_host_is_back()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var notifier = await RunningNotifier.StartAsync(log, new NotifierOptions
        {
            Route = [RunningNotifier.Webhook("ops", receiver)],
            Rule = [new() { Kind = RuleKind.HostSilent }, new() { Kind = RuleKind.HostHeard }, new() { Kind = RuleKind.EndpointChanged }],
        });
        var at = Samples.At + 60_000_000;

        await log.AppendAsync(Samples.Keepalive("203.0.113.5:51820", 0));
        // Two collectors tell it.
        for (var n = 0; n < 2; n++) await log.AppendAsync(new HostSilent(new EventHeader("vpn-01", at, at), Samples.At + 500, 5_000_000));
        await log.AppendAsync(Samples.Keepalive("203.0.113.6:51820", 90));
        await log.SettledAsync("ops", 3);

        Assert.Equal(["host-silent", "host-heard", "endpoint-changed"], (await log.HistoryAsync()).Select(history => history.Alert.Kind));
        Assert.False((await log.HistoryAsync())[2].Alert.Complete);
        Assert.Equal(3, receiver.Requests.Count);
    }
}
