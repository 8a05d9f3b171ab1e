using WgMonitor.Collector.Syslog;
using WgMonitor.Events;

namespace WgMonitor.Collector;

/// <summary>Adds to the fields of a kernel message what the syslog header and the transport know: host and times.</summary>
/// <remarks>
/// <c>at</c> is the header's time if it has an offset and lies within the skew, else the time of receipt. A whole-second RFC 3164 time of an unknown
/// zone never orders anything. Not thread-safe: the host lives in a buffer that the next line overwrites.
/// </remarks>
internal sealed class EventNormalizer(CollectorOptions options)
{
    private readonly byte[] host = new byte[HostName.BytesMax];
    private readonly byte[][] domains = [.. options.StripDomains.Select(CollectorOptions.DomainSuffix)];
    private readonly long skewMaxMicroseconds = (long)options.SkewMax.TotalMicroseconds;

    /// <summary>False when the header's host name cannot be one.</summary>
    public bool TryNormalize(scoped in SyslogMessage message, long receivedMicroseconds, scoped in FrameSource source, ref EventFields fields, out HeaderTimeUse timeUse)
    {
        timeUse = HeaderTimeUse.None;
        int length;
        var sender = message.Relayed && !options.TrustRelayedHost ? default : message.Host;
        if (sender.IsEmpty) length = source.Address.Format(host);
        else if (!HostName.TryNormalize(sender, domains, host, out length)) return false;

        fields.Host = host.AsSpan(0, length);
        fields.Received = receivedMicroseconds;
        fields.At = At(message.Time, receivedMicroseconds, out timeUse);
        return length > 0;
    }

    private long At(in SyslogTimestamp time, long receivedMicroseconds, out HeaderTimeUse use)
    {
        use = time.Kind switch
        {
            SyslogTimeKind.WithOffset => Math.Abs(time.UnixMicroseconds - receivedMicroseconds) <= skewMaxMicroseconds ? HeaderTimeUse.Used : HeaderTimeUse.Skewed,
            SyslogTimeKind.WithoutOffset => HeaderTimeUse.WithoutOffset,
            SyslogTimeKind.Invalid => HeaderTimeUse.Invalid,
            _ => HeaderTimeUse.None,
        };
        return use == HeaderTimeUse.Used ? time.UnixMicroseconds : receivedMicroseconds;
    }
}
