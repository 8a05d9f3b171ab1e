using System.Text;
using System.Text.Unicode;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>Entries of the log as columns and back: what one row group of a file holds. Not thread-safe.</summary>
/// <remarks>
/// Typed columns are for queries; what comes back is always the exact entry. An entry that is not what the columns would give back (an unknown field, another
/// order, a number with leading zeros, bytes that are no UTF-8) keeps all its fields in <c>fields</c> as well.
/// </remarks>
internal sealed class EntryRows(int capacity)
{
    private readonly string?[] names = new string?[1024];

    public int Capacity => capacity;

    public int Count { get; private set; }

    public long[] Milliseconds { get; } = new long[capacity];

    public long[] Sequence { get; } = new long[capacity];

    public string?[][] Texts { get; } = Columns<string?>(ColumnKind.Text, capacity);

    public long?[][] Signed { get; } = Columns<long?>(ColumnKind.Signed, capacity);

    public ulong?[][] Unsigned { get; } = Columns<ulong?>(ColumnKind.Unsigned, capacity);

    public string?[] EndpointAddress { get; } = new string?[capacity];

    public int?[] EndpointPort { get; } = new int?[capacity];

    public string?[] Fields { get; } = new string?[capacity];

    public StreamId IdOf(int row) => new(Milliseconds[row], Sequence[row]);

    /// <summary>The first row behind a position; <see cref="Count"/> for none.</summary>
    public int FirstAfter(StreamId after)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (IdOf(middle) <= after) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static T[][] Columns<T>(ColumnKind kind, int capacity) => [.. Enumerable.Range(0, ArchiveColumns.CountOf(kind)).Select(_ => new T[capacity])];

    /// <summary>Empties the rows for the next use.</summary>
    public void Clear()
    {
        foreach (var column in Texts) Array.Clear(column, 0, Count);
        foreach (var column in Signed) Array.Clear(column, 0, Count);
        foreach (var column in Unsigned) Array.Clear(column, 0, Count);
        Array.Clear(EndpointAddress, 0, Count);
        Array.Clear(EndpointPort, 0, Count);
        Array.Clear(Fields, 0, Count);
        Count = 0;
    }

    /// <summary>The columns were filled by a reader.</summary>
    public void Filled() => Count = capacity;

    /// <summary>Adds an entry behind the others.</summary>
    public void Add(StreamEntry entry)
    {
        var row = Count++;
        (Milliseconds[row], Sequence[row]) = (entry.Id.Milliseconds, entry.Id.Sequence);
        var isRegular = true;
        var expected = 0;
        foreach (ref readonly var field in entry.Fields.AsSpan())
        {
            if (Find(field.Name.Span, expected) is not { } found)
            {
                isRegular = false;
                continue;
            }
            // In order, none twice, and of those that stand in every entry none left out.
            for (; expected < found; expected++) isRegular &= !ArchiveColumns.All[expected].IsInEvery;
            isRegular &= found == expected;
            expected = Math.Max(expected, found + 1);
            isRegular &= Set(row, ArchiveColumns.All[found], field.Value.Span);
        }
        for (; expected < ArchiveColumns.All.Count; expected++) isRegular &= !ArchiveColumns.All[expected].IsInEvery;
        if (!isRegular) Fields[row] = FieldsJson.Write(entry.Fields);
    }

    private static int? Find(ReadOnlySpan<byte> name, int expected)
    {
        for (var i = 0; i < ArchiveColumns.All.Count; i++)
        {
            var index = (expected + i) % ArchiveColumns.All.Count;
            if (name.SequenceEqual(ArchiveColumns.All[index].Utf8Name)) return index;
        }
        return null;
    }

    /// <summary>False when the column cannot hold exactly this value.</summary>
    private bool Set(int row, ArchiveColumn column, ReadOnlySpan<byte> value)
    {
        if (column.IsInEvery && value.IsEmpty) return true;
        switch (column.Kind)
        {
            case ColumnKind.Signed:
                if (!DecimalText.TryParse(value, out long signed)) return false;
                Signed[column.Slot][row] = signed;
                return signed != 0 || value.Length == 1;
            case ColumnKind.Unsigned:
                if (!DecimalText.TryParse(value, out ulong unsigned)) return false;
                Unsigned[column.Slot][row] = unsigned;
                return true;
            default:
                if (!Utf8.IsValid(value)) return false;
                Texts[column.Slot][row] = Intern(value);
                if (column.Utf8Name.AsSpan().SequenceEqual(FieldNames.Endpoint) && PeerEndpoint.TryParse(value, out var endpoint) && !endpoint.IsNone)
                    (EndpointAddress[row], EndpointPort[row]) = (Intern(endpoint.Address), endpoint.Port);
                return true;
        }
    }

    /// <summary>The entry of a row, byte for byte as it was added.</summary>
    public StreamEntry Entry(int row)
    {
        if (Fields[row] is { } json) return new StreamEntry(IdOf(row), FieldsJson.Read(json));
        var fields = new List<EventField>(ArchiveColumns.All.Count);
        foreach (var column in ArchiveColumns.All)
        {
            var value = Value(row, column);
            if (value is not null || column.IsInEvery) fields.Add(new EventField(column.Utf8Name, value ?? []));
        }
        return new StreamEntry(IdOf(row), [.. fields]);
    }

    private byte[]? Value(int row, ArchiveColumn column)
    {
        Span<byte> digits = stackalloc byte[20];
        var written = 0;
        switch (column.Kind)
        {
            case ColumnKind.Signed when Signed[column.Slot][row] is { } signed:
                signed.TryFormat(digits, out written);
                break;
            case ColumnKind.Unsigned when Unsigned[column.Slot][row] is { } unsigned:
                unsigned.TryFormat(digits, out written);
                break;
            case ColumnKind.Text when Texts[column.Slot][row] is { } text:
                return Encoding.UTF8.GetBytes(text);
            default:
                return null;
        }
        return digits[..written].ToArray();
    }

    private string Intern(InternetAddress address)
    {
        Span<byte> text = stackalloc byte[InternetAddress.TextBytesMax];
        return Intern(text[..address.Format(text)]);
    }

    // Names and addresses repeat endlessly; a collision only costs an allocation.
    private string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref names[hash.ToHashCode() & (names.Length - 1)];
        if (slot is not null && slot.Length == utf8.Length && Ascii.Equals(utf8, slot)) return slot;
        return slot = Encoding.UTF8.GetString(utf8);
    }
}
