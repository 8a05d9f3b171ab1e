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
    private readonly byte[] claimed = new byte[HostName.BytesMax];
    private readonly byte[][] domains = [.. options.StripDomains.Select(CollectorOptions.DomainSuffix)];
    private readonly long skewMaxMicroseconds = (long)options.SkewMax.TotalMicroseconds;

    /// <summary>False when the header's host name is wanted and cannot be one.</summary>
    public bool TryNormalize(scoped in SyslogMessage message, long receivedMicroseconds, scoped in FrameSource source, ref EventFields fields, out HeaderTimeUse timeUse)
    {
        timeUse = HeaderTimeUse.None;
        if (!TryHost(message, source, ref fields)) return false;
        fields.Trust = source.Trust;
        fields.Received = receivedMicroseconds;
        fields.At = At(message.Time, receivedMicroseconds, out timeUse);
        return true;
    }

    private bool TryHost(scoped in SyslogMessage message, scoped in FrameSource source, ref EventFields fields)
    {
        var isName = HostName.TryNormalize(message.Host, domains, claimed, out var claimedLength);
        var fromHeader = source.HostFrom == HostFrom.Header || (source.HostFrom == HostFrom.Certificate && source.CertificateHost is null);
        if (fromHeader && !message.Host.IsEmpty && (!message.Relayed || options.TrustRelayedHost))
        {
            fields.Host = claimed.AsSpan(0, claimedLength);
            return isName;
        }
        fields.Host = source is { HostFrom: not HostFrom.Source, CertificateHost: { } certified } ? certified : host.AsSpan(0, source.Address.Format(host));
        // What cannot be a name is kept as it came: whoever looks into it should see what was claimed.
        if (!isName) claimedLength = KeepClaimed(message.Host);
        var other = claimed.AsSpan(0, claimedLength);
        if (!fields.Host.SequenceEqual(other)) fields.ClaimedHost = other;
        return !fields.Host.IsEmpty;
    }

    private int KeepClaimed(scoped ReadOnlySpan<byte> name)
    {
        var length = Math.Min(name.Length, claimed.Length);
        name[..length].CopyTo(claimed);
        return length;
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
