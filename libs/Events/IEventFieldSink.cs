namespace WgMonitor.Events;

/// <summary>Takes the fields of one event in order. The spans are only valid during the call.</summary>
public interface IEventFieldSink
{
    /// <summary>One field: <paramref name="name"/> as in <see cref="FieldNames"/>, <paramref name="value"/> as UTF-8 text.</summary>
    void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value);
}
