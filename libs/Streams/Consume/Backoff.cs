namespace WgMonitor.Streams;

/// <summary>Pauses that double from a minimum to a maximum, until <see cref="Reset"/>.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, TimeProvider time)
{
    private TimeSpan next;

    public void Reset() => next = TimeSpan.Zero;

    /// <summary>Waits, or until cancelled; <paramref name="atLeast"/> where the first pause would be too short.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken, TimeSpan atLeast = default)
    {
        if (next < min) next = min;
        var pause = next > atLeast ? next : atLeast;
        next = next * 2 < max ? next * 2 : max;
        await time.PauseAsync(pause, cancellationToken).ConfigureAwait(false);
    }
}
