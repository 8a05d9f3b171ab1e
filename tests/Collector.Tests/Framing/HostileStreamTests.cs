using WgMonitor.Collector.Framing;
using Xunit;

namespace WgMonitor.Collector.Tests.Framing;

/// <summary>
/// Malformed and hostile bytes on a stream, one row a case, with the number under which the case is known. Every row under every split of its bytes; rows that
/// speak of connections stand in <c>StreamListenerTests</c> too.
/// </summary>
public class HostileStreamTests
{
    private const string L0 = TestPipeline.L0;
    private const int L0Length = 124;
    private const string Counted = "124 " + L0;
    private const string Event = nameof(LineOutcome.Event);
    private const string Oversize = nameof(LineOutcome.RejectedOversize);
    private const string Length = nameof(LineOutcome.RejectedFrameLength);
    private const string Cut = nameof(LineOutcome.RejectedIncompleteFrame);
    private const string Empty = nameof(LineOutcome.IgnoredEmpty);
    private const string Control = nameof(LineOutcome.RejectedControlCharacter);

    private static readonly SyslogFramingRules Tcp = new();
    private static readonly SyslogFramingRules Tls = new(SyslogFraming.OctetCounted);
    private static readonly SyslogFramingRules Nul = new(Delimiter: LineDelimiter.Nul);
    private static readonly SyslogFramingRules Cisco = new(LeadingBlank: true);

    private static readonly Dictionary<string, SyslogFramingRules> Rules = new() { ["tcp"] = Tcp, ["tls"] = Tls, ["nul"] = Nul, ["cisco"] = Cisco };

    private static string Bytes(int n, char of = 'A') => new(of, n);

