using System.Text;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>One event as a collector writes it, or something that no version of the product can apply.</summary>
/// <param name="At">When it is written.</param>
/// <param name="Partition">Of its host.</param>
/// <param name="Fields">With <c>serial</c> as a last field that no reader knows, by which it is found again.</param>
internal sealed record SimulatedEvent(long At, int Partition, EventField[] Fields)
{
    public const string SerialField = "serial";
}

/// <summary>What the kernels of a few hosts print: handshakes, keepalives, peers that move, reboots; some lines twice, some late, some poisoned.</summary>
internal sealed class KernelLines(Random random, int partitions)
{
    private const int HostsEach = 2;
    private const int PeersEach = 3;

    private readonly List<SimulatedEvent> events = [];

    public IReadOnlyList<SimulatedEvent> Print(int count, TimeSpan time)
    {
        var hosts = Enumerable.Range(0, partitions * HostsEach).Select(number => new Host($"vpn-{number:D2}", number % partitions)).ToArray();
        var step = (long)time.TotalMicroseconds / count;
        for (var i = 0; i < count; i++)
        {
            var at = Schedule.Start + i * step + random.NextInt64(step + 1);
            Line(hosts[random.Next(hosts.Length)], at);
        }

        return [.. events.OrderBy(e => e.At)];
    }

    private void Line(Host host, long at)
    {
        if (host.BootAt == 0 || random.Next(60) == 0)
        {
            host.BootAt = at - 10_000_000;
            for (var peer = 1; peer <= PeersEach; peer++) Add(host, at, EventKind.PeerCreated, (ulong)peer, late: false);
            return;
        }

        var number = (ulong)random.Next(1, PeersEach + 1);
        if (random.Next(4) == 0) host.Ports[number] = (ushort)random.Next(1000, 1004);
        switch (random.Next(12))
        {
            case 0:
                Poison(host, at);
                break;
            case <= 3:
                Add(host, at, EventKind.KeypairCreated, number, late: false);
                break;
            case <= 6:
                Add(host, at, EventKind.HandshakeInitiationReceived, number, late: random.Next(15) == 0);
                break;
            default:
                Add(host, at, EventKind.KeepaliveReceived, number, late: random.Next(15) == 0);
                if (random.Next(20) == 0) events.Add(events[^1] with { Fields = [.. events[^1].Fields[..^1], Serial()] });
                break;
        }
    }

    private void Add(Host host, long at, EventKind kind, ulong peer, bool late)
    {
        var port = host.Ports.GetValueOrDefault(peer, (ushort)1000);
        if (!PeerEndpoint.TryParse(Encoding.ASCII.GetBytes($"203.0.113.{peer}:{port}"), out var endpoint)) throw new InvalidOperationException("That is an endpoint.");
        var stamp = at - host.BootAt - (late ? random.NextInt64(2_000_000) : 0);
        var fields = new EventFields
        {
            Kind = kind,
            Host = Encoding.ASCII.GetBytes(host.Name),
            At = host.BootAt + stamp,
            Received = at,
            Uptime = stamp,
            Interface = "wg0"u8,
            Peer = peer,
            Endpoint = endpoint,
            Keypair = (ulong)random.Next(1, 1000),
        };
        var sink = new FieldList([]);
        EventEncoder.Write(fields, ref sink);
        events.Add(new SimulatedEvent(at, host.Partition, [.. sink.Fields, Serial()]));
    }

    // A newer version's event, or one that lacks what it needs.
    private void Poison(Host host, long at) => events.Add(new SimulatedEvent(at, host.Partition, random.Next(2) == 0
        ? [EventField.Of("event", "peer-created.v9"), EventField.Of("host", host.Name), EventField.Of("at", at), EventField.Of("received", at), Serial()]
        : [EventField.Of("event", "peer-created.v1"), EventField.Of("host", host.Name), EventField.Of("at", "yesterday"), Serial()]));

    private EventField Serial() => EventField.Of(SimulatedEvent.SerialField, events.Count);

    private sealed class Host(string name, int partition)
    {
        public string Name => name;

        public int Partition => partition;

        public long BootAt { get; set; }

        public Dictionary<ulong, ushort> Ports { get; } = [];
    }

    private readonly struct FieldList(List<EventField> fields) : IEventFieldSink
    {
        public List<EventField> Fields => fields;

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) => fields.Add(new EventField(name.ToArray(), value.ToArray()));
    }
}

/// <summary>Batches of events on their way to a partition.</summary>
internal static class Batches
{
    public static EventBatch Of(IEnumerable<SimulatedEvent> events)
    {
        var batch = new EventBatch();
        foreach (var e in events)
        {
            batch.BeginEvent();
            foreach (var field in e.Fields) batch.Field(field.Name.Span, field.Value.Span);
            batch.EndEvent();
        }

        return batch;
    }
}
