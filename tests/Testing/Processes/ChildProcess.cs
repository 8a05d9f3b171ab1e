using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace WgMonitor.Testing;

/// <summary>
/// A process that the test owns: its output is captured, it can be sent signals, and it is killed on dispose or when the test host ends.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private static readonly ConcurrentDictionary<int, ChildProcess> Running = new();

    private readonly Process process;
    private readonly StringBuilder standardOutput = new();
    private readonly StringBuilder standardError = new();

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (ChildProcess child in Running.Values)
            child.Kill();
    };

    private ChildProcess(Process process) => this.process = process;

    public int Id { get; private init; }

    public bool HasExited => process.HasExited;

    /// <summary>What it wrote to standard output until now.</summary>
    public string StandardOutput => Text(standardOutput);

    /// <summary>What it wrote to standard error until now.</summary>
    public string StandardError => Text(standardError);

    /// <summary>Both outputs until now, for messages of failed tests.</summary>
    public string Output => StandardOutput + StandardError;

    /// <summary>Starts a program without a shell and without input. The environment given is added to the inherited one; a null value removes a variable.</summary>
    /// <exception cref="InvalidOperationException">The program cannot be started.</exception>
    public static ChildProcess Start(
        string executable,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{executable} cannot be started: {e.Message}", e);
        }

        var child = new ChildProcess(process) { Id = process.Id };
        Running[child.Id] = child;
        process.OutputDataReceived += (_, line) => Append(child.standardOutput, line.Data);
        process.ErrorDataReceived += (_, line) => Append(child.standardError, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        return child;
    }

    /// <summary>SIGTERM: asks it to drain and end.</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>SIGINT: what Ctrl-C sends.</summary>
    public void Interrupt() => Signal(SigInt);

    /// <summary>SIGKILL: no chance to clean up, also when paused.</summary>
    public void Kill() => Signal(SigKill);

    /// <summary>SIGSTOP: frozen until <see cref="Resume"/>; sockets stay open.</summary>
    public void Pause() => Signal(SigStop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(SigCont);

    /// <summary>
    /// Waits for the end and returns the exit code (128 + signal when a signal ended it). All output is captured then, unless a child of
    /// its own lives on and holds the pipe open.
    /// </summary>
    /// <exception cref="TimeoutException">It still runs at the limit; the message holds its output.</exception>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        try
        {
            await Wait.Until(() => process.HasExited, "the process ends", limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{process.StartInfo.FileName} did not end. Its output:\n{Output}");
        }

        Running.TryRemove(Id, out _);
        using var endOfOutput = new CancellationTokenSource(OutputGrace);
        await process.WaitForExitAsync(endOfOutput.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return process.ExitCode;
    }

    /// <summary>Waits until the text occurs in the output.</summary>
    /// <exception cref="TimeoutException">It did not, or the process ended without it; the message holds the output.</exception>
    public async Task OutputHas(string text, TimeSpan? limit = null)
    {
        bool Found() => Output.Contains(text, StringComparison.Ordinal);
        try
        {
            await Wait.Until(() => Found() || HasExited, text, limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"\"{text}\" is missing in the output of {process.StartInfo.FileName}:\n{Output}");
        }

        if (Found())
            return;
        await ExitAsync();
        if (!Found())
            throw new TimeoutException($"{process.StartInfo.FileName} ended with {process.ExitCode} without \"{text}\":\n{Output}");
    }

    /// <summary>Kills it with all its descendants.</summary>
    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await ExitAsync();
        process.Dispose();
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.Append(line).Append('\n');
    }

    private static string Text(StringBuilder output)
    {
        lock (output)
            return output.ToString();
    }

    private void Signal(int signal)
    {
        // Never a signal to a number that may belong to somebody else by now.
        if (Running.ContainsKey(Id) && !process.HasExited)
            _ = SendSignal(Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
