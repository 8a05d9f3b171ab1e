namespace WgMonitor.Collector;

/// <summary>One of several frames that came together.</summary>
/// <param name="Bytes">Syslog message without framing.</param>
/// <param name="Source">Sender as the transport saw it.</param>
/// <param name="Refusal">Why the transport refuses it before it is a message; null when it does not.</param>
internal readonly record struct ReceivedFrame(ReadOnlyMemory<byte> Bytes, FrameSource Source, LineOutcome? Refusal);
