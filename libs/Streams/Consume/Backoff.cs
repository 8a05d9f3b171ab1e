namespace WgMonitor.Streams;

/// <summary>Pauses that double from a minimum to a maximum, until <see cref="Reset"/>.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, TimeProvider time)
{
    private TimeSpan _next;

    public void Reset() => _next = TimeSpan.Zero;

    /// <summary>Waits; <paramref name="atLeast"/> where the first pause would be too short.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken, TimeSpan atLeast = default)
    {
        if (_next < min) _next = min;
        var pause = _next > atLeast ? _next : atLeast;
        _next = _next * 2 < max ? _next * 2 : max;
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
    }
}
