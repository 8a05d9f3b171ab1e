using WgMonitor.Peers;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>Names of valid lines that are meant for a page or a dashboard: what the API makes of them. The numbers go on from the collector's table.</summary>
public sealed class HostileInputTests
{
    /// <summary>As the parser leaves them: at most 15 bytes, a backslash escaped.</summary>
    private static readonly string[] Devices = ["<script>", "a\"b\\x5c", "=cmd()", "{{.Env.S}}", "'><img>", "\\x1b[2J"];

    [Fact]
    public async Task H119_H121_a_name_is_one_json_string_without_markup_and_nothing_is_a_spreadsheet()
    {
        await using var api = await ApiHost.StartAsync("");
        await api.StoreAsync("vpn-01", [.. Devices.Select((device, number) => new PeerState { Id = new PeerId(1, (ulong)number), Interface = device })]);

        var peers = await api.GetAsync("/api/v1/peers");

        Assert.Equal(Devices, peers.GetProperty("items").EnumerateArray().Select(peer => peer.GetProperty("interface").GetString()));
        Assert.DoesNotContain(peers.GetRawText(), letter => letter is '<' or '>' or '\'' or < ' ' or > '~');
        var document = await api.GetAsync("/openapi/v1.json");
        Assert.DoesNotContain("csv", document.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task H120_a_name_is_one_label_value_of_bounded_length()
    {
        await using var api = await ApiHost.StartAsync("");
        var longest = string.Concat(Enumerable.Repeat("\\xff", 15));
        await api.StoreAsync("vpn-01", [.. Devices.Append(longest).Select((device, number) => new PeerState { Id = new PeerId(1, (ulong)number), Interface = device, Handshakes = number + 1 })]);

        var labels = (await api.ScrapeAsync()).Keys.Where(series => series.StartsWith("wireguard_peer_up{", StringComparison.Ordinal)).ToList();

        Assert.Equal(Devices.Length + 1, labels.Count);
        foreach (var device in Devices.Append(longest))
            Assert.Single(labels, label => label.Contains($"interface=\"{device.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"", StringComparison.Ordinal));
        Assert.All(labels, label => Assert.InRange(label.Length, 1, 1024));
    }
}
