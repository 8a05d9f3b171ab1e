namespace WgMonitor.Cli.Redis;

/// <summary>
/// A redis-server that was killed while it wrote a transaction leaves half of it at the end of its file. The next start does not apply it, but cuts only its
/// last command off the file; the rest stays and is applied by the start after that, for by then an end has been written behind it. A start that reads the
/// file once more before anybody writes cuts all of it: that is done here.
/// </summary>
/// <remarks>Measured with 7.0.15; docs/decisions/0014.</remarks>
internal static class UnfinishedTransaction
{
    // Its own: whoever waits for the server at its usual place must not reach this one. Relative to the folder, so that it always fits.
    private static readonly string[] Apart = ["--port", "0", "--unixsocket", "unfinished.sock"];

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    /// <summary>Lets a server of its own load the data and end, if the last one did not end well. Takes as long as loading takes.</summary>
    /// <param name="program">What to start.</param>
    /// <param name="home">Where the data is.</param>
    /// <param name="onLine">Gets every line that it prints, on any thread.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stop">Ends the server early.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static async Task CutAsync(RedisProgram program, RedisHome home, Action<string> onLine, TimeProvider time, CancellationToken stop)
    {
        if (!home.EndedBadly) return;
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = await RedisProcess.StartAsync(program, home.ConfigFile, Apart, line =>
        {
            onLine(line);
            if (line.Contains("ready to accept connections", StringComparison.OrdinalIgnoreCase)) loaded.TrySetResult();
        });
        try
        {
            // Where it cannot load the data, neither can the one that is started next, which says why.
            await Task.WhenAny(loaded.Task, process.Ended).WaitAsync(stop);
        }
        finally
        {
            process.Terminate();
            await Task.WhenAny(process.Ended, Task.Delay(EndLimit, time, CancellationToken.None));
            process.Kill();
            await process.Ended;
        }
    }
}
