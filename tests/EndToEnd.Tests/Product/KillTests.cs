using System.Text;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary>
/// Recorded lines flow while services are killed, restarted and frozen at random moments. Afterwards state, checkpoints and alerts must be those of a
/// single thread that folded the log once.
/// </summary>
public sealed class KillTests
{
    private const int Kills = 100;
    private const int LinesPerSecond = 400;

    [Fact]
    public async Task Killing_the_services_at_random_moments_changes_nothing() => await RunAsync(replicas: 1, freezes: 0);

    [Fact]
    public async Task Nor_does_killing_and_freezing_one_of_two_replicas() => await RunAsync(replicas: 2, freezes: 15);

    private static async Task RunAsync(int replicas, int freezes)
    {
        var random = new Random(Seed.Print());
        await using var redis = await RedisServer.StartAsync(ownProcess: true);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await Deployment.StartAsync(redis, replicas, AlertTests.Webhook(receiver));
        using var stop = new CancellationTokenSource();
        var flow = FlowAsync(product, stop.Token);

        for (var round = 0; round < Kills; round++)
        {
            await KillOneAsync(product, random);
            if (freezes > 0 && round % (Kills / freezes) == 0) await FreezeOneAsync(product, random);
            await Task.Delay(random.Next(100, 900), TestContext.Current.CancellationToken);
        }
        await stop.CancelAsync();
        await flow;
        foreach (var service in product.All) await service.ReadyAsync();
        await product.AppendedSettledAsync();

        await AssertIsReferenceAsync(product, receiver);
    }

    private static async Task KillOneAsync(Deployment product, Random random)
    {
        var services = product.All.ToArray();
        var victim = services[random.Next(services.Length)];
        await victim.KillAsync();
        victim.Start();
    }

    /// <summary>Longer than its lease: another owner takes over, and the frozen one wakes up believing it still owns.</summary>
    private static async Task FreezeOneAsync(Deployment product, Random random)
    {
        ServiceProcess[] owners = [.. product.Projectors, .. product.Notifiers];
        var victim = owners[random.Next(owners.Length)];
        await victim.ReadyAsync();
        victim.Process.Pause();
        await Task.Delay(random.Next(2_500, 4_000), TestContext.Current.CancellationToken);
        victim.Process.Resume();
    }

    /// <summary>The recorded runs over and over, each time from hosts of another name, so that every partition is busy.</summary>
    internal static async Task FlowAsync(Deployment product, CancellationToken stop, int linesPerSecond = LinesPerSecond)
    {
        using var sender = new SyslogSender(product.SyslogPort);
        var runs = new[] { "D-server", "C-part1", "A" }.Select(Corpus.Run).ToArray();
        try
        {
            for (var pass = 0; ; pass++)
            {
                var run = runs[pass % runs.Length];
                var lines = run.Datagrams(SyslogTemplate.SyslogProtocol23).Where(datagram => Encoding.Latin1.GetString(datagram.Bytes.Span).Contains("wireguard: "))
                    .Select(datagram => Renamed(datagram.Bytes, run.Hostname, $"vpn-{pass}"));
                await sender.SendAsync(lines, Pace.Messages(linesPerSecond), stop);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    internal static ReadOnlyMemory<byte> Renamed(ReadOnlyMemory<byte> datagram, string from, string to) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(datagram.Span).Replace($" {from} kernel ", $" {to} kernel ", StringComparison.Ordinal));

    private static async Task AssertIsReferenceAsync(Deployment product, WebhookReceiver receiver)
    {
        var reference = await product.EqualsReferenceAsync(limit: TimeSpan.FromMinutes(2));
        TestContext.Current.TestOutputHelper?.WriteLine($"{reference.Events} events of {reference.Hosts.Count} hosts, {reference.Alerts.Count} alerts");

        Assert.True(reference.Events > 5_000, $"only {reference.Events} events flowed");
        Assert.NotEmpty(reference.Alerts);
        var expected = reference.Alerts.Select(alert => alert.Id).ToHashSet();
        await Wait.Until(() => expected.SetEquals(AlertTests.DeliveredIds(receiver)), "every alert is delivered", TimeSpan.FromMinutes(2));
    }
}
