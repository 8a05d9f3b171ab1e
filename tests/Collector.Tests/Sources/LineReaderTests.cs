using WgMonitor.Collector.Sources;
using Xunit;

namespace WgMonitor.Collector.Tests.Sources;

/// <summary>Lines of files, and how a file's format is told; lines also under every split point.</summary>
public class LineReaderTests
{
    private const string Text = "wireguard: wg0: Peer 1 created";

    [Theory]
    [InlineData("<7>[   90.246220] " + Text, "<7>1 - - kernel - - - [   90.246220] " + Text)]
    [InlineData("[   90.246220] " + Text, "<6>1 - - kernel - - - [   90.246220] " + Text)]
    [InlineData("7,1432,90246220,-;" + Text, "<7>1 - - kernel - - - [   90.246220] " + Text)]
    [InlineData("7,1432,90246220,-,caller=T158;" + Text, "<7>1 - - kernel - - - [   90.246220] " + Text)]
    [InlineData("12,3,123456000001,c;" + Text, "<12>1 - - kernel - - - [123456.000001] " + Text)]
    [InlineData("7,1432,90246220;" + Text, "<6>1 - - kernel - - - 7,1432,90246220;" + Text)]
    [InlineData("192,1432,90246220,-;" + Text, "<6>1 - - kernel - - - 192,1432,90246220,-;" + Text)]
    [InlineData("<192>" + Text, "<6>1 - - kernel - - - <192>" + Text)]
    [InlineData("<-7>" + Text, "<6>1 - - kernel - - - <-7>" + Text)]
    [InlineData("<7", "<6>1 - - kernel - - - <7")]
    [InlineData(Text, "<6>1 - - kernel - - - " + Text)]
    public void Lines_of_the_kernel_get_the_header_of_a_daemon(string line, string expected)
    {
        Assert.Equal([expected], RecordReads.Of(RecordFormat.Dmesg, line + "\n"));
        Assert.Equal([expected], RecordReads.Of(RecordFormat.Dmesg, line));
    }

    [Fact]
    public void Lines_that_belong_to_the_record_before_are_no_records() =>
        Assert.Equal(2, RecordReads.Of(RecordFormat.Dmesg, $"7,1,90246220,-;{Text}\n SUBSYSTEM=net\n DEVICE=n1\n7,2,90246220,-;{Text}\n SUBSYSTEM=net").Count);

    [Fact]
    public void A_line_that_is_too_long_is_refused_once_and_the_next_one_is_whole()
    {
        Assert.Equal([new string('x', 480), "RejectedOversize", "a", ""], RecordReads.Of(RecordFormat.Syslog, $"{new string('x', 480)}\n{new string('y', 1500)}\na\n\n"));
        Assert.Equal(["RejectedOversize"], RecordReads.Of(RecordFormat.Syslog, new string('y', 481)));
    }

    [Theory]
    [InlineData("__CURSOR=s=6b7e;i=4f1\n__REALTIME_TIMESTAMP=1\n", RecordFormat.Journald)]
    [InlineData("\n\nMESSAGE=x\n", RecordFormat.Journald)]
    [InlineData("[   90.246220] wireguard: wg0: Peer 1 created\n", RecordFormat.Dmesg)]
    [InlineData("<6>[   90.246220] Linux version 6.1\n", RecordFormat.Dmesg)]
    [InlineData("5,0,0,-;Linux version 6.1.0\n", RecordFormat.Dmesg)]
    [InlineData("wireguard: wg0: Peer 1 created", RecordFormat.Dmesg)]
    [InlineData("Nov 22 12:00:00 vpn-01 kernel: [   90.246220] x\n", RecordFormat.Syslog)]
    [InlineData("2026-11-22T12:00:00.882452+00:00 vpn-01 kernel: x\n", RecordFormat.Syslog)]
    [InlineData("<7>Nov 22 12:00:00 vpn-01 kernel: x\n", RecordFormat.Syslog)]
    [InlineData("<7>1 2026-11-22T12:00:00Z vpn-01 kernel - - - x\n", RecordFormat.Syslog)]
    [InlineData("2026-11-22T12:00:00,882452+00:00 wireguard: wg0: Peer 1 created\n", RecordFormat.Syslog)]
    [InlineData("", RecordFormat.Syslog)]
    public void The_first_line_tells_the_format(string start, RecordFormat format) => Assert.Equal(format, RecordFormats.Detect(TestPipeline.Bytes(start)));

    [Theory]
    [InlineData("\u001f\u008b\u0008", "zcat")]
    [InlineData("(\u00b5/\u00fd", "zstdcat")]
    [InlineData("\u00fd7zXZ\0", "xzcat")]
    [InlineData("BZh9", "bzcat")]
    [InlineData("LPKSHHRH", "journalctl")]
    public void What_is_compressed_is_not_guessed_at(string start, string hint) => Assert.Contains(hint, RecordFormats.Hint(TestPipeline.Bytes(start)));
}
