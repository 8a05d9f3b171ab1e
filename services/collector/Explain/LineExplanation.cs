using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using WgMonitor.Collector.Sources;
using WgMonitor.Collector.Syslog;
using WgMonitor.Events;

namespace WgMonitor.Collector.Explain;

/// <summary>Which form a line has that somebody wants explained.</summary>
public enum LineForm
{
    /// <summary>No header was found.</summary>
    Unknown,

    /// <summary>RFC 3164, or its layout with an RFC 3339 time.</summary>
    Rfc3164,

    /// <summary>RFC 5424.</summary>
    Rfc5424,

    /// <summary>The kernel's own, as dmesg and /dev/kmsg print it: no syslog, so no host.</summary>
    Kernel,
}

/// <summary>One line through the steps of the collector, and what each step saw. Texts are escaped: every byte but printable ASCII is <c>\xNN</c>.</summary>
/// <param name="Line">The beginning of the line.</param>
/// <param name="Form">Its form.</param>
/// <param name="Priority">0 to 191; null without one.</param>
/// <param name="HeaderTime">What the header's time is good for; null where the line came to no event.</param>
/// <param name="Host">The header's host; empty for none.</param>
/// <param name="Program">The header's program; empty for none.</param>
/// <param name="Text">What follows the header.</param>
/// <param name="Outcome">What the collector makes of the line, but for its limits.</param>
/// <param name="Meaning">The outcome in words, with what to do about it.</param>
/// <param name="Event">Name and fields of the event in the order of the log, without empty ones; empty for none.</param>
public sealed record LineExplanation(
    string Line, LineForm Form, int? Priority, HeaderTimeUse? HeaderTime, string Host, string Program, string Text, LineOutcome Outcome, string Meaning,
    IReadOnlyList<KeyValuePair<string, string>> Event)
{
    /// <summary>Longer ones come over no transport with its defaults.</summary>
    public const int LineBytesMax = 64 << 10;

    /// <summary>Explains a line, by the steps that every received line goes through.</summary>
    /// <param name="line">Without its line end, at most <see cref="LineBytesMax"/>.</param>
    /// <param name="options">Of the collector.</param>
    /// <param name="receivedMicroseconds">When it is taken for received, Unix microseconds.</param>
    /// <param name="time">The clock.</param>
    public static LineExplanation Of(ReadOnlySpan<byte> line, CollectorOptions options, long receivedMicroseconds, TimeProvider time)
    {
        var record = new RecordFrame(LineBytesMax);
        var isKernels = KmsgLine.IsOne(line);
        if (isKernels) KmsgLine.Compose(line, record);
        var frame = isKernels ? record.Bytes : line;

        var pipeline = new CollectorPipeline(options, new EventBuffer(1, 1, 1, LineBytesMax), new RefusalLog(NullLogger.Instance, time));
        var fields = new EventFields();
        var outcome = pipeline.Read(frame, receivedMicroseconds, new FrameSource(InternetAddress.FromV4(0x7f000001), 1), ref fields, out var timeUse, out _);
        var isHeaded = SyslogHeader.TryParse(frame, receivedMicroseconds, options.Syslog == SyslogMode.Strict, out var message, out _);
        var sink = new FieldList();
        if (outcome == LineOutcome.Event) EventEncoder.Write(fields, ref sink);
        return new(
            SampleRing.Escape(line), isKernels ? LineForm.Kernel : !isHeaded ? LineForm.Unknown : IsRfc5424(frame) ? LineForm.Rfc5424 : LineForm.Rfc3164,
            isHeaded && message.Priority >= 0 ? message.Priority : null, outcome == LineOutcome.Event ? timeUse : null,
            SampleRing.Escape(message.Host), SampleRing.Escape(message.AppName), SampleRing.Escape(message.Text), outcome, OutcomeMeaning.Of(outcome, fields.Kind), sink.Fields);
    }

    private static bool IsRfc5424(ReadOnlySpan<byte> frame) => frame[(frame.IndexOf((byte)'>') + 1)..].StartsWith("1 "u8);

    /// <summary>Fields in the words of the log.</summary>
    private sealed class FieldList : IEventFieldSink
    {
        private readonly List<KeyValuePair<string, string>> fields = [];

        public IReadOnlyList<KeyValuePair<string, string>> Fields => fields;

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
        {
            if (!value.IsEmpty) fields.Add(new(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        }
    }
}
