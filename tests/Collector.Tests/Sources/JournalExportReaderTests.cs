using WgMonitor.Collector.Sources;
using Xunit;

namespace WgMonitor.Collector.Tests.Sources;

/// <summary>Entries of <c>journalctl -o export</c>, whole and broken; each also under every split point.</summary>
public class JournalExportReaderTests
{
    private const string Head = "__CURSOR=s=6b7e;i=4f1;b=9a\n__REALTIME_TIMESTAMP=1795348800882452\n__MONOTONIC_TIMESTAMP=13115999\n_BOOT_ID=9a\n";
    private const string Kernel = "_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nSYSLOG_IDENTIFIER=kernel\nPRIORITY=7\n_HOSTNAME=vpn-01\n";
    private const string Stamp = "_SOURCE_MONOTONIC_TIMESTAMP=13115771\n";
    private const string Text = "wireguard: wg0: Keypair 5 created for peer 2";
    private const string Entry = Head + Kernel + Stamp + "MESSAGE=" + Text + "\n\n";
    private const string Frame = "<7>1 2026-11-22T12:00:00.882452Z vpn-01 kernel - - - [   13.115771] " + Text;

    private static string Binary(string name, string value) => $"{name}\n{(char)(value.Length & 0xff)}{(char)(value.Length >> 8)}\0\0\0\0\0\0{value}\n";

