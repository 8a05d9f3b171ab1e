using System.Collections.Concurrent;
using System.Diagnostics;
using WgMonitor.Throughput.Generate;

namespace WgMonitor.Throughput.Measure;

/// <summary>Asks an API at a fixed rate, whether or not the answers before have come: what waits counts as waiting.</summary>
internal sealed class FixedRateQuestions(HttpClient http, int port, int perSecond)
{
    private readonly ConcurrentQueue<(long At, double Milliseconds)> answers = [];
    private readonly Random random = new(1);
    private Task asking = Task.CompletedTask;

    public FixedRateQuestions RunAsync(CancellationToken stop)
    {
        asking = Task.Run(() => AskAsync(stop), CancellationToken.None);
        return this;
    }

    public Task EndAsync() => asking;

    /// <summary>Times of the questions asked between two timestamps, sorted.</summary>
    public List<double> Result(long from, long to) => [.. answers.Where(answer => answer.At >= from && answer.At < to).Select(answer => answer.Milliseconds).Order()];

    private async Task AskAsync(CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var waiting = new List<Task>();
        for (long asked = 0; !stop.IsCancellationRequested; asked++)
        {
            var due = started + asked * Stopwatch.Frequency / perSecond;
            var pause = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (pause > TimeSpan.Zero) await Task.Delay(pause, TimeProvider.System, CancellationToken.None);
            waiting.Add(AskAsync(Path(), due));
            waiting.RemoveAll(task => task.IsCompletedSuccessfully);
        }
        await Task.WhenAll(waiting);
    }

    private async Task AskAsync(string path, long due)
    {
        using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/api/v1/{path}"), CancellationToken.None);
        await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
        response.EnsureSuccessStatusCode();
        answers.Enqueue((due, Stopwatch.GetElapsedTime(due).TotalMilliseconds));
    }

    private string Path()
    {
        var host = PastLog.Hosts[random.Next(PastLog.Partitions)][random.Next(PastLog.HostsAPartition)];
        return random.Next(3) switch
        {
            0 => $"peers/{host}/1/{random.Next(1, PastLog.PeersAHost + 1)}",
            1 => $"peers?limit=50&host={host}",
            _ => $"hosts/{host}",
        };
    }
}
