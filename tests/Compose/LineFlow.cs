using System.Diagnostics;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>Numbered lines that a real rsyslogd is given all the while and sends by RELP; its queue on disk takes what nobody reads.</summary>
internal sealed class LineFlow : IAsyncDisposable
{
    private const int LinesPerSecond = 500;

    /// <summary>Lines written at most, should the containers take long.</summary>
    private const int WrittenMax = 250_000;

    private static readonly TimeSpan ArrivalLimit = TimeSpan.FromMinutes(4);

    private readonly Stack stack;
    private readonly string series;
    private readonly RsyslogServer rsyslog;
    private readonly CancellationTokenSource ended = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Task writing;
    private volatile int written;

    private LineFlow(Stack stack, string series, RsyslogServer rsyslog)
    {
        (this.stack, this.series, this.rsyslog) = (stack, series, rsyslog);
        writing = Task.Run(WriteAsync);
    }

    /// <param name="stack">Takes them at its published port.</param>
    /// <param name="series">Begins the names of the hosts; no other test's.</param>
    public static async Task<LineFlow> StartAsync(Stack stack, string series) => new(
        stack, series, await RsyslogServer.StartAsync(stack.RelpPort, SyslogTemplate.SyslogProtocol23, source: RsyslogInput.Relay, forward: RsyslogForward.Relp.WithDiskQueue()));

    /// <summary>Waits until lines written after this call stand in the log: they do flow.</summary>
    public async Task FlowsAsync(string when)
    {
        var target = written;
        Assert.True(target < WrittenMax, "The containers took so long that no more lines are written.");
        await Wait.Until(
            async () => await stack.Log.LatestAsync(series) > target, $"lines flow when {when}; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
        Stack.Tell($"{clock.Elapsed.TotalSeconds:0} s, {written} lines: {when}");
    }

    /// <summary>Ends the flow, and waits for the last line: each stands in the log once and in order, and state and alerts are what they make.</summary>
    public async Task EndAsync()
    {
        await ended.CancelAsync();
        await writing;
        await Wait.Until(async () => (await stack.Log.NumbersAsync(series, written)).Missing == 0, $"{written} lines arrive; rsyslogd says: {rsyslog.Log}", ArrivalLimit);
        await rsyslog.StopAsync();
        var fold = await stack.Log.EqualsReferenceAsync();

        Assert.Equal((0, 0, 0), await stack.Log.NumbersAsync(series, written));
        NumberedLines.MadeOf(fold, series, written);
        Stack.Tell($"{clock.Elapsed.TotalSeconds:0} s: {written} lines, none missing, doubled or out of order; {fold.Hosts.Count} hosts and {fold.Alerts.Count} alerts as one fold of the log");
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await rsyslog.DisposeAsync();
        ended.Dispose();
    }

    private async Task WriteAsync()
    {
        while (!ended.IsCancellationRequested && written < WrittenMax)
        {
            await rsyslog.WriteAsync(NumberedLines.Of(series, written, 100), Pace.Messages(LinesPerSecond), CancellationToken.None);
            written += 100;
        }
    }
}