    public static TheoryData<string, string, string[]> Rows() => new()
    {
        { "an entry", Entry, [Frame] },
        { "two entries", Entry + Entry, [Frame, Frame] },
        { "empty lines between entries are nothing", "\n\n" + Entry + "\n\n" + Entry + "\n", [Frame, Frame] },
        { "a binary message", Head + Kernel + Stamp + Binary("MESSAGE", Text) + "\n", [Frame] },
        { "a binary message of two lines stays one", Head + Kernel + Stamp + Binary("MESSAGE", "one\n\ntwo=2") + "\n", [Frame.Replace(Text, "one\n\ntwo=2")] },
        { "a long field that nobody wants", Head + Kernel + Stamp + Binary("COREDUMP", new string('x', 900) + "\n\n") + $"MESSAGE={Text}\n\n", [Frame] },
        { "an empty binary field", Head + Kernel + Stamp + Binary("NOTHING", "") + $"MESSAGE={Text}\n\n", [Frame] },
        { "a value with equal signs", Head + Kernel + "MESSAGE=a=b=c\n\n", ["<7>1 2026-11-22T12:00:00.882452Z vpn-01 kernel - - - a=b=c"] },
        { "no host, time, stamp, level", "_TRANSPORT=kernel\nMESSAGE=x\n\n", ["<6>1 - - kernel - - - x"] },
        { "numbers that are none", "_TRANSPORT=kernel\n__REALTIME_TIMESTAMP=99999999999999999999\n_SOURCE_MONOTONIC_TIMESTAMP=-1\nPRIORITY=8\nSYSLOG_FACILITY=24\nMESSAGE=x\n\n", ["<6>1 - - kernel - - - x"] },
        { "a time no calendar has", "_TRANSPORT=kernel\n__REALTIME_TIMESTAMP=9223372036854775807\nMESSAGE=x\n\n", ["<6>1 - - kernel - - - x"] },
        { "kernel by name alone is a program's", "SYSLOG_IDENTIFIER=kernel\n_TRANSPORT=syslog\nMESSAGE=x\n\n", ["<14>1 - - kernel - - - x"] },
        { "a program that gives itself the kernel's facility", "SYSLOG_IDENTIFIER=kernel\nSYSLOG_FACILITY=0\n_TRANSPORT=journal\nMESSAGE=x\n\n", ["<14>1 - - kernel - - - x"] },
        { "a program with a facility of its own", "SYSLOG_IDENTIFIER=kernel\nSYSLOG_FACILITY=3\n_TRANSPORT=syslog\nMESSAGE=x\n\n", ["<30>1 - - kernel - - - x"] },
        { "what a program wrote into the kernel's log", "_TRANSPORT=kernel\nSYSLOG_FACILITY=3\nMESSAGE=x\n\n", ["<30>1 - - kernel - - - x"] },
        { "the first of two fields counts", "_TRANSPORT=kernel\nMESSAGE=x\nMESSAGE=y\n_HOSTNAME=a\n_HOSTNAME=b\n\n", ["<6>1 - a kernel - - - x"] },
        { "another program", Head + "_TRANSPORT=stdout\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=wireguard: x\n\n" + Entry, ["IgnoredNotKernel", Frame] },
        { "no message", Head + Kernel + "\n" + Entry, ["IgnoredEmpty", Frame] },
        { "an empty message", Head + Kernel + "MESSAGE=\n\n", ["IgnoredEmpty"] },
        { "a message too long", Head + Kernel + $"MESSAGE={new string('x', 481)}\n\n" + Entry, ["RejectedOversize", Frame] },
        { "a host with a blank", Head + Kernel.Replace("vpn-01", "vpn 01") + "MESSAGE=x\n\n" + Entry, ["RejectedHost", Frame] },
        { "a host too long", Head + Kernel.Replace("vpn-01", new string('h', 256)) + "MESSAGE=x\n\n" + Entry, ["RejectedHost", Frame] },
        { "cut in a value", Entry + Head + Kernel + "MESSAGE=wireguard: wg0: Peer 1", [Frame, "RejectedIncompleteFrame"] },
        { "cut behind a field", Entry + Head + Kernel + "MESSAGE=x\n", [Frame, "RejectedIncompleteFrame"] },
        { "cut in a name", Entry + "__CUR", [Frame, "RejectedIncompleteFrame"] },
        { "cut in a length", "MESSAGE\n\u0001\0\0", ["RejectedIncompleteFrame"] },
        { "cut in a binary value", "MESSAGE\n\u0009\0\0\0\0\0\0\0abc", ["RejectedIncompleteFrame"] },
        { "a length beyond everything", "MESSAGE\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffabc\n\n" + Entry, ["RejectedFrameLength", Frame] },
        { "a binary value without its end", "COREDUMP\n\u0001\0\0\0\0\0\0\0abc\n\n" + Entry, ["RejectedHeader", Frame] },
        { "garbage", "\u0001\u0002hello=world\nmore\n\n" + Entry, ["RejectedHeader", Frame] },
        { "a line of another format", "Nov 22 12:00:00 vpn-01 kernel: wireguard: x\nNov 22 12:00:00 y\n\n" + Entry, ["RejectedHeader", Frame] },
        { "garbage inside an entry", Head + "what is this\n" + Kernel + "MESSAGE=x\n\n" + Entry, ["RejectedHeader", Frame] },
        { "a name too long", new string('A', 65) + "=x\n\n" + Entry, ["RejectedHeader", Frame] },
        { "no name", "=x\n\n" + Entry, ["RejectedHeader", Frame] },
        { "garbage to the end", "hello world\nand so on", ["RejectedHeader"] },
        { "nothing", "", [] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Journal_entries_become_syslog_messages(string what, string text, string[] expected) =>
        Assert.Equal(expected.Prepend(what), RecordReads.Of(RecordFormat.Journald, text).Prepend(what));

    [Fact]
    public void A_field_of_hundreds_of_megabytes_is_passed_over_in_bounded_memory()
    {
        const int Pieces = 4_000;
        var reader = RecordFormats.Reader(RecordFormat.Journald, 480);
        var piece = new byte[64 << 10];
        var length = BitConverter.GetBytes((ulong)piece.Length * Pieces);
        Assert.Equal(RecordStepKind.More, reader.Next([.. TestPipeline.Bytes(Head + Kernel + Stamp + "COREDUMP\n"), .. length], false, out _).Kind);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < Pieces; n++) reader.Next(piece, false, out _);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);

        Assert.Equal(RecordStepKind.Frame, reader.Next(TestPipeline.Bytes($"\nMESSAGE={Text}\n\n"), false, out _).Kind);
        Assert.Equal(Frame, System.Text.Encoding.Latin1.GetString(reader.Frame));
    }
}
