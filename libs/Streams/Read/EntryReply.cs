using RESPite.Messages;
using StackExchange.Redis;
using WgMonitor.Events;

namespace WgMonitor.Streams;

/// <summary>
/// Reads stream entries from the raw reply: a few buffers a reply, and slices of it for names and values, where the client's own types would allocate an
/// array a name and a value.
/// </summary>
internal static class EntryReply
{
    /// <summary>Reply of XRANGE and XREVRANGE: an array of [id, [name, value, ...]].</summary>
    public static List<StreamEntry> ReadRange(RespResult reply)
    {
        if (reply.IsNull) return [];
        var reader = reply.Read();
        return ReadEntries(ref reader, new Slices(reader));
    }

    /// <summary>Reply of XREADGROUP for one stream: null, or [[key, entries]]; a map of key to entries in RESP3. An entry trimmed while pending has null for its fields.</summary>
    public static List<StreamEntry> ReadGroup(RespResult reply)
    {
        if (reply.IsNull) return [];
        var reader = reply.Read();
        if (reader.AggregateIsEmpty()) return [];
        var slices = new Slices(reader);
        if (reader.Prefix != RespPrefix.Map) reader.MoveNext(); // to [key, entries]
        reader.MoveNext(); // to the key
        reader.MoveNext(); // to the entries
        return ReadEntries(ref reader, slices);
    }

    // The reader stands on the array of entries. (A new reader stands on the first element of the reply.)
    private static List<StreamEntry> ReadEntries(ref RespReader reader, Slices slices)
    {
        var count = reader.AggregateLength();
        var entries = new List<StreamEntry>(count);
        for (var i = 0; i < count; i++)
        {
            reader.MoveNext();
            reader.MoveNext();
            if (!StreamId.TryParse(slices.Take(ref reader).Span, out var id)) throw new InvalidDataException("Redis sent an entry without an ID.");
            reader.MoveNext();
            entries.Add(new StreamEntry(id, reader.IsNull ? [] : ReadFields(ref reader, slices)));
        }

        return entries;
    }

    private static EventField[] ReadFields(ref RespReader reader, Slices slices)
    {
        var fields = new EventField[reader.AggregateLength() / 2];
        for (var i = 0; i < fields.Length; i++)
        {
            reader.MoveNext();
            var name = slices.Take(ref reader);
            reader.MoveNext();
            fields[i] = new EventField(name, slices.Take(ref reader));
        }

        return fields;
    }

    // In blocks below the size from which the collector of garbage puts them beside the others and takes them with its rarest and dearest round only.
    private sealed class Slices(in RespReader reader)
    {
        private const int BlockMax = 64 * 1024;

        // What is left of the reply is more than all its names and values together.
        private long left = reader.ProtocolBytesRemaining;
        private byte[] block = [];
        private int used;

        public ReadOnlyMemory<byte> Take(ref RespReader reader)
        {
            var length = reader.ScalarLength();
            if (length > block.Length - used)
            {
                block = GC.AllocateUninitializedArray<byte>(Math.Max(length, (int)Math.Min(left, BlockMax)));
                used = 0;
            }
            var slice = block.AsMemory(used, reader.CopyTo(block.AsSpan(used)));
            used += length;
            left -= length;
            return slice;
        }
    }
}
