using System.Diagnostics;

namespace WgMonitor.Testing;

/// <summary>Waits on a condition with a reason and a limit, instead of sleeping.</summary>
public static class Wait
{
    /// <summary>Limit where a test names none: long enough for a loaded machine of two cores.</summary>
    public static readonly TimeSpan LimitDefault = TimeSpan.FromSeconds(30);

    /// <exception cref="TimeoutException">The condition stayed false; the message holds the reason.</exception>
    public static Task Until(Func<bool> condition, string because, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        Until(() => Task.FromResult(condition()), because, limit, cancellationToken);

    /// <inheritdoc cref="Until(Func{bool}, string, TimeSpan?, CancellationToken)"/>
    public static async Task Until(Func<Task<bool>> condition, string because, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        TimeSpan most = limit ?? LimitDefault;
        long start = Stopwatch.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > most)
                throw new TimeoutException($"Waited {most.TotalSeconds:0.#} s in vain: {because}");
            await Task.Delay(pause, cancellationToken);
            pause = TimeSpan.FromMilliseconds(Math.Min(pause.TotalMilliseconds * 2, 50));
        }
    }

    /// <summary>Waits until <paramref name="read"/> gives a value, and returns it.</summary>
    /// <exception cref="TimeoutException">No value came; the message holds the reason.</exception>
    public static async Task<T> For<T>(Func<Task<T?>> read, string because, TimeSpan? limit = null, CancellationToken cancellationToken = default)
        where T : class
    {
        T? value = null;
        await Until(async () => (value = await read()) is not null, because, limit, cancellationToken);
        return value!;
    }
}
