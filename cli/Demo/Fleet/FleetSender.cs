using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>
/// Sends the lines of a story at their times, as rsyslog on the hosts would: over TCP as RFC 5424 in octet-counted frames, over UDP as
/// RSYSLOG_ForwardFormat. One connection a host. While the target is away the story waits.
/// </summary>
/// <param name="target">Where to.</param>
/// <param name="transport">Overrules what the hosts prefer.</param>
/// <param name="tell">Takes the remarks of the story, and troubles.</param>
/// <param name="time">Clock.</param>
internal sealed class FleetSender(SyslogTarget target, FleetTransport transport, Action<string> tell, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Host, bool OverTcp), Socket> sockets = [];
    private bool isAway;

    /// <summary>Until told to stop.</summary>
    public async Task RunAsync(IEnumerable<FleetStep> story, CancellationToken stop)
    {
        var begin = time.GetTimestamp();
        var waited = TimeSpan.Zero;
        foreach (var step in story)
        {
            var early = step.At - (time.GetElapsedTime(begin) - waited);
            if (early > TimeSpan.Zero) await Task.Delay(early, time, stop);
            stop.ThrowIfCancellationRequested();
            if (step is Told told) tell(told.Text);
            else if (step is LinePrinted line) waited += await SendAsync(line, stop);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in sockets.Values) socket.Dispose();
    }

    /// <summary>Returns how long the target was away: by so much the story is late.</summary>
    private async Task<TimeSpan> SendAsync(LinePrinted line, CancellationToken stop)
    {
        var begin = time.GetTimestamp();
        var overTcp = transport == FleetTransport.Both ? line.OverTcp : transport == FleetTransport.Tcp;
        var attempts = 0;
        while (!await TrySendAsync((line.Host, overTcp), Message(line, overTcp), stop))
        {
            // A collector that was restarted closed the connection: the first try only shows that.
            if (attempts++ == 0) continue;
            if (!isAway) tell($"nobody takes syslog at {target}; trying again every second");
            isAway = true;
            await Task.Delay(RetryPause, time, stop);
        }

        if (isAway) tell($"{target} takes syslog again");
        isAway = false;
        return attempts < 2 ? TimeSpan.Zero : time.GetElapsedTime(begin);
    }

    private async Task<bool> TrySendAsync((string Host, bool OverTcp) link, byte[] message, CancellationToken stop)
    {
        try
        {
            if (!sockets.TryGetValue(link, out var socket)) sockets[link] = socket = await target.ConnectAsync(link.OverTcp, stop);
            for (var sent = 0; sent < message.Length;) sent += await socket.SendAsync(message.AsMemory(sent), SocketFlags.None, stop);
            return true;
        }
        catch (SocketException)
        {
            if (sockets.Remove(link, out var broken)) broken.Dispose();
            return false;
        }
    }

    private byte[] Message(LinePrinted line, bool overTcp)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);
        var text = overTcp
            ? $"<{line.Severity}>1 {now} {line.Host} kernel - - - {line.Text}"
            : $"<{line.Severity}>{now} {line.Host} kernel: {line.Text}";
        return Encoding.ASCII.GetBytes(overTcp ? $"{text.Length} {text}" : text);
    }
}
