using System.Globalization;
using System.Net;
using System.Text.Json;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.ReadModel.History;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.History;

/// <summary>Questions about a time that only files know any more, and what becomes of the answers when files are damaged, gone, or too many.</summary>
public sealed class ArchivedPastTests : IDisposable
{
    private const int Partitions = 4;
    private const string Peer = "/api/v1/peers/vpn-01/1/7";

    private readonly TempDirectory files = new();
    private readonly List<(string Id, DateTimeOffset After)> written = [];

    public void Dispose() => files.Dispose();

    private string Settings => $"\n[archive]\ndirectory = \"{files.Path}\"";

    private static string At(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<JsonElement> Items(JsonElement page) => page.GetProperty("items").EnumerateArray();

    private static bool IsComplete(JsonElement page) => page.GetProperty("past").GetProperty("complete").GetBoolean();

    private string FileOf(int number) => Directory.EnumerateFiles(files.Path, "*.parquet", SearchOption.AllDirectories).OrderBy(path => path.Split("after-")[1], StringComparer.Ordinal).ElementAt(number);

    /// <summary>A peer at six ports one after the other, in three files of two entries and, the last, in the log too.</summary>
    private async Task<EventLog> SixPortsAsync(ApiHost api, int pointsEvery = 0, TimeSpan keep = default)
    {
        var log = new EventLog(await api.Redis.ConnectAsync(), Partitions);
        for (var port = 1; port <= 6; port++)
        {
            var id = await log.AppendAsync("vpn-01", "keepalive-received.v1", 7, $"203.0.113.{port}:{port}");
            written.Add((id, await log.NextMillisecondAsync()));
            if (port == 5) await log.ArchiveAsync(files.Path, "vpn-01", 2, 100);
            if (pointsEvery > 0) await log.WritePointsAsync(pointsEvery, keep);
        }
        await log.ArchiveAsync(files.Path, "vpn-01", 1, 1);
        if (pointsEvery == 0) return log;
        await log.AppendAsync("vpn-01", "keepalive-received.v1", 7, "203.0.113.6:6");
        await log.WritePointsAsync(1, keep);
        return log;
    }

    private async Task<(int? Port, bool IsComplete)> PortAtAsync(ApiHost api, int number)
    {
        var page = await api.GetAsync($"/api/v1/peers?host=vpn-01&at={At(written[number - 1].After)}");
        return (Items(page).Select(peer => (int?)peer.GetProperty("endpoint").GetProperty("port").GetInt32()).SingleOrDefault(), IsComplete(page));
    }

    [Fact]
    public async Task What_is_trimmed_is_answered_from_the_files_and_each_entry_once()
    {
        await using var api = await ApiHost.StartAsync(Settings);
        await SixPortsAsync(api);

        for (var number = 1; number <= 6; number++) Assert.Equal((number, true), await PortAtAsync(api, number));
        var stays = await api.GetAsync($"{Peer}/endpoints");
        Assert.Equal([1, 2, 3, 4, 5, 6], Items(stays).Select(stay => stay.GetProperty("port").GetInt32()));
        Assert.True(IsComplete(stays));
        Assert.Equal("vpn-01/1/7", Assert.Single(Items(await api.GetAsync("/api/v1/endpoints?ip=203.0.113.2"))).GetProperty("peer").GetString());
        foreach (var path in new[] { "/api/v1/events", "/api/v1/events?host=vpn-01", $"{Peer}/events" })
        {
            var events = await api.GetAsync(path);
            Assert.Equal(written.Select(entry => entry.Id), Items(events).Select(entry => entry.GetProperty("id").GetString()));
            Assert.True(IsComplete(events));
        }
        Assert.DoesNotContain((await api.GetAsync("/api/v1/status")).GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.Contains(files.Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("gone")]
    [InlineData("gone with its manifest")]
    [InlineData("manifest flipped")]
    public async Task A_damaged_or_missing_file_makes_the_answers_behind_it_incomplete_until_it_is_put_back(string damage)
    {
        await using var api = await ApiHost.StartAsync(Settings);
        await SixPortsAsync(api);
        var file = FileOf(1);
        var manifest = Directory.EnumerateFiles(Path.GetDirectoryName(file)!, "*.json").Single(path => File.ReadAllText(path).Contains(Path.GetFileName(file), StringComparison.Ordinal));
        var saved = new[] { file, manifest }.ToDictionary(path => path, File.ReadAllBytes);
        if (damage is "flipped") await SpoilAsync(file);
        if (damage is "manifest flipped") await SpoilAsync(manifest);
        if (damage.StartsWith("gone", StringComparison.Ordinal)) File.Delete(file);
        if (damage is "gone with its manifest") File.Delete(manifest);

        // Without a manifest nobody knows how soon behind the entry before it something is missing.
        var isExact = damage is "flipped" or "gone";
        Assert.Equal(isExact ? (2, true) : (null, false), await PortAtAsync(api, 2));
        Assert.Equal((null, false), await PortAtAsync(api, 3));
        Assert.Equal((5, false), await PortAtAsync(api, 5));
        Assert.Equal((6, false), await PortAtAsync(api, 6));
        var events = await api.GetAsync("/api/v1/events");
        Assert.Equal(new[] { 0, 1, 4, 5 }.Select(index => written[index].Id), Items(events).Select(entry => entry.GetProperty("id").GetString()));
        Assert.False(IsComplete(events));
        Assert.Equal(isExact, IsComplete(await api.GetAsync($"/api/v1/events?to={At(written[1].After)}")));
        Assert.Equal(isExact ? (2, true) : (null, false), await PortAtAsync(api, 2));
        Assert.False(IsComplete(await api.GetAsync($"{Peer}/endpoints")));
        var told = (await api.GetAsync("/api/v1/status")).GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!);
        Assert.Equal(damage is not "gone with its manifest", told.Any(warning => warning.Contains(damage is "manifest flipped" ? manifest : file, StringComparison.Ordinal)));

        foreach (var (path, bytes) in saved) await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        api.Later(TimeSpan.FromMinutes(2));
        for (var number = 1; number <= 6; number++) Assert.Equal((number, true), await PortAtAsync(api, number));
        Assert.DoesNotContain((await api.GetAsync("/api/v1/status")).GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.Contains(files.Path, StringComparison.Ordinal));
    }

    private static async Task SpoilAsync(string path)
    {
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    [Fact]
    public async Task More_archived_entries_than_one_answer_may_read_are_refused_with_the_reason()
    {
        await using var api = await ApiHost.StartAsync($"{Settings}\n[history]\narchive_entries_max = 3");
        await SixPortsAsync(api, pointsEvery: 1);

        // The points of the trimmed entries are gone, and the files before the moment hold more than three.
        Assert.Equal((2, true), await PortAtAsync(api, 2));
        var refused = await api.GetAsync($"/api/v1/peers?host=vpn-01&at={At(written[3].After)}", HttpStatusCode.ServiceUnavailable);
        Assert.Contains("history.archive_entries_max", refused.GetProperty("detail").GetString());
        var all = await api.GetAsync($"/api/v1/peers?at={At(written[1].After)}", HttpStatusCode.ServiceUnavailable);
        Assert.Contains("one host", all.GetProperty("detail").GetString());
        // Who names no time gets what can be told.
        Assert.False(IsComplete(await api.GetAsync($"{Peer}/endpoints")));
        Assert.Contains("history.archive_entries_max", (await api.GetAsync($"{Peer}/endpoints?from={At(written[0].After)}", HttpStatusCode.ServiceUnavailable)).GetProperty("detail").GetString());
        var events = await api.GetAsync($"{Peer}/events");
        Assert.False(IsComplete(events));
        Assert.DoesNotContain(Items(events), entry => entry.GetProperty("id").GetString() == written[0].Id);
    }

    [Fact]
    public async Task Points_that_are_kept_longer_than_their_entries_spare_reading_files()
    {
        await using var api = await ApiHost.StartAsync($"{Settings}\n[history]\narchive_entries_max = 2");
        var log = await SixPortsAsync(api, pointsEvery: 1, keep: TimeSpan.FromDays(1));

        for (var number = 1; number <= 6; number++) Assert.Equal((number, true), await PortAtAsync(api, number));
        Assert.Equal([1, 2, 3, 4, 5, 6], Items(await api.GetAsync($"{Peer}/endpoints")).Select(stay => stay.GetProperty("port").GetInt32()));
        var events = await api.GetAsync($"{Peer}/events");
        Assert.Equal(written.Select(entry => entry.Id), Items(events).Take(6).Select(entry => entry.GetProperty("id").GetString()));
        Assert.True(IsComplete(events));

        await log.AppendAsync("vpn-01", "keepalive-received.v1", 7, "203.0.113.6:6");
        await log.WritePointsAsync(1, TimeSpan.FromMilliseconds(1));
        var left = await new PointReader(await api.Redis.ConnectAsync(), new HistoryKeys(log.Keys)).ReadPointsAsync(log.PartitionOf("vpn-01"), CancellationToken.None);
        Assert.DoesNotContain(left, point => point.Id.ToString() == written[0].Id);
    }

    [Fact]
    public async Task Without_its_directory_what_is_trimmed_is_unknown_and_the_status_says_why()
    {
        await using var api = await ApiHost.StartAsync(Settings);
        await SixPortsAsync(api);
        Directory.Delete(files.Path, recursive: true);

        Assert.Equal((null, false), await PortAtAsync(api, 3));
        Assert.False(IsComplete(await api.GetAsync("/api/v1/events")));
        Assert.Contains((await api.GetAsync("/api/v1/status")).GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.StartsWith("there is no directory", StringComparison.Ordinal));
    }
}