    /// <summary>Case, what is spoken, bytes up to the end of the connection, what becomes of them in order.</summary>
    public static TheoryData<string, string, string, string> Rows() => new()
    {
        { "H1 octet-ok", "tcp", Counted, Event },
        { "H1 octet-ok", "tls", Counted, Event },
        { "H2 octet-two-in-one-read", "tcp", Counted + Counted, $"{Event} {Event}" },
        { "H4 octet-zero", "tcp", "0 ", Length },
        { "H4 octet-zero, then a message", "tls", "0 " + Counted, $"{Length} {Event}" },
        { "H4 octet-zero three times", "tcp", "0 0 0 " + Counted, $"{Length} {Length} {Length} C:frame_length" },
        { "H5 octet-leading-zero", "tcp", "0124 " + L0, "C:frame_length" },
        { "H6 octet-digit-run", "tcp", Bytes(300, '1'), "C:frame_length" },
        { "H8 octet-int-overflow 2^32+1", "tcp", "4294967297 x", "C:frame_length" },
        { "H8 octet-int-overflow eleven nines", "tls", "99999999999 a", "C:frame_length" },
        { "H8 octet-int-overflow 2^64", "tcp", "18446744073709551616 x", "C:frame_length" },
        { "H9 octet-negative", "tls", "-5 hello", "C:frame_length" },
        { "H9 octet-plus", "tls", "+5 hello", "C:frame_length" },
        { "H9 octet-negative", "tcp", "-5 hello", nameof(LineOutcome.RejectedHeader) },
        { "H9 octet-plus", "tcp", "+5 hello", nameof(LineOutcome.RejectedHeader) },
        { "H10 octet-larger-than-max", "tcp", "70000 " + Bytes(70_000) + Counted, $"{Oversize} {Event}" },
        { "H10 octet-larger-than-max", "tls", "8193 " + Bytes(8193, '9') + Counted, $"{Oversize} {Event}" },
        { "H10 octet-max", "tcp", "8192 " + Bytes(8192), nameof(LineOutcome.RejectedHeader) },
        { "H10 over 1 MiB", "tcp", "1048577 " + Bytes(100), "C:frame_length" },
        { "H11 octet-too-short", "tcp", "110 " + L0, $"{nameof(LineOutcome.RejectedEndpoint)} C:frame_length" },
        { "H11 octet-too-short, rest like a number", "tcp", "105 " + L0, $"{nameof(LineOutcome.RejectedGrammar)} C:frame_length" },
        { "H12 octet-too-long-then-eof", "tcp", "200 " + L0, Cut },
        { "H12 digits-then-eof", "tcp", Counted + "12", $"{Event} {Cut}" },
        { "H13 octet-no-space", "tcp", "12<7>Nov", "C:frame_length" },
        { "H14 octet-tab", "tcp", "124\t" + L0, "C:frame_length" },
        { "H15 octet-non-ascii-digits, Arabic-Indic", "tcp", "\u00d9\u00a1\u00d9\u00a2 " + L0, "C:frame_length" },
        { "H15 octet-non-ascii-digits, full width", "tls", "\u00ef\u00bc\u0091 " + L0, "C:frame_length" },
        { "H15 octet-non-ascii-digits, second frame", "tcp", Counted + "\u00d9\u00a1 x", $"{Event} C:frame_length" },
        { "H16 octet-with-lf-trailer, counted", "tls", $"{L0Length + 1} {L0}\n" + Counted, $"{Event} {Event}" },
        { "H16 octet-with-lf-trailer, not counted", "tcp", Counted + "\n" + Counted + "\r\n" + Counted + "\0", $"{Event} {Event} {Event}" },
        { "H16 three strays", "tcp", Counted + "\n\n\n" + Counted, $"{Event} C:frame_length" },
        { "H17 lf-ok", "tcp", L0 + "\n", Event },
        { "H17 crlf", "tcp", L0 + "\r\n" + L0 + "\r\n", $"{Event} {Event}" },
        { "H18 lf-last-without-newline", "tcp", L0 + "\n" + L0, $"{Event} {Event}" },
        { "H20 lf-oversize", "tcp", Bytes(9000) + "\n" + L0 + "\n", $"{Oversize} {Event}" },
        { "H21 lf-oversize-then-delimiter-at-0", "tcp", Bytes(8193) + "\n" + L0 + "\n", $"{Oversize} {Event}" },
        { "H21 lf-of-the-limit", "tcp", Bytes(8192) + "\n" + L0 + "\n", $"{nameof(LineOutcome.RejectedHeader)} {Event}" },
        { "H22 lf-oversize-number-tail", "tcp", Bytes(8193) + "9876543210 " + Bytes(20) + "\n" + L0 + "\n", $"{Oversize} {Event}" },
        { "H23 mixed-mode, lines first", "tcp", L0 + "\n" + Counted + "\n", $"{Event} {nameof(LineOutcome.RejectedUnexpectedFraming)}" },
        { "H23 mixed-mode, counted first", "tcp", Counted + L0 + "\n", $"{Event} C:frame_length" },
        { "H24 nul-delimited", "nul", L0 + "\0" + L0 + "\0", $"{Event} {Event}" },
        { "H24 nul-delimited where it is not", "tcp", L0 + "\0" + L0 + "\0", Control },
        { "H25 empty-lines", "tcp", "\n\n\n", $"{Empty} {Empty} {Empty}" },
        { "H26 cisco-space-frame", "cisco", L0 + "\n " + L0 + "\n", $"{Event} {Event}" },
        { "H26 cisco-space-frame where it is not", "tcp", L0 + "\n " + L0 + "\n", $"{Event} {nameof(LineOutcome.RejectedPriority)}" },
        { "H27 http-request", "tcp", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "C:not_syslog" },
        { "H27 http2", "tcp", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "C:not_syslog" },
        { "H27 http-request", "tls", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "C:frame_length" },
        { "H28 tls-hello-on-plain", "tcp", "\u0016\u0003\u0001\u0002\u0000\u0001", "C:tls_on_plain" },
        { "H30 proxy-v1", "tcp", "PROXY TCP4 203.0.113.5 192.0.2.1 40000 514\r\n" + L0 + "\n", "C:proxy_header" },
        { "H30 proxy-v2", "tcp", "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u0000\u000c" + Bytes(12), "C:proxy_header" },
        { "H30 no proxy-v2", "tcp", "\r\n\r\n" + L0 + "\n", $"{Empty} {Empty} {Event}" },
        { "H33 half-close", "tcp", L0 + "\n", Event },
        { "H34 gzip", "tcp", "\u001f\u008b\u0008\u0000" + Bytes(50), "C:not_syslog" },
        { "H34 zlib", "tcp", "x\u009c" + Bytes(50), "C:not_syslog" },
        { "H34 zstd", "tcp", "(\u00b5/\u00fd" + Bytes(50), "C:not_syslog" },
        { "H34 zlib", "tls", "x\u009c" + Bytes(50), "C:frame_length" },
        { "nothing", "tcp", "", "" },
        { "only strays", "tls", "\n\n", "" },
        { "a line that begins as a compressed stream", "tcp", "x", nameof(LineOutcome.RejectedHeader) },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_ends_as_the_table_says_under_every_split(string name, string spoken, string stream, string expected)
    {
        var bytes = TestPipeline.Bytes(stream);
        var whole = new FramedInput(Rules[spoken]);
        whole.Write(bytes, isFinal: true);
        Assert.True(expected == string.Join(' ', whole.Results), $"{name}: expected {expected}, was {string.Join(' ', whole.Results)}");
        HostileInputTests.AssertSum(whole.Counts());

        for (var split = 0; split <= bytes.Length; split++)
        {
            // Every border lies near an end; within a passed-over message of 70,000 bytes one byte is like another.
            if (split is > 9500 and < 69_500 && split % 97 != 0) continue;
            var input = new FramedInput(Rules[spoken]);
            input.Write(bytes.AsSpan(0, split));
            input.Write(bytes.AsSpan(split), isFinal: true);
            Assert.True(expected == string.Join(' ', input.Results), $"{name}, cut at {split}: {string.Join(' ', input.Results)}");
            Assert.Equal(whole.Events, input.Events);
        }
    }

    /// <summary>H3 is every byte alone; and every size of the blocks in which a pipe may keep bytes.</summary>
    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_ends_as_the_table_says_in_pieces_and_blocks_of_every_size(string name, string spoken, string stream, string expected)
    {
        var bytes = TestPipeline.Bytes(stream);
        foreach (var size in new[] { 1, 2, 3, 5, 7, 64, 125, 126, 127, 128, 129, 4096, 8192, 8193, 8194 })
        {
            var pieces = new FramedInput(Rules[spoken]);
            for (var at = 0; at < bytes.Length; at += size) pieces.Write(bytes.AsSpan(at, Math.Min(size, bytes.Length - at)));
            pieces.Write([], isFinal: true);
            var blocks = new FramedInput(Rules[spoken]);
            blocks.Write(bytes, isFinal: true, blocks: size);

            Assert.True(expected == string.Join(' ', pieces.Results), $"{name}, pieces of {size}: {string.Join(' ', pieces.Results)}");
            Assert.True(expected == string.Join(' ', blocks.Results), $"{name}, blocks of {size}: {string.Join(' ', blocks.Results)}");
        }
    }

    [Fact]
    public void H6_a_run_of_digits_is_refused_at_the_sixth()
    {
        var input = new FramedInput();

        input.Write("11111"u8);
        Assert.Null(input.Closed);
        Assert.Equal(5, input.LeftBytes);
        input.Write("1"u8);

        Assert.Equal(["C:frame_length"], input.Results);
    }

    [Fact]
    public void H7_digits_for_64_KiB_and_a_cut_time_end_at_once()
    {
        var input = new FramedInput();

        input.Write(TestPipeline.Bytes(Bytes(65_536, '7') + "\n<7>2026-11-22T12:00:"), isFinal: true);

        Assert.Equal(["C:frame_length"], input.Results);
        Assert.Equal(0, input.Counts().Received);
    }

    [Fact]
    public void A_frame_without_room_is_offered_again_and_nothing_is_counted_twice()
    {
        var takes = 0;
        var stream = TestPipeline.Bytes(Counted + Counted + "\n" + Counted);

        foreach (var size in new[] { 3, 100, 4096 })
        {
            takes = 0;
            var reader = new FrameReader(new SyslogFramer(new()), (in step, message) => ++takes % 2 == 1 ? FrameVerdict.NoRoom : FrameVerdict.Taken);
            var buffer = FramedInput.Sequence(stream, size);
            var refused = 0;
            while (reader.Drain(ref buffer, isFinal: true, out _) == DrainEnd.NoRoom) refused++;

            Assert.Equal(3, refused);
            Assert.Equal(6, takes);
            Assert.True(buffer.IsEmpty);
        }
    }
}
