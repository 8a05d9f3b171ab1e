namespace WgMonitor.Collector.Sources;

/// <summary>
/// Recorded lines, each ended by LF; the last one may lack it. A line that is too long is refused whole and passed over. Lines of the kernel's own log get
/// the header that a syslog daemon would have given them.
/// </summary>
internal sealed class LineReader(int messageBytesMax, bool isKernelLog) : IRecordReader
{
    private readonly byte[] line = new byte[messageBytesMax];
    private readonly RecordFrame frame = new(messageBytesMax);
    private int length;

    // In a line that was refused.
    private bool passing;
    private bool taken;
    private bool hasContinuations;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Frame => isKernelLog && !passing ? frame.Bytes : line.AsSpan(0, length);

    /// <inheritdoc/>
    public RecordStep Next(ReadOnlySpan<byte> input, bool isFinal, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            if (taken) (length, taken) = (0, false);
            var rest = input[consumed..];
            var end = rest.IndexOf((byte)'\n');
            var part = end < 0 ? rest : rest[..end];
            consumed += end < 0 ? rest.Length : end + 1;
            if (passing)
            {
                passing = end < 0;
                if (!passing) length = 0;
                if (end < 0) return RecordStep.More;
                continue;
            }
            if (part.Length > line.Length - length) return Refuse(part, isEnded: end >= 0);
            part.CopyTo(line.AsSpan(length));
            length += part.Length;
            if (end < 0 && (!isFinal || length == 0)) return RecordStep.More;
            taken = true;
            if (!isKernelLog || TryCompose()) return RecordStep.Frame;
        }
    }

    private RecordStep Refuse(ReadOnlySpan<byte> part, bool isEnded)
    {
        part[..(line.Length - length)].CopyTo(line.AsSpan(length));
        length = line.Length;
        frame.Sample(line);
        (passing, taken) = (!isEnded, isEnded);
        return RecordStep.Refused(LineOutcome.RejectedOversize);
    }

    /// <summary>False for a line that belongs to the record before it.</summary>
    private bool TryCompose()
    {
        var text = line.AsSpan(0, length);
        if (hasContinuations && text.StartsWith(" "u8)) return false;
        hasContinuations |= KmsgLine.Compose(text, frame);
        return true;
    }
}
