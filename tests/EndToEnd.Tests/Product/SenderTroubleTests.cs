using System.Text.Json;
using System.Text.Json.Nodes;
using WgMonitor.Api.Status;
using WgMonitor.Collector.Listeners;
using WgMonitor.ReadModel;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>What is made of connections that collectors closed.</summary>
public sealed class SenderTroubleTests
{
    private const long Written = 1_795_348_805_000_000;

    private const long Second = 1_000_000;

    private static readonly Dictionary<string, long> None = [];

    private static CollectorStatus Status(string id, params (string Reason, long Count, long SecondsAgo)[] ends) => new(
        id, "gw", Written - 7200 * Second, Written, new(0, 0, None, None, None, None, 0, 0, 0, 0, 0, 0), [new("tls", "0.0.0.0:6514", 0)],
        new(ends.Sum(end => end.Count), 0, ends.ToDictionary(end => end.Reason, end => end.Count),
            [.. ends.Select(end => new CollectorConnectionEnd(end.Reason, "tls", "0.0.0.0:6514", $"203.0.113.{end.SecondsAgo % 250}:40000", Written - end.SecondsAgo * Second, "why"))]),
        "memory", null, []);

    /// <summary>These say nothing of a sender's settings; a fault of ours is in the log.</summary>
    private static readonly CloseReason[] Unexplained = [CloseReason.Peer, CloseReason.Reset, CloseReason.Stopped, CloseReason.Idle, CloseReason.WriteTimeout, CloseReason.Fault];

    [Fact]
    public void Every_reason_to_turn_a_sender_away_has_a_next_step()
    {
        foreach (var reason in Enum.GetValues<CloseReason>())
        {
            var troubles = SenderTroubles.Of([Status("a", (JsonNamingPolicy.SnakeCaseLower.ConvertName($"{reason}"), 1, 1))]).ToList();
            Assert.True(troubles.Count == (Unexplained.Contains(reason) ? 0 : 1), $"{reason}");
            Assert.All(troubles, trouble => Assert.NotEqual("", trouble.Next));
        }
    }

    [Fact]
    public void Collectors_are_added_up_and_the_last_sender_is_named()
    {
        var troubles = SenderTroubles.Of([Status("a", ("source_not_allowed", 2, 20), ("tls_certificate_missing", 1, 5)), Status("b", ("source_not_allowed", 3, 10))]).ToList();

        Assert.Equal(
            [
                "senders connect but are not allowed: 5 connections, the last from 203.0.113.10:40000 to tls 0.0.0.0:6514: why",
                "TLS handshakes fail: the sender shows no client certificate: 1 connection, the last from 203.0.113.5:40000 to tls 0.0.0.0:6514: why",
            ],
            troubles.Select(trouble => trouble.Finding));
    }

    [Fact]
    public void What_has_not_happened_for_an_hour_is_over() => Assert.Single(SenderTroubles.Of([Status("a", ("source_not_allowed", 2, 3601), ("tls_handshake", 1, 3599))]));

    [Fact]
    public void A_collector_of_a_version_that_does_not_tell_is_read_and_has_none()
    {
        var written = CollectorStatusHash.Encode(Status("a", ("source_not_allowed", 2, 1))).Single(field => field.Name == "status").Value;
        var older = JsonNode.Parse(written.ToString())!.AsObject();
        Assert.True(older.Remove("connections"));

        var read = CollectorStatusHash.Decode(older.ToJsonString());

        Assert.Equal("a", read?.Id);
        Assert.Null(read!.Connections);
        Assert.Empty(SenderTroubles.Of([read]));
        Assert.Single(SenderTroubles.Of([CollectorStatusHash.Decode(written)!]));
    }
}
