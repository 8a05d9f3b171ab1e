using System.Collections.Immutable;
using System.Text;
using WgMonitor.Collector.Kernel;
using WgMonitor.Events;

namespace WgMonitor.Peers.Tests;

/// <summary>Verbatim kernel text to events.</summary>
internal sealed class KernelLog(string host)
{
    private readonly EventDecoder decoder = new();

    /// <summary>The event of a line as imklog passes it on (<c>[   27.319294] wireguard: ...</c>); null where it is none of ours.</summary>
    public WireGuardEvent? Event(ReadOnlySpan<byte> text, long at, long received, TrustLevel trust = TrustLevel.Udp)
    {
        var fields = new EventFields { Host = Encoding.ASCII.GetBytes(host), At = at, Received = received, Trust = trust };
        if (KernelMessageParser.Parse(text, ref fields) != KernelParse.Event) return null;
        var sink = new FieldList([]);
        EventEncoder.Write(fields, ref sink);
        return decoder.TryDecode([.. sink.Fields], out var e) == DecodeOutcome.Decoded ? e : throw new InvalidDataException(Encoding.UTF8.GetString(text));
    }

    private readonly struct FieldList(List<EventField> fields) : IEventFieldSink
    {
        public List<EventField> Fields => fields;

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) => fields.Add(new EventField(name.ToArray(), value.ToArray()));
    }
}

/// <summary>A host that says lines to a fold, for tests. Times are seconds since boot; the host booted at <see cref="BootAt"/>.</summary>
internal sealed class Told
{
    public const string Host = "vpn-01";

    /// <summary>2026-11-22 12:00 UTC, in microseconds.</summary>
    public const long Noon = 1795348800L * Microseconds.Second;

    private readonly KernelLog log = new(Host);
    private long entries;

    public long BootAt { get; set; } = Noon;

    /// <summary>Of the transport of the lines that follow.</summary>
    public TrustLevel Trust { get; set; }

    public FoldLimits Limits { get; init; } = FoldLimits.Default;

    public HostState State { get; private set; } = HostState.Of(Host);

    public List<HostFinding> Findings { get; } = [];

    /// <summary>Lines of the form <c>[   27.319294] wireguard: wg0: Peer 1 created</c>, as they arrive; the header's time is that of the stamp.</summary>
    public Told Say(params string[] lines)
    {
        foreach (var line in lines)
        {
            var stamp = decimal.Parse(line.AsSpan(1, line.IndexOf(']') - 1));
            Take(line, BootAt + (long)(stamp * Microseconds.Second));
        }
        return this;
    }

    /// <summary>A line without stamp, read <paramref name="seconds"/> after the boot.</summary>
    public Told SayAt(double seconds, string line) => Take(line, BootAt + (long)(seconds * Microseconds.Second));

    /// <summary>A line whose header has another time than the collector's.</summary>
    public Told SayBehind(double headerSeconds, double receivedSeconds, string line) => Take(line, Time(headerSeconds), Time(receivedSeconds));

    private Told Take(string line, long at) => Take(line, at, at);

    private Told Take(string line, long at, long received)
    {
        var e = log.Event(Encoding.ASCII.GetBytes(line), at, received, Trust) ?? throw new ArgumentException("no WireGuard line", nameof(line));
        (State, ImmutableArray<HostFinding> found) = HostFold.Apply(State, e, new Cause(at / 1000, entries++), Limits);
        Findings.AddRange(found);
        return this;
    }

    /// <summary>What no line says: what somebody on the way knows of missing lines, or knew before, <paramref name="seconds"/> after the boot.</summary>
    public Told Know(double seconds, Func<EventHeader, WireGuardEvent> e)
    {
        (State, ImmutableArray<HostFinding> found) = HostFold.Apply(State, e(new EventHeader(Host, Time(seconds), Time(seconds), Trust: Trust)), new Cause(Time(seconds) / 1000, entries++), Limits);
        Findings.AddRange(found);
        return this;
    }

    public PeerState Peer(ulong number) => State.Current(number) ?? throw new ArgumentException("not seen", nameof(number));

    public IEnumerable<T> Found<T>() where T : HostFinding => Findings.OfType<T>();

    /// <summary>Status at a moment, seconds since boot.</summary>
    public PeerStatus Status(ulong number, double seconds) => PeerStatusRule.Status(Peer(number), State, Time(seconds));

    public bool IsComplete(ulong number) => PeerStatusRule.IsComplete(Peer(number), State);

    public long Time(double seconds) => BootAt + (long)Math.Round(seconds * Microseconds.Second);
}
