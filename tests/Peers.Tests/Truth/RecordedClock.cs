using System.Globalization;
using WgMonitor.Testing;

namespace WgMonitor.Peers.Tests.Truth;

/// <summary>Kernel stamps to epochs: between the marks that the recorder wrote into the kernel log every 30 s.</summary>
internal sealed class RecordedClock(List<(double Uptime, double Epoch)> marks)
{
    private const string Mark = "clockmark: epoch=";

    public static RecordedClock Of(CorpusRun run) => new([.. run.KernelLines()
        .Where(line => line.Text.StartsWith(Mark, StringComparison.Ordinal))
        .Select(line => (line.UptimeMicroseconds / 1e6, double.Parse(line.Text[Mark.Length..], CultureInfo.InvariantCulture)))
        .OrderBy(mark => mark.Item1)]);

    public double EpochOf(long uptimeMicroseconds)
    {
        var uptime = uptimeMicroseconds / 1e6;
        var next = marks.FindIndex(mark => mark.Uptime > uptime);
        if (next == 0) return uptime + marks[0].Epoch - marks[0].Uptime;
        if (next < 0) return uptime + marks[^1].Epoch - marks[^1].Uptime;
        var (from, to) = (marks[next - 1], marks[next]);
        var share = (uptime - from.Uptime) / (to.Uptime - from.Uptime);
        return uptime + (from.Epoch - from.Uptime) * (1 - share) + (to.Epoch - to.Uptime) * share;
    }
}
