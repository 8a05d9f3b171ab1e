using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using WgMonitor.Testing;

namespace WgMonitor.Throughput.Generate;

/// <summary>What a generator says at its end.</summary>
/// <param name="Sent">Datagrams.</param>
/// <param name="Seconds">From the first to the last.</param>
/// <param name="CpuSeconds">Of the sending alone; half of it is the kernel's work on the receiver's socket.</param>
internal sealed record Generated(long Sent, double Seconds, double CpuSeconds);

/// <summary>Sends recorded lines by UDP at a rate, as a process of its own, so that its pauses and garbage are none of anybody else's.</summary>
internal sealed class GeneratorProcess(ChildProcess process) : IAsyncDisposable
{
    private const string Ready = "ready";

    private static readonly TimeSpan ReadyPause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    // A late sender may catch up this much.
    private const double CatchUpSeconds = 0.1;

    /// <summary>The generator itself.</summary>
    public static async Task SendAsync(int port, double rate, double seconds, long first)
    {
        var lines = RecordedLines.Load();
        using var batch = new DatagramBatch(port);
        var count = (long)(rate * seconds);
        Console.WriteLine(Ready);
        // Time for the other side to read its counters before the first line.
        await Task.Delay(ReadyPause);
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        var forgiven = 0.0;
        for (long sent = 0; sent < count;)
        {
            var late = Stopwatch.GetElapsedTime(start).TotalSeconds - forgiven - (sent / rate);
            forgiven += Math.Max(0, late - CatchUpSeconds);
            var due = Math.Min(count, sent + 1 + (long)(Math.Clamp(late, 0, CatchUpSeconds) * rate));
            for (; sent < due && !batch.IsFull; sent++) batch.Add(lines[first + sent].Span);
            batch.Send();
            if (sent == due) await Task.Delay(Tick);
        }
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent {count} {elapsed} {used}"));
    }

    public static GeneratorProcess Start(int port, double rate, double seconds, long first) =>
        new(ChildProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "WgMonitor.Throughput"),
            ["send", $"{port}", rate.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture), $"{first}"],
            new Dictionary<string, string?> { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")) }));

    /// <summary>It has read the recordings and begins half a second from now.</summary>
    public Task BegunAsync() => process.OutputHas(Ready);

    public async Task<Generated> EndAsync()
    {
        if (await process.ExitAsync(TimeSpan.FromMinutes(2)) != 0) throw new InvalidOperationException($"The generator failed:\n{process.Output}");
        var words = process.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ');
        return new(long.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture), double.Parse(words[3], CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
