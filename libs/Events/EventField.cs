namespace WgMonitor.Events;

/// <summary>One named field of a stream entry, both sides as UTF-8 bytes, e.g. <c>peer</c> = <c>17</c>.</summary>
public readonly record struct EventField(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value);
