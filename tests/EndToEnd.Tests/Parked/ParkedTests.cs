using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.EndToEnd.Tests.Product;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Projector.Rebuild;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using Xunit;
using StreamEntry = WgMonitor.Streams.StreamEntry;

namespace WgMonitor.EndToEnd.Tests.Parked;

/// <summary>Entries that cannot be applied: parked, told, and after an upgrade applied once, by real services and <c>wgmonitor parked</c> on a real Redis.</summary>
public sealed class ParkedTests
{
    private const int PoisonPort = 4444;

    private static ReadOnlyMemory<byte> Line(int second, int port) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"<7>1 - vpn-01 kernel - - - [{second}.000000] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:{port})"));

    /// <summary>A fold that fails on lines of one port.</summary>
    private static (HostState State, System.Collections.Immutable.ImmutableArray<HostFinding> Findings) Failing(HostState state, WireGuardEvent e, Cause cause, FoldLimits limits) =>
        e is KeepaliveReceived { Endpoint.Port: PoisonPort } ? throw new InvalidOperationException("a bug that the next version mends") : HostFold.Apply(state, e, cause, limits);

    private static async Task<(int ExitCode, JsonElement[] Entries, string Error)> ParkedAsync(Deployment product, params string[] arguments)
    {
        await using var command = product.Command(["parked", .. arguments, "--output", "json"]);
        var exitCode = await command.ExitAsync(TimeSpan.FromMinutes(1));
        return (exitCode, command.StandardOutput.Length == 0 ? [] : [.. JsonDocument.Parse(command.StandardOutput).RootElement.EnumerateArray()], command.StandardError);
    }

    private static async Task<List<StreamEntry>> LogAsync(Deployment product, int partition = 0) =>
        await new LogReader(product.Connection, product.Keys).ReadForwardAsync(partition, StreamId.Zero, StreamId.Max, 10_000, default);

    /// <summary>One fold of these entries, in this order, against what a group has stored.</summary>
    private static async Task AssertStateAsync(Deployment product, StateKeys keys, IEnumerable<StreamEntry> entries)
    {
        var hosts = new Dictionary<string, HostState>();
        foreach (var entry in entries)
        {
            Assert.Equal(DecodeOutcome.Decoded, new EventDecoder().TryDecode(entry.Fields, out var e));
            hosts[e!.Header.Host] = HostFold.Apply(hosts.GetValueOrDefault(e.Header.Host) ?? HostState.Of(e.Header.Host), e, new Cause(entry.Id.Milliseconds, entry.Id.Sequence)).State;
        }
        Assert.Equal("", await new ReferenceFold(hosts, [], [], 0).DifferencesAsync(product.Connection, keys, product.Partitions));
    }

    private static async Task AssertVerifiesAsync(Deployment product)
    {
        var (exitCode, partitions, error) = await ReplayTests.ReplayAsync(product, "--verify");
        Assert.True(exitCode == 0, $"{error} {string.Join(' ', partitions)}");
    }

    private static async Task<StreamId> AddAsync(Deployment product, IEnumerable<EventField> fields, int partition = 0) =>
        StreamId.Parse((await product.Connection.GetDatabase().StreamAddAsync(product.Keys.Events(partition), [.. fields.Select(field => new NameValueEntry(field.Name, field.Value))])).ToString());

    [Fact]
    public async Task F30_F32_an_entry_on_which_a_version_fails_is_applied_once_by_a_retry_after_the_upgrade()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.Projectors[0].StopAsync();
        await using (new OlderProjector(product, Failing))
        {
            await product.SendAsync([Line(100, 51820), Line(110, PoisonPort), Line(120, 51820), Line(130, 5555)], datagrams => sender.SendAsync(datagrams));
            await product.CaughtUpAsync(ConsumerGroups.Projector);
        }
        // The notifier is of the next version already: for it the entry counted in its place.
        await product.CaughtUpAsync(ConsumerGroups.Notifier);
        var log = await LogAsync(product);
        var poison = log[1];
        product.Projectors[0].Start();
        await product.Projectors[0].ReadyAsync();

        var listed = Assert.Single((await ParkedAsync(product, "list")).Entries);
        Assert.Equal(("projector", 0, poison.Id.ToString(), "failed", "keepalive-received.v1"), (
            listed.GetProperty("group").GetString(), listed.GetProperty("partition").GetInt32(), listed.GetProperty("id").GetString(), listed.GetProperty("reason").GetString(), listed.GetProperty("event").GetString()));
        Assert.Contains(await ClusterTests.WarningsAsync(product), warning => warning!.Contains("1 events could not be applied by the projector", StringComparison.Ordinal));
        // The new version could apply it in its place; until it is retried nobody does.
        await AssertVerifiesAsync(product);

        var retried = await ParkedAsync(product, "retry", poison.Id.ToString());
        var again = await ParkedAsync(product, "retry", poison.Id.ToString());
        Assert.Equal((0, 1), (retried.ExitCode, again.ExitCode));
        Assert.Contains("is parked", again.Error, StringComparison.Ordinal);
        await ReplayTests.CaughtUpAsync(product);

        var after = await LogAsync(product);
        Assert.Equal((5, poison.Id), (after.Count, after[4].RetryOf));
        Assert.Equal(after[4].Id.ToString(), Assert.Single(retried.Entries).GetProperty("new_id").GetString());
        await AssertStateAsync(product, StateKeys.Projector(product.Keys), [after[0], after[2], after[3], after[4]]);
        await AssertStateAsync(product, StateKeys.Notifier(product.Keys), after[..4]);
        // What comes late does not make the endpoint the old one again.
        Assert.Equal(5555, (await product.PeersAsync()).Single().GetProperty("endpoint").GetProperty("port").GetInt32());
        Assert.Empty((await ParkedAsync(product, "list")).Entries);
        await AssertVerifiesAsync(product);
    }

    [Fact]
    public async Task F31_unknown_fields_are_ignored_and_unknown_events_are_parked_by_every_group_and_never_dropped()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([Line(100, 51820)], datagrams => sender.SendAsync(datagrams));
        var known = (await LogAsync(product))[0];

        // What a newer collector may write: a field more, and the next version of an event, in bytes that are not for a terminal.
        await AddAsync(product, [.. known.Fields, EventField.Of("of_tomorrow", "1")]);
        var unknown = await AddAsync(product, [EventField.Of("event", "keepalive-received.v99"), .. known.Fields[1..], EventField.Of("of_tomorrow", "\u001b[2J")]);
        var malformed = await AddAsync(product, known.Fields[..1]);
        await product.SendAsync([Line(140, 5555)], datagrams => sender.SendAsync(datagrams));
        await ReplayTests.CaughtUpAsync(product);

        var log = await LogAsync(product);
        StreamEntry[] applied = [log[0], log[1], log[^1]];
        Assert.Equal(5, log.Count);
        await AssertStateAsync(product, StateKeys.Projector(product.Keys), applied);
        await AssertStateAsync(product, StateKeys.Notifier(product.Keys), applied);
        var listed = (await ParkedAsync(product, "list")).Entries;
        Assert.Equal(
            [("notifier", unknown, "unknown-event"), ("projector", unknown, "unknown-event"), ("notifier", malformed, "malformed"), ("projector", malformed, "malformed")],
            listed.Select(entry => (entry.GetProperty("group").GetString()!, StreamId.Parse(entry.GetProperty("id").GetString()!), entry.GetProperty("reason").GetString()!)));
        Assert.Equal(["of_tomorrow", "\\x1b[2J"], listed[0].GetProperty("fields").EnumerateArray().Last().EnumerateArray().Select(text => text.GetString()!));
        Assert.Equal(2, await product.Notifiers[0].MetricAsync("wgmonitor_notifier_parked_total"));
        await AssertVerifiesAsync(product);

        // This version cannot apply them either, so they stay.
        var retried = await ParkedAsync(product, "retry", "--all");
        Assert.Equal((1, 5L), (retried.ExitCode, await product.EntriesAsync()));
        Assert.All(retried.Entries, entry => Assert.Equal("parked", entry.GetProperty("outcome").GetString()));
        Assert.Equal(4, (await ParkedAsync(product, "list")).Entries.Length);

        var discarded = await ParkedAsync(product, "discard", "--all");
        Assert.Equal((0, 2, 5L), (discarded.ExitCode, discarded.Entries.Length, await product.EntriesAsync()));
        Assert.Empty((await ParkedAsync(product, "list")).Entries);
        Assert.DoesNotContain(await ClusterTests.WarningsAsync(product), warning => warning!.Contains("parked", StringComparison.Ordinal));
        await AssertVerifiesAsync(product);
    }

    [Fact]
    public async Task F32_state_that_a_newer_version_wrote_is_read_after_a_roll_back()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([Line(100, 51820), Line(101, 51820)], datagrams => sender.SendAsync(datagrams));
        await ReplayTests.CaughtUpAsync(product);
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) await reader.StopAsync();

        // What a newer version may have left: members and fields that this one does not know.
        var server = product.Connection.GetServer(product.Connection.GetEndPoints()[0]);
        var changed = 0;
        await foreach (var key in server.KeysAsync(pattern: "wgmonitor:{p0}:*vpn-01*"))
        {
            if (await product.Connection.GetDatabase().KeyTypeAsync(key) != RedisType.Hash) continue;
            var state = JsonNode.Parse((await product.Connection.GetDatabase().HashGetAsync(key, "state")).ToString())!;
            Assert.IsType<JsonObject>(state)["of_tomorrow"] = new JsonObject { ["a"] = new JsonArray(1, "b") };
            await product.Connection.GetDatabase().HashSetAsync(key, [new("state", state.ToJsonString()), new("of_tomorrow", "1")]);
            changed++;
        }
        Assert.Equal(4, changed);
        foreach (var reader in product.Projectors.Concat(product.Notifiers)) reader.Start();
        await product.SendAsync([Line(150, 5555)], datagrams => sender.SendAsync(datagrams));
        await ReplayTests.CaughtUpAsync(product);

        await AssertStateAsync(product, StateKeys.Projector(product.Keys), await LogAsync(product));
        await AssertStateAsync(product, StateKeys.Notifier(product.Keys), await LogAsync(product));
        Assert.Equal(5555, (await product.PeersAsync()).Single().GetProperty("endpoint").GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task F32_a_repartition_keeps_what_is_parked_and_what_was_passed_over()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 2);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.Projectors[0].StopAsync();
        await using (new OlderProjector(product, Failing))
        {
            await product.SendAsync([Line(100, 51820), Line(110, PoisonPort), Line(120, PoisonPort), Line(130, 5555)], datagrams => sender.SendAsync(datagrams));
            await ReplayTests.CaughtUpAsync(product);
        }
        var poison = (await ParkedAsync(product, "list")).Entries.Select(entry => entry.GetProperty("id").GetString()!).ToArray();
        Assert.Equal(2, poison.Length);
        product.Projectors[0].Start();
        await product.Projectors[0].ReadyAsync();
        Assert.Equal(0, (await ParkedAsync(product, "retry", poison[0])).ExitCode);
        await ReplayTests.CaughtUpAsync(product);
        foreach (var service in product.All) await service.StopAsync();
        await product.Connection.GetDatabase().KeyDeleteAsync("wgmonitor:collectors");

        product.Repartitioned(3);
        await using (var repartition = product.Command("repartition", "3")) Assert.True(await repartition.ExitAsync(TimeSpan.FromMinutes(1)) == 0, repartition.Output);
        foreach (var service in product.All) service.Start();
        foreach (var service in product.All) await service.ReadyAsync();

        Assert.Equal([poison[1]], (await ParkedAsync(product, "list")).Entries.Select(entry => entry.GetProperty("id").GetString()!));
        await AssertVerifiesAsync(product);
        Assert.Equal(0, (await ParkedAsync(product, "retry", "--all")).ExitCode);
        await ReplayTests.CaughtUpAsync(product);
        var lines = (await product.Connection.GetDatabase().HashGetAsync(StateKeys.Projector(product.Keys).Host(Partitioner.PartitionOf("vpn-01"u8, 3), "vpn-01"), "lines")).ToString();
        Assert.Equal("4", lines);
        await AssertVerifiesAsync(product);
    }

    [Fact]
    public async Task F30_a_base_snapshot_or_a_rebuild_goes_on_without_an_entry_on_which_its_fold_throws_and_tells_it()
    {
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var product = await Deployment.StartAsync(redis, partitions: 1);
        using var sender = new SyslogSender(product.SyslogPort);
        await product.SendAsync([Line(100, 51820), Line(110, PoisonPort), Line(120, 5555)], datagrams => sender.SendAsync(datagrams));
        await ReplayTests.CaughtUpAsync(product);
        var log = await LogAsync(product);
        var claims = new PartitionClaims(product.Connection, product.Keys, Options.Create(new StreamOptions { Partitions = 1 }), new StreamMetrics(Metrics.NewCustomRegistry()), TimeProvider.System);
        var keys = StateKeys.Base(product.Keys);

        await using var claim = await claims.TakeOverAsync(0, ConsumerGroups.Base);
        var fold = new ViewFold(
            claim, new HostStateStore(new HostStateReader(product.Connection, keys), keys, 0, 100), FoldLimits.Default, new LogReader(product.Connection, product.Keys),
            new PassedEntries(product.Connection, product.Keys, ConsumerGroups.Projector), Failing);
        Assert.Equal(3, await fold.StepAsync(StreamId.Max, 100, default));

        Assert.Equal((1L, 0L), (fold.Replay.FailedCount, fold.Replay.LeftOut));
        Assert.Equal([log[1].Id], fold.Replay.Failed);
        Assert.Equal(log[2].Id, claim.Checkpoint);
        await AssertStateAsync(product, keys, [log[0], log[2]]);
    }
}
