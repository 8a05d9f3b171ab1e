using System.Buffers;
using System.Buffers.Binary;

namespace WgMonitor.Collector.Sources;

/// <summary>
/// Entries of <c>journalctl -o export</c>. The kernel's become syslog messages, others are ignored. Of an entry only the fields that are wanted are kept,
/// however many and however long the others are. Where it is not what it should be, it is counted once and passed over to the next empty line.
/// </summary>
/// <remarks>
/// systemd, docs/JOURNAL_EXPORT_FORMATS.md:
/// <code>
/// _TRANSPORT=kernel LF                                    a field whose value has no control character
/// MESSAGE LF 13 00 00 00 00 00 00 00 any 19 bytes LF      any other: a length of 64 bits, little endian, and so many bytes
/// LF                                                      ends the entry; without it the entry is cut
/// </code>
/// </remarks>
internal sealed class JournalExportReader(int messageBytesMax) : IRecordReader
{
    /// <summary>journald's own bound of a name, src/libsystemd/sd-journal/journal-file.c.</summary>
    private const int NameBytesMax = 64;

    /// <summary>journald's bound of a value, DATA_SIZE_MAX in src/basic/journal-importer.h.</summary>
    private const ulong ValueBytesMax = 768UL << 20;

    /// <summary>The bytes of a field's name.</summary>
    public static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"u8);

    private enum State
    {
        Name,
        Text,
        Length,
        Binary,
        BinaryEnd,

        /// <summary>Something was wrong: on to the next empty line.</summary>
        Lost,
    }

    private readonly JournalEntry entry = new(messageBytesMax);
    private readonly byte[] name = new byte[NameBytesMax];
    private readonly byte[] size = new byte[sizeof(ulong)];
    private State state;
    private int nameLength;
    private int sizeLength;
    private ulong valueLeft;
    private bool lineIsEmpty = true;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Frame => entry.Frame;

    /// <inheritdoc/>
    public RecordStep Next(ReadOnlySpan<byte> input, bool isFinal, out int consumed)
    {
        consumed = 0;
        while (consumed < input.Length)
        {
            var rest = input[consumed..];
            RecordStep? step = null;
            consumed += state switch
            {
                State.Name => TakeName(rest, ref step),
                State.Text => TakeText(rest),
                State.Length => TakeLength(rest, ref step),
                State.Binary => TakeBinary(rest),
                State.BinaryEnd => TakeBinaryEnd(rest, ref step),
                _ => PassLost(rest),
            };
            if (step is { } found) return found;
        }
        return isFinal ? End() : RecordStep.More;
    }

    /// <summary>Up to <c>=</c> or the end of the line; an empty line ends the entry.</summary>
    private int TakeName(ReadOnlySpan<byte> rest, ref RecordStep? step)
    {
        var length = rest.IndexOfAnyExcept(NameBytes);
        var part = length < 0 ? rest : rest[..length];
        if (part.Length > NameBytesMax - nameLength || (length >= 0 && rest[length] is not ((byte)'=' or (byte)'\n')) || (length == 0 && nameLength == 0 && rest[0] == '='))
        {
            step = Lose(LineOutcome.RejectedHeader, rest, lineBegins: nameLength == 0);
            return 0;
        }
        part.CopyTo(name.AsSpan(nameLength));
        nameLength += part.Length;
        if (length < 0) return rest.Length;
        if (nameLength == 0)
        {
            if (!entry.IsEmpty) step = entry.Complete();
            return 1;
        }
        entry.BeginField(name.AsSpan(0, nameLength));
        (nameLength, sizeLength) = (0, 0);
        state = rest[length] == '=' ? State.Text : State.Length;
        return length + 1;
    }

    private int TakeText(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        entry.Append(end < 0 ? rest : rest[..end]);
        if (end < 0) return rest.Length;
        EndField();
        return end + 1;
    }

    private int TakeLength(ReadOnlySpan<byte> rest, ref RecordStep? step)
    {
        var part = rest[..Math.Min(rest.Length, size.Length - sizeLength)];
        part.CopyTo(size.AsSpan(sizeLength));
        sizeLength += part.Length;
        if (sizeLength < size.Length) return part.Length;
        valueLeft = BinaryPrimitives.ReadUInt64LittleEndian(size);
        if (valueLeft > ValueBytesMax) step = Lose(LineOutcome.RejectedFrameLength, size, lineBegins: false);
        else state = valueLeft == 0 ? State.BinaryEnd : State.Binary;
        return part.Length;
    }

    private int TakeBinary(ReadOnlySpan<byte> rest)
    {
        var part = rest[..(int)Math.Min((ulong)rest.Length, valueLeft)];
        entry.Append(part);
        valueLeft -= (ulong)part.Length;
        if (valueLeft == 0) state = State.BinaryEnd;
        return part.Length;
    }

    private int TakeBinaryEnd(ReadOnlySpan<byte> rest, ref RecordStep? step)
    {
        if (rest[0] == '\n')
        {
            EndField();
            return 1;
        }
        step = Lose(LineOutcome.RejectedHeader, rest, lineBegins: false);
        return 0;
    }

    private void EndField()
    {
        entry.EndField();
        state = State.Name;
    }

    private RecordStep Lose(LineOutcome reason, ReadOnlySpan<byte> sample, bool lineBegins)
    {
        (state, nameLength, lineIsEmpty) = (State.Lost, 0, lineBegins);
        return entry.Refuse(reason, sample);
    }

    private int PassLost(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        if (end == 0 && lineIsEmpty) state = State.Name;
        lineIsEmpty = end >= 0;
        return end < 0 ? rest.Length : end + 1;
    }

    private RecordStep End()
    {
        var isCut = state != State.Lost && (state != State.Name || nameLength > 0 || !entry.IsEmpty);
        (state, nameLength) = (State.Name, 0);
        return isCut ? entry.Refuse(LineOutcome.RejectedIncompleteFrame, default) : RecordStep.More;
    }
}
