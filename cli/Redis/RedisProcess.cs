using System.Diagnostics;

namespace WgMonitor.Cli.Redis;

/// <summary>One run of redis-server as our child.</summary>
/// <remarks>
/// It is started on a thread of its own that lives until it ends: the kernel's "parent died" signal comes when the thread that started the child
/// ends, and a thread of the pool may end at any time (prctl(2), PR_SET_PDEATHSIG).
/// </remarks>
internal sealed class RedisProcess
{
    private const int LastWordsMax = 8;

    private readonly Queue<string> lastWords = new();
    private readonly TaskCompletionSource<int> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<string> onLine;

    private RedisProcess(Action<string> onLine) => this.onLine = onLine;

    public int Id { get; private set; }

    /// <summary>Completes with the exit code, 128 + signal after a signal, when it has ended and all it said was read.</summary>
    public Task<int> Ended => ended.Task;

    /// <summary>The last lines it printed.</summary>
    public string LastWords
    {
        get
        {
            lock (lastWords) return string.Join(" | ", lastWords);
        }
    }

    /// <summary>Starts it; it is not ready yet.</summary>
    /// <param name="program">What to start.</param>
    /// <param name="configFile">Its first argument.</param>
    /// <param name="settings">As on its command line; they win over the file.</param>
    /// <param name="onLine">Gets every line it prints, on any thread.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static async Task<RedisProcess> StartAsync(RedisProgram program, string configFile, IReadOnlyList<string> settings, Action<string> onLine)
    {
        var redis = new RedisProcess(onLine);
        string[] command = [.. program.Wrapper, program.Path, configFile, .. settings];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // Redis refuses to start where the locale of the environment is not installed.
        start.Environment["LC_ALL"] = "C";
        new Thread(() => redis.Run(start)) { IsBackground = true, Name = "redis-server" }.Start();
        redis.Id = await redis.started.Task;
        return redis;
    }

    /// <summary>Asks it to write its data and end.</summary>
    public void Terminate()
    {
        // Never a signal to a number that may belong to somebody else by now.
        if (!ended.Task.IsCompleted) ProcessSignal.Terminate(Id);
    }

    /// <summary>Ends it at once. What it has acknowledged is with the operating system already.</summary>
    public void Kill()
    {
        if (!ended.Task.IsCompleted) ProcessSignal.Kill(Id);
    }

    private void Run(ProcessStartInfo start)
    {
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            started.SetException(exception);
            return;
        }

        using (process)
        {
            process.OutputDataReceived += (_, line) => OnLine(line.Data);
            process.ErrorDataReceived += (_, line) => OnLine(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            started.SetResult(process.Id);
            process.WaitForExit();
            ended.SetResult(process.ExitCode);
        }
    }

    private void OnLine(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (lastWords)
        {
            if (lastWords.Count == LastWordsMax) lastWords.Dequeue();
            lastWords.Enqueue(line.Trim());
        }

        onLine(line.Trim());
    }
}
