using System.Buffers.Text;
using WgMonitor.Collector.Syslog;

namespace WgMonitor.Collector.Sources;

/// <summary>The fields of one journal entry that matter here, and the syslog message they make. The first of several fields of one name counts.</summary>
/// <remarks>
/// systemd.journal-fields(7). A name with a leading underscore was written by journald itself; <c>SYSLOG_IDENTIFIER</c> and <c>SYSLOG_FACILITY</c> any program can
/// choose. So an entry that is the kernel's by its own word only never has the kernel's facility.
/// </remarks>
internal sealed class JournalEntry(int messageBytesMax)
{
    private const int ValueBytesMax = HostName.BytesMax;
    private const int FacilityUser = 1;
    private const int FacilityMax = 23;
    private const int SeverityInfo = 6;
    private const int SeverityMax = 7;

    private enum Field
    {
        Other,
        Message,
        HostName,
        Transport,
        Identifier,
        RealTime,
        SourceMonotonic,
        Severity,
        Facility,
    }

    private readonly RecordFrame frame = new(messageBytesMax);
    private readonly byte[] message = new byte[messageBytesMax];
    private readonly byte[] value = new byte[ValueBytesMax];
    private readonly byte[] host = new byte[HostName.BytesMax];

    // The first wins: a field that was seen is not taken again.
    private readonly bool[] seen = new bool[Enum.GetValues<Field>().Length];
    private Field field;
    private int messageLength;
    private int valueLength;
    private int hostLength;
    private bool messageTooLong;
    private bool valueTooLong;
    private bool hostIsNone;
    private bool isOfKernel;
    private bool isKernelByName;
    private long? realTime;
    private long? uptime;
    private long? severity;
    private long? facility;

    /// <summary>The last entry as a message, or a sample of it.</summary>
    public ReadOnlySpan<byte> Frame => frame.Bytes;

    /// <summary>No field has begun.</summary>
    public bool IsEmpty { get; private set; } = true;

    public void BeginField(ReadOnlySpan<byte> name)
    {
        if (IsEmpty) Clear();
        IsEmpty = false;
        field = FieldOf(name);
        if (field != Field.Other && seen[(int)field]) field = Field.Other;
        seen[(int)field] = true;
        (valueLength, valueTooLong) = (0, false);
    }

    /// <summary>More of the field's value.</summary>
    public void Append(ReadOnlySpan<byte> part)
    {
        if (field == Field.Message) messageTooLong |= !Keep(part, message, ref messageLength);
        else if (field != Field.Other) valueTooLong |= !Keep(part, value, ref valueLength);
    }

    private static bool Keep(ReadOnlySpan<byte> part, Span<byte> buffer, ref int length)
    {
        var kept = Math.Min(part.Length, buffer.Length - length);
        part[..kept].CopyTo(buffer[length..]);
        length += kept;
        return kept == part.Length;
    }

    public void EndField()
    {
        var text = valueTooLong ? default : value.AsSpan(0, valueLength);
        switch (field)
        {
            case Field.HostName:
                hostIsNone = text.IsEmpty || text.ContainsAnyExceptInRange((byte)'!', (byte)'~');
                text.CopyTo(host);
                hostLength = text.Length;
                break;
            case Field.Transport:
                isOfKernel = text.SequenceEqual("kernel"u8);
                break;
            case Field.Identifier:
                isKernelByName = text.SequenceEqual("kernel"u8);
                break;
            case Field.RealTime:
                realTime = Number(text);
                break;
            case Field.SourceMonotonic:
                uptime = Number(text);
                break;
            case Field.Severity:
                severity = Number(text);
                break;
            case Field.Facility:
                facility = Number(text);
                break;
        }
    }

    /// <summary>The entry has ended: what it is.</summary>
    public RecordStep Complete()
    {
        if (!isOfKernel && !isKernelByName) return Refuse(LineOutcome.IgnoredNotKernel, default);
        if (messageLength == 0) return Refuse(LineOutcome.IgnoredEmpty, default);
        if (messageTooLong) return Refuse(LineOutcome.RejectedOversize, message);
        if (hostIsNone) return Refuse(LineOutcome.RejectedHost, message.AsSpan(0, messageLength));
        IsEmpty = true;
        var source = facility is { } given && given <= FacilityMax ? given : SyslogMessage.FacilityKernel;
        if (source == SyslogMessage.FacilityKernel && !isOfKernel) source = FacilityUser;
        frame.Begin((int)(source * 8 + (severity is { } level && level <= SeverityMax ? level : SeverityInfo)), realTime, host.AsSpan(0, hostLength));
        if (uptime is { } stamp) frame.Stamp(stamp);
        frame.Text(message.AsSpan(0, messageLength));
        return RecordStep.Frame;
    }

    /// <summary>The entry is none; the next begins.</summary>
    public RecordStep Refuse(LineOutcome reason, ReadOnlySpan<byte> sample)
    {
        IsEmpty = true;
        frame.Sample(sample);
        return RecordStep.Refused(reason);
    }

    private void Clear()
    {
        Array.Clear(seen);
        (messageLength, hostLength, messageTooLong, hostIsNone, isOfKernel, isKernelByName) = (0, 0, false, false, false, false);
        realTime = uptime = severity = facility = null;
    }

    private static long? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out var digits) && digits == text.Length && number >= 0 ? number : null;

    private static Field FieldOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("MESSAGE"u8) ? Field.Message
        : name.SequenceEqual("_HOSTNAME"u8) ? Field.HostName
        : name.SequenceEqual("_TRANSPORT"u8) ? Field.Transport
        : name.SequenceEqual("SYSLOG_IDENTIFIER"u8) ? Field.Identifier
        : name.SequenceEqual("__REALTIME_TIMESTAMP"u8) ? Field.RealTime
        : name.SequenceEqual("_SOURCE_MONOTONIC_TIMESTAMP"u8) ? Field.SourceMonotonic
        : name.SequenceEqual("PRIORITY"u8) ? Field.Severity
        : name.SequenceEqual("SYSLOG_FACILITY"u8) ? Field.Facility
        : Field.Other;
}
