using System.Text;
using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Notifier.Tests;

/// <summary>
/// Valid lines whose names are meant for somebody further down: what they are in an alert. The numbers go on from those of the collector's table. Device
/// names have at most 15 bytes and reach this place escaped; there is no channel for mail or chat in this version.
/// </summary>
public class HostileInputTests(SharedRedis shared)
{
    public static TheoryData<string, string> Names() => new()
    {
        { "H117 mail header", "a\\x0d\\x0aBcc: x" },
        { "H118 channel", "<!channel>" },
        { "H118 everyone", "@everyone" },
        { "H118 link", "[x](//evil)" },
        { "H118 Telegram", "*_`~" },
        { "H119 script", "<script>" },
        { "H121 formula", "=cmd()" },
        { "H122 template", "{{.Env.S}}" },
        { "H122 shell", "${HOME}`id`" },
        { "H122 printf", "%s%n%x" },
        { "H122 log template", "{0}{Peer}" },
        { "H117 quote", "\",\"x\":\"" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_one_string_of_the_payload_and_stays_itself(string name, string device)
    {
        var alert = Samples.Alert() with { Interface = device };

        var body = WebhookPayload.Of(alert, null);
        var data = JsonDocument.Parse(body).RootElement.GetProperty("data");

        Assert.True(device == data.GetProperty("peer").GetProperty("interface").GetString(), name);
        Assert.Equal($"Peer vpn-01/1/17 on {device} moved from 203.0.113.5:51820 to 198.51.100.7:40000.", data.GetProperty("summary").GetString());
        Assert.DoesNotContain(Encoding.UTF8.GetString(body), letter => letter is < ' ' or (char)0x7f);
        Assert.DoesNotContain(device, Encoding.UTF8.GetString(WebhookPayload.OriginalOf(alert)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_is_a_value_of_the_log_line_and_no_template(string name, string device)
    {
        var log = new RecordingLogger<LogChannel>();

        await new LogChannel(log).SendAsync(Samples.Alert() with { Interface = device }, default);

        var (_, text, values) = Assert.Single(log.Lines);
        Assert.True(text.StartsWith($"Peer vpn-01/1/17 on {device} moved", StringComparison.Ordinal), $"{name}: {text}");
        Assert.DoesNotContain(text, letter => letter is < ' ' or (char)0x7f);
        Assert.Equal("vpn-01/1/17", values["Peer"]);
    }

    [Fact]
    public async Task H123_no_input_decides_where_an_alert_goes()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var notifier = await RunningNotifier.StartAsync(log, new NotifierOptions { Route = [RunningNotifier.Webhook("ops", receiver)] });

        await log.AppendAsync(Samples.Keepalive("203.0.113.5:51820", 0, host: "evil.example"), Samples.Keepalive("203.0.113.6:51820", 10, host: "evil.example"));
        await log.SettledAsync("ops", 1);

        var data = JsonDocument.Parse(Assert.Single(receiver.Requests).Body).RootElement.GetProperty("data");
        Assert.Equal("evil.example/1/17", data.GetProperty("peer").GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, data.GetProperty("link").ValueKind);
    }
}
