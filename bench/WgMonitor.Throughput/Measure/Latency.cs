using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using WgMonitor.Testing;
using WgMonitor.Throughput.Deploy;
using WgMonitor.Throughput.Generate;

namespace WgMonitor.Throughput.Measure;

/// <summary>
/// How long until a line shows, while others come at 5,000 a second: the peer of a host of our own moves every 50 ms, and its hash in Redis and the
/// webhook's attempt are waited for.
/// </summary>
internal sealed class Latency(Deployment deployment, WebhookReceiver receiver)
{
    private const double Rate = 5_000;
    private const int Moves = 200;
    private const string Host = "marker";

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    private readonly int partition = Partitioner.PartitionOf(Encoding.ASCII.GetBytes(Host), Deployment.PartitionsDefault);
    private readonly DateTimeOffset[] sentAt = new DateTimeOffset[Moves];
    private readonly long booted = Stopwatch.GetTimestamp();
    private readonly List<double> shown = [];

    public static async Task MeasureAsync()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var deployment = await Deployment.StartAsync($"""
            [[notifier.route]]
            name = "hook"
            type = "webhook"
            url = "{receiver.Url}"
            allow_insecure = true
            """);
        await new Latency(deployment, receiver).RunAsync();
    }

    private async Task RunAsync()
    {
        // Long enough that the code is compiled for good before the first move counts.
        var seconds = WarmUp + Every * (Moves + 40);
        await using var generator = GeneratorProcess.Start(deployment.SyslogPort, Rate, seconds.TotalSeconds, 0);
        await generator.BegunAsync();
        await Task.Delay(WarmUp);
        var before = receiver.Requests.Count;
        var busy = (Machine.BusySeconds(), Stopwatch.GetTimestamp());
        await MoveAsync();
        var hooks = (receiver.Requests.Count - before) / Stopwatch.GetElapsedTime(busy.Item2).TotalSeconds;
        var cores = (Machine.BusySeconds() - busy.Item1) / Stopwatch.GetElapsedTime(busy.Item2).TotalSeconds;
        var attempts = await AttemptsAsync();
        await generator.EndAsync();

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n## Latency at {Rate:N0} lines/s and {hooks:F0} webhooks/s\n"));
        Console.WriteLine("| from line sent to | p50 ms | p99 ms | max ms | samples |\n|---|--:|--:|--:|--:|");
        Print("state visible in Redis", shown);
        Print("webhook attempt", attempts);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nState is looked at every millisecond. All processes of the machine: {cores:F2} cores (load {Machine.Load})."));
    }

    private async Task MoveAsync()
    {
        using var sender = new SyslogSender(deployment.SyslogPort);
        // The first sight of a peer is no change.
        sender.Send(Line(Endpoint(-1)));
        await Wait.Until(async () => await PortAsync() == "1023", "the peer appears");
        var begin = Stopwatch.GetTimestamp();
        for (var move = 0; move < Moves; move++)
        {
            var ahead = Every * move - Stopwatch.GetElapsedTime(begin);
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead);
            var start = Stopwatch.GetTimestamp();
            sentAt[move] = DateTimeOffset.UtcNow;
            sender.Send(Line(Endpoint(move)));
            var port = $"{1024 + move}";
            while (await PortAsync() != port)
            {
                if (Stopwatch.GetElapsedTime(start) > Wait.LimitDefault) throw new TimeoutException($"Move {move} is not shown.");
                await Task.Delay(1);
            }
            shown.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    private async Task<string> PortAsync() =>
        (await deployment.Database.HashGetAsync(StateKeys.Projector(deployment.Keys).Peer(partition, Host, new PeerId(1, 1)), "port")).ToString();

    private async Task<List<double>> AttemptsAsync()
    {
        var attempts = new Dictionary<int, double>();
        await Wait.Until(() =>
        {
            foreach (var request in receiver.Requests)
            {
                var data = JsonDocument.Parse(request.Body).RootElement.GetProperty("data");
                if (data.GetProperty("peer").GetProperty("host").GetString() != Host) continue;
                var move = data.GetProperty("new_endpoint").GetProperty("port").GetInt32() - 1024;
                attempts.TryAdd(move, (request.ReceivedAt - sentAt[move]).TotalMilliseconds);
            }
            return attempts.Count == Moves;
        }, "every move reaches the webhook");
        return [.. attempts.Values];
    }

    /// <summary>Every move shows in address and port.</summary>
    private static string Endpoint(int move) => $"10.99.{(move + 1) / 250}.{(move + 1) % 250 + 1}:{1024 + move}";

    private byte[] Line(string endpoint) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"<7>1 {DateTimeOffset.UtcNow:yyyy-MM-dd'T'HH:mm:ss.ffffffzzz} {Host} kernel - - - [{1000 + Stopwatch.GetElapsedTime(booted).TotalSeconds,12:F6}] wireguard: wg0: Receiving keepalive packet from peer 1 ({endpoint})"));

    private static void Print(string what, List<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        double At(double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {At(0.5):F1} | {At(0.99):F1} | {sorted[^1]:F1} | {sorted.Count} |"));
    }
}
