using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text;
using WgMonitor.Collector.Spool;
using WgMonitor.Collector.Trust;
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

    /// <summary>
    /// Addresses and networks whose lines are looked at, such as <c>["192.0.2.0/24", "2001:db8::/32"]</c>; all others are dropped and counted. Default
    /// empty: everybody's, with a warning where a listener is not on loopback. At most 256. Over UDP an address is no proof of who sent it.
    /// </summary>
    public List<string> Allow { get; set; } = [];

    /// <summary>
    /// <c>learn</c> (default) takes every host and device that a line names, within <see cref="Limits"/>; <c>strict</c> takes only those of
    /// <c>[[collector.host]]</c>.
    /// </summary>
    public InventoryMode Inventory { get; set; } = InventoryMode.Learn;

    /// <summary>The hosts of a strict inventory: <c>[[collector.host]]</c>. Default none.</summary>
    public List<InventoryHostOptions> Host { get; set; } = [];

    /// <summary>How much one sender may send and how many may be named: <c>[collector.limits]</c>.</summary>
    public LimitOptions Limits { get; set; } = new();

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

    /// <summary>How long an event waits for others to share its call: each call costs all services the same, however few events it brings. Default 20 ms, 0 s to 1 s.</summary>
    [DurationRange("0s", "1s")]
    public TimeSpan BatchAgeMax { get; set; } = TimeSpan.FromMilliseconds(20);

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

    /// <summary>Time between two writings of this collector's status to Redis, where <c>/api/v1/status</c> finds it. Default 5 s, 100 ms to 1 min.</summary>
    [DurationRange("100ms", "1m")]
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Connections of TCP, TLS and RELP senders open at once, over all listeners. Default 4096, 1 to 1000000; also bounded by the files the process may open.
    /// Further ones are closed at once and counted.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 4096;

    /// <summary>Of these, from one address. Default 512, 1 to 1000000. All that come through a load balancer of <c>trusted_proxies</c> come from its address.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerSourceMax { get; set; } = 512;

    /// <summary>
    /// Name by which the next run finds what this one left: until when it took lines, and of whom. Default: the machine's name with the address of the first
    /// listener. Give one where the machine's name is new at every start, as in a container: else no outage of the collector is told. 1 to 64 of letters,
    /// digits and <c>. _ -</c>; one for each collector.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9._-]{1,64}$")]
    public string? Name { get; set; }

    /// <summary>Table <c>[collector.silence]</c>: when a host counts as silent.</summary>
    public SilenceOptions Silence { get; set; } = new();

    /// <summary>Table <c>[collector.spool]</c>: lines on disk until Redis surely has them.</summary>
    public SpoolOptions Spool { get; set; } = new();

    /// <summary>The same settings, to be changed for another use: limits and scalar values are the copy's own.</summary>
    internal CollectorOptions Clone()
    {
        var clone = (CollectorOptions)MemberwiseClone();
        clone.Limits = Limits.Clone();
        return clone;
    }

    /// <summary>The listeners, or the default one.</summary>
    internal IReadOnlyList<ListenOptions> Listeners => Listen.Count > 0 ? Listen : [new ListenOptions()];

    /// <summary>The strict inventory with names as events have them.</summary>
    internal IEnumerable<(byte[] Name, byte[][] Interfaces)> InventoryHosts()
    {
        byte[][] domains = [.. StripDomains.Select(DomainSuffix)];
        var name = new byte[HostName.BytesMax];
        foreach (var host in Host)
        {
            if (HostName.TryNormalize(Encoding.UTF8.GetBytes(host.Name ?? ""), domains, name, out var length))
                yield return (name[..length], [.. host.Interfaces.Select(Encoding.UTF8.GetBytes)]);
        }
    }

    /// <summary>A domain as the end of a host name: <c>Example.org</c> is <c>.example.org</c>.</summary>
    internal static byte[] DomainSuffix(string domain) => Encoding.ASCII.GetBytes("." + domain.Trim('.').ToLowerInvariant());

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        if (RetryPauseMax < RetryPauseMin) yield return new("retry_pause_max", "must not be shorter than retry_pause_min");
        if (BufferEventsMax < BatchEventsMax) yield return new("buffer_events_max", "must not be smaller than batch_events_max");
        foreach (var name in Interfaces.Where(name => !IsDeviceName(name)))
            yield return new("interfaces", $"\"{name}\" is no device name", DeviceNameHint);
        // UDP and TCP have ports of their own.
        foreach (var address in Listeners.GroupBy(listen => (listen.EndPoint, listen.Protocol == ListenProtocol.Udp)).Where(group => group.Count() > 1 && group.Key.EndPoint.Port != 0))
            yield return new("listen", $"{address.Key.EndPoint} is listed twice") { FollowsFrom = ["address", "protocol"] };
        foreach (var problem in CheckAllow().Concat(CheckInventory())) yield return problem;
    }

    private IEnumerable<OptionsProblem> CheckAllow()
    {
        foreach (var text in Allow)
            if (!SourceAllowList.TryParse(text, out _, out var expected)) yield return new("allow", $"\"{text}\" is not {expected}");
        if (Allow.Count > SourceAllowList.NetworksMax) yield return new("allow", $"must not hold more than {SourceAllowList.NetworksMax}");
        if (Syslog == SyslogMode.Strict && Allow.Count == 0 && Listeners.FirstOrDefault(listen => !listen.IsCertified && !IPAddress.IsLoopback(listen.EndPoint.Address)) is { } open)
            yield return new("allow", $"is required: syslog is strict and {open.EndPoint} is not loopback", "List the senders; [\"0.0.0.0/0\", \"::/0\"] are all");
    }

    private IEnumerable<OptionsProblem> CheckInventory()
    {
        if (Inventory == InventoryMode.Strict && Host.Count == 0) yield return new("inventory", "is strict and no [[collector.host]] is given: no line would be taken");
        if (Inventory == InventoryMode.Learn && Host.Count > 0) yield return new("host", "has no effect unless inventory is strict", "Write inventory = \"strict\"");
        if (Host.Count > Limits.HostsMax) yield return new("host", "must not hold more than limits.hosts_max");
        var name = new byte[HostName.BytesMax];
        foreach (var host in Host.Where(host => !HostName.TryNormalize(Encoding.UTF8.GetBytes(host.Name ?? "x"), [], name, out _)))
            yield return new("host", $"\"{host.Name}\" is no host name", "1 to 255 letters, digits and . - _, or an address");
        foreach (var device in Host.SelectMany(host => host.Interfaces).Where(device => !IsDeviceName(device)))
            yield return new("host", $"\"{device}\" is no device name", DeviceNameHint);
    }

    private const string DeviceNameHint = "1 to 15 bytes without slash, colon and white space";

    /// <remarks>IFNAMSIZ and dev_valid_name, net/core/dev.c.</remarks>
    private static bool IsDeviceName(string name) => Encoding.UTF8.GetByteCount(name) is > 0 and <= 15 && name.IndexOfAny(['/', ':', ' ', '\t', '\n', '\r']) < 0;
}
