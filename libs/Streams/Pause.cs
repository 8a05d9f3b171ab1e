namespace WgMonitor.Streams;

/// <summary>Waits that end early, and without an exception, when they are cancelled: what follows looks at the token anyway.</summary>
/// <remarks>
/// Who waits goes on where the time ran out or where the token was cancelled, up to its next wait. <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/>
/// moves to the thread pool when it is cancelled, so that nobody who brings his own clock could say when a stopping task has stopped.
/// </remarks>
public static class Pause
{
    extension(TimeProvider time)
    {
        /// <summary>Ends when the time is up or <paramref name="cancellationToken"/> is cancelled, whichever is first.</summary>
        public async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
        {
            if (cancellationToken.IsCancellationRequested || pause <= TimeSpan.Zero) return;
            var ended = new TaskCompletionSource();
            await using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), ended, pause, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
            await using var cancellation = cancellationToken.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), ended).ConfigureAwait(false);
            await ended.Task.ConfigureAwait(false);
        }
    }
}
