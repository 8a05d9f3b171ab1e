using System.Text;
using Parquet.Schema;
using WgMonitor.Events;

namespace WgMonitor.Archive;

/// <summary>How the value of a field lies in its column.</summary>
internal enum ColumnKind
{
    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>A decimal number of 64 bits.</summary>
    Signed,

    /// <summary>A decimal number of 64 bits without a sign.</summary>
    Unsigned,
}

/// <summary>One field of an entry as a column, null where the entry does not have it.</summary>
/// <param name="Utf8Name">The field's name in the log, which is the column's too.</param>
/// <param name="Kind">What its values are.</param>
/// <param name="IsInEvery">The field stands in every entry, empty where it does not apply: null is the empty text then.</param>
internal sealed record ArchiveColumn(byte[] Utf8Name, ColumnKind Kind, bool IsInEvery)
{
    /// <summary>Its place among the columns of its kind.</summary>
    public int Slot { get; init; }

    public DataField Field { get; } = new(Encoding.UTF8.GetString(Utf8Name), TypeOf(Kind), true);

    private static Type TypeOf(ColumnKind kind) => kind switch
    {
        ColumnKind.Text => typeof(string),
        ColumnKind.Signed => typeof(long),
        _ => typeof(ulong),
    };
}

/// <summary>
/// The schema of an archive file: position, the fields of docs/events.md in the order in which they are written, two that are made from the endpoint so that
/// queries need not cut texts, and <c>fields</c> for entries that the others cannot give back byte for byte. A file may lack columns that later versions added.
/// </summary>
internal static class ArchiveColumns
{
    public static DataField<long> Milliseconds { get; } = new("ms", false);
    public static DataField<long> Sequence { get; } = new("seq", false);
    public static DataField EndpointAddress { get; } = new("endpoint_ip", typeof(string), true);
    public static DataField EndpointPort { get; } = new("endpoint_port", typeof(int), true);

    /// <summary>All fields of the entry in their order, as <see cref="FieldsJson"/>; null where the columns say all.</summary>
    public static DataField Fields { get; } = new("fields", typeof(string), true);

    public static IReadOnlyList<ArchiveColumn> All { get; } = Numbered(
    [
        new([.. FieldNames.Event], ColumnKind.Text, true),
        new([.. FieldNames.Host], ColumnKind.Text, true),
        new([.. FieldNames.At], ColumnKind.Signed, true),
        new([.. FieldNames.Received], ColumnKind.Signed, true),
        new([.. FieldNames.Uptime], ColumnKind.Signed, true),
        new([.. FieldNames.Interface], ColumnKind.Text, true),
        new([.. FieldNames.Peer], ColumnKind.Unsigned, true),
        new([.. FieldNames.Endpoint], ColumnKind.Text, true),
        new([.. FieldNames.Keypair], ColumnKind.Unsigned, true),
        new([.. FieldNames.Trust], ColumnKind.Text, true),
        new([.. FieldNames.Repeat], ColumnKind.Signed, false),
        new([.. FieldNames.Module], ColumnKind.Text, false),
        new([.. FieldNames.ClaimedHost], ColumnKind.Text, false),
        new([.. FieldNames.Seconds], ColumnKind.Signed, false),
        new([.. FieldNames.Attempt], ColumnKind.Signed, false),
        new([.. FieldNames.Attempts], ColumnKind.Signed, false),
        new([.. FieldNames.Error], ColumnKind.Signed, false),
        new([.. FieldNames.Nonce], ColumnKind.Unsigned, false),
        new([.. FieldNames.NonceMax], ColumnKind.Unsigned, false),
        new([.. FieldNames.Count], ColumnKind.Signed, false),
        new([.. FieldNames.Source], ColumnKind.Text, false),
        new([.. FieldNames.Destination], ColumnKind.Text, false),
        new([.. FieldNames.OldName], ColumnKind.Text, false),
        new([.. FieldNames.Version], ColumnKind.Text, false),
        new([.. FieldNames.Text], ColumnKind.Text, false),
        new([.. FieldNames.Reason], ColumnKind.Text, false),
        new([.. FieldNames.From], ColumnKind.Signed, false),
        new([.. FieldNames.To], ColumnKind.Signed, false),
        new([.. FieldNames.Usual], ColumnKind.Signed, false),
        new([.. FieldNames.LastHandshake], ColumnKind.Signed, false),
        new([.. FieldNames.LastKeepalive], ColumnKind.Signed, false),
        new([.. FieldNames.RetryOf], ColumnKind.Text, false),
    ]);

    public static ParquetSchema Schema { get; } = new([Milliseconds, Sequence, .. All.Select(column => column.Field), EndpointAddress, EndpointPort, Fields]);

    public static int CountOf(ColumnKind kind) => All.Count(column => column.Kind == kind);

    private static ArchiveColumn[] Numbered(ArchiveColumn[] columns) =>
        [.. columns.Select((column, index) => column with { Slot = columns.Take(index).Count(before => before.Kind == column.Kind) })];
}
