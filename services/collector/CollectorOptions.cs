using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text;
using WgMonitor.Collector.Spool;
using WgMonitor.Hosting;

namespace WgMonitor.Collector;

/// <summary>How much a syslog message may differ from what a kernel line by the book looks like.</summary>
public enum SyslogMode
{
    /// <summary>A missing priority and a facility other than kern are accepted; the latter is counted.</summary>
    Lenient,

    /// <summary>Both are rejected.</summary>
    Strict,
}

/// <summary>Section <c>[collector]</c>: what is received and how it is buffered on its way to Redis.</summary>
public sealed class CollectorOptions : IOptionsRules
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "collector";

    /// <summary>Where to listen: <c>[[collector.listen]]</c>. Default one UDP listener on 127.0.0.1:9999.</summary>
    public List<ListenOptions> Listen { get; set; } = [];

    /// <summary>Device names whose lines are kept, others are ignored and counted. Default empty: all. A line without a device always passes.</summary>
    public List<string> Interfaces { get; set; } = [];

    /// <summary>
    /// <c>lenient</c> (default) accepts a message without priority, and one whose facility is not kern; <c>strict</c> rejects both. Any user of a
    /// sending host can write lines of another facility.
    /// </summary>
    public SyslogMode Syslog { get; set; } = SyslogMode.Lenient;

    /// <summary>
    /// Take the host from <c>Message forwarded from HOST:</c>. Default false: the line belongs to the relay, because anybody can write these words.
    /// </summary>
    public bool TrustRelayedHost { get; set; }

    /// <summary>Domains cut off from host names, e.g. <c>["example.org"]</c>, so that <c>vpn-01</c> and <c>vpn-01.example.org</c> are one host. Default none.</summary>
    public List<string> StripDomains { get; set; } = [];

    /// <summary>
    /// How far the header's time may lie from the time of receipt to be believed; beyond, the time of receipt is used. Default 10 min, 0 s to 3650 days.
    /// Larger: lines of a sender's backlog, or of a recorded log that is sent again, keep their time; smaller: a wrong clock does less harm.
    /// </summary>
    [DurationRange("0s", "3650d")]
    public TimeSpan SkewMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Events appended to Redis by one call at most. Default 500, 1 to 5000.</summary>
    [Range(1, 5000)]
    public int BatchEventsMax { get; set; } = 500;

    /// <summary>How long an event waits for others to share its call. Default 5 ms, 0 s to 1 s.</summary>
    [DurationRange("0s", "1s")]
    public TimeSpan BatchAgeMax { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Events kept while Redis is away or slow. Default 200000, 1 to 10000000. What comes on top is dropped and counted.</summary>
    [Range(1, 10_000_000)]
    public int BufferEventsMax { get; set; } = 200_000;

    /// <summary>Bytes of these events. Default 64MiB, 64KiB to 4GiB. An event has about 170; memory in use can be twice as much.</summary>
    [SizeRange("64KiB", "4GiB")]
    public long BufferBytesMax { get; set; } = 64 << 20;

    /// <summary>First pause before a batch is sent again; doubles up to <see cref="RetryPauseMax"/>. Default 50 ms, 1 ms to 1 min.</summary>
    [DurationRange("1ms", "1m")]
    public TimeSpan RetryPauseMin { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause before a batch is sent again. Default 2 s, 1 ms to 1 min.</summary>
    [DurationRange("1ms", "1m")]
    public TimeSpan RetryPauseMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stopping collector tries to append what it accepted; the rest is lost and logged. Default 20 s, 100 ms to 10 min.</summary>
    [DurationRange("100ms", "10m")]
    public TimeSpan DrainMax { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Table <c>[collector.spool]</c>: lines on disk until Redis surely has them.</summary>
    public SpoolOptions Spool { get; set; } = new();

    /// <summary>The listeners, or the default one.</summary>
    internal IReadOnlyList<ListenOptions> Listeners => Listen.Count > 0 ? Listen : [new ListenOptions()];

    /// <summary>A domain as the end of a host name: <c>Example.org</c> is <c>.example.org</c>.</summary>
    internal static byte[] DomainSuffix(string domain) => Encoding.ASCII.GetBytes("." + domain.Trim('.').ToLowerInvariant());

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        if (RetryPauseMax < RetryPauseMin) yield return new("retry_pause_max", "must not be shorter than retry_pause_min");
        if (BufferEventsMax < BatchEventsMax) yield return new("buffer_events_max", "must not be smaller than batch_events_max");
        foreach (var name in Interfaces)
        {
            // IFNAMSIZ and dev_valid_name, net/core/dev.c.
            if (Encoding.UTF8.GetByteCount(name) is 0 or > 15 || name.IndexOfAny(['/', ':', ' ', '\t', '\n', '\r']) >= 0)
                yield return new("interfaces", $"\"{name}\" is no device name", "1 to 15 bytes without slash, colon and white space");
        }
        foreach (var address in Listeners.GroupBy(listen => listen.Address).Where(group => group.Count() > 1 && group.Key.Port != 0))
            yield return new("listen", $"{address.Key} is listed twice");
    }
}

/// <summary>What a listener speaks.</summary>
public enum ListenProtocol
{
    Udp,
    Tcp,
    Tls,
    Relp,
}

/// <summary>One <c>[[collector.listen]]</c>.</summary>
public sealed class ListenOptions : IOptionsRules
{
    /// <summary><c>udp</c>, the default and the only one in this version.</summary>
    public ListenProtocol Protocol { get; set; } = ListenProtocol.Udp;

    /// <summary>IP address and port. Default 127.0.0.1:9999. <c>[::]:9999</c> listens on all addresses, IPv4 too.</summary>
    public IPEndPoint Address { get; set; } = new(IPAddress.Loopback, 9999);

    /// <summary>
    /// Socket buffer, where a burst waits. Default 8MiB, 4KiB to 1GiB. Without CAP_NET_ADMIN the kernel grants at most net.core.rmem_max.
    /// </summary>
    [SizeRange("4KiB", "1GiB")]
    public int ReceiveBufferBytes { get; set; } = 8 << 20;

    /// <summary>Longest message. Default 8KiB, 480B to 65535B. A longer one is rejected whole, never cut: half a line can be a wrong line.</summary>
    [SizeRange("480B", "65535B")]
    public int DatagramBytesMax { get; set; } = 8192;

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        if (Protocol != ListenProtocol.Udp) yield return new("protocol", "is not supported in this version", "Use \"udp\"");
    }
}
