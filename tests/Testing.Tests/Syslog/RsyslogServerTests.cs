using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace WgMonitor.Testing.Tests.Syslog;

public sealed partial class RsyslogServerTests
{
    private const int Lines = 400;

    [Theory]
    [InlineData(SyslogTemplate.TraditionalForward)]
    [InlineData(SyslogTemplate.SyslogProtocol23)]
    public async Task Datagrams_of_the_kernel_input_equal_the_recorded_ones_but_for_time(SyslogTemplate template)
    {
        CorpusRun run = Corpus.Run("D-server");
        string[] recorded = [.. WireGuard(run.Datagrams(template).Select(d => Encoding.UTF8.GetString(d.Bytes.Span)))];
        string[] kernel = [.. WireGuard(run.KernelLines().Select(l => l.Stamped))];
        using var receiver = new UdpReceiver();
        await using RsyslogServer rsyslog = await RsyslogServer.StartAsync(receiver.Port, template, run.Hostname);

        await rsyslog.WriteAsync(kernel, Pace.Messages(4000));
        await Wait.Until(() => receiver.Received.Count >= Lines, "all lines are forwarded");

        Assert.Equal(recorded.Select(WithoutTime), receiver.Received.Select(WithoutTime));
        Assert.Equal("", rsyslog.Log);
    }

    [Fact]
    public async Task Datagrams_of_the_file_input_equal_the_recorded_ones_but_for_time()
    {
        CorpusRun run = Corpus.Run("D-server");
        // imfile has one severity for the whole file, debug; the banner lines of the module are info.
        string[] recorded = [.. WireGuard(run.Datagrams(SyslogTemplate.TraditionalForward).Select(d => Encoding.UTF8.GetString(d.Bytes.Span))).Skip(2)];
        string[] kernel = [.. WireGuard(run.KernelLines().Select(l => l.Stamped)).Skip(2).Select(l => l[3..])];
        using var receiver = new UdpReceiver();
        await using RsyslogServer rsyslog = await RsyslogServer.StartAsync(receiver.Port, hostname: run.Hostname, source: RsyslogInput.File);

        await rsyslog.WriteAsync(kernel, Pace.Messages(4000));
        await Wait.Until(() => receiver.Received.Count >= Lines - 2, "all lines are forwarded");

        Assert.Equal(recorded.Select(WithoutTime), receiver.Received.Select(WithoutTime));
    }

    private static IEnumerable<string> WireGuard(IEnumerable<string> lines) => lines.Where(l => l.Contains("wireguard: ", StringComparison.Ordinal)).Take(Lines);

    private static string WithoutTime(string datagram) => SyslogTime().Replace(datagram, "TIME", 1);

    [GeneratedRegex(@"\w{3} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")]
    private static partial Regex SyslogTime();
}
