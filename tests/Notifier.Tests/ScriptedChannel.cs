using System.Collections.Concurrent;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier.Tests;

/// <summary>A channel that answers as told: first the script, then always the last of it. Null is no answer until the attempt is cancelled.</summary>
internal sealed class ScriptedChannel(TimeProvider time, params ChannelOutcome?[] script) : IAlertChannel
{
    private readonly ConcurrentQueue<DateTimeOffset> attempts = [];

    public IReadOnlyList<DateTimeOffset> Attempts => [.. attempts];

    public async Task<ChannelOutcome> SendAsync(AlertRecord alert, CancellationToken cancellationToken)
    {
        attempts.Enqueue(time.GetUtcNow());
        var answer = script[Math.Min(attempts.Count, script.Length) - 1];
        if (answer is null) await Task.Delay(Timeout.Infinite, cancellationToken);
        return answer!;
    }
}
