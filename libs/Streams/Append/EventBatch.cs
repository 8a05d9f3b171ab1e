using WgMonitor.Events;

namespace WgMonitor.Streams;

/// <summary>
/// Events on their way to one partition, already packed as the append script takes them (MessagePack, every name and value a string).
/// Reusable, not thread-safe; allocates nothing an event once its buffer has grown.
/// </summary>
public sealed class EventBatch : IEventFieldSink
{
    /// <summary>Fields one event can have; the script passes them as arguments of one command, and Lua's stack is small.</summary>
    public const int FieldsMax = 1000;

    private readonly MessagePackWriter _writer = new();
    private int _eventAt = -1;
    private int _fieldCount;

    /// <summary>An empty batch.</summary>
    public EventBatch() => Clear();

    /// <summary>Finished events in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Packed size in bytes; about what goes over the wire.</summary>
    public int ByteCount => _writer.Length;

    internal ReadOnlyMemory<byte> Packed
    {
        get
        {
            if (_eventAt >= 0) throw new InvalidOperationException("An event is not finished.");
            _writer.PatchArray(0, Count);
            return _writer.Written;
        }
    }

    /// <summary>Starts an event.</summary>
    public void BeginEvent()
    {
        if (_eventAt >= 0) throw new InvalidOperationException("The event before is not finished.");
        _eventAt = _writer.BeginArray();
        _fieldCount = 0;
    }

    /// <inheritdoc/>
    public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        if (_eventAt < 0) throw new InvalidOperationException("A field needs an event.");
        if (++_fieldCount > FieldsMax) throw new InvalidOperationException($"An event has at most {FieldsMax} fields.");
        _writer.Text(name);
        _writer.Text(value);
    }

    /// <summary>Finishes the event begun last; it needs one field at least.</summary>
    public void EndEvent()
    {
        if (_eventAt < 0 || _fieldCount == 0) throw new InvalidOperationException("No event was begun, or it has no field.");
        _writer.PatchArray(_eventAt, _fieldCount * 2);
        _eventAt = -1;
        Count++;
    }

    /// <summary>Takes the event begun last back.</summary>
    public void CancelEvent()
    {
        if (_eventAt < 0) return;
        _writer.Truncate(_eventAt);
        _eventAt = -1;
    }

    /// <summary>Empties the batch for the next use.</summary>
    public void Clear()
    {
        _writer.Clear();
        _writer.BeginArray();
        _eventAt = -1;
        Count = 0;
    }

    internal void Abandon() => _writer.Abandon();
}
