using System.Text;
using CsCheck;
using Xunit;

namespace WgMonitor.Events.Tests;

public class EventCodecTests
{
    private static readonly Gen<string> Host = Gen.String[Gen.Char["abcxyz019.-_"], 1, 30];
    private static readonly Gen<string> Interface = Gen.Byte.Array[1, 15].Select(Escaped);
    private static readonly Gen<InternetAddress> Address = Gen.OneOf(
        Gen.UInt.Select(InternetAddress.FromV4),
        Gen.Select(Gen.ULong, Gen.ULong, (high, low) => InternetAddress.FromV6(new UInt128(high, low))),
        Gen.Select(Gen.ULong[0, 3], Gen.ULong[0, 70000], (high, low) => InternetAddress.FromV6(new UInt128(high << 48, low))));

    private static readonly Gen<PeerEndpoint> Endpoint = Gen.Select(Address, Gen.UShort, Gen.UInt[0, 9],
        (address, port, scope) => new PeerEndpoint(address, port, address.IsLinkLocalV6 ? scope : 0));

    private static readonly Gen<EventHeader> Header = Gen.Select(Host, Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Bool, Gen.Int[1, 50], Gen.Select(Gen.Bool, Gen.Int[0, 3], Gen.OneOf(Interface.Select(name => (string?)name), Gen.Const((string?)null))),
        (host, at, received, uptime, stamped, repeat, rare) =>
            new EventHeader(host, at, received, stamped ? uptime : null, repeat, rare.Item1 ? "amneziawg" : "wireguard", (TrustLevel)rare.Item2, rare.Item3));

    private static string Escaped(byte[] raw)
    {
        var escaped = new byte[raw.Length * EscapedText.GrowthMax];
        return Encoding.ASCII.GetString(escaped.AsSpan(0, EscapedText.Escape(raw, escaped)));
    }

    /// <summary>Any value for a constructor parameter of an event record.</summary>
    private static Gen<object?> ValueOf(Type type) => type switch
    {
        _ when type == typeof(EventHeader) => Header.Select(value => (object?)value),
        _ when type == typeof(string) => Interface.Select(value => (object?)value),
        _ when type == typeof(ulong) => Gen.ULong.Select(value => (object?)value),
        _ when type == typeof(long) => Gen.Long[0, long.MaxValue].Select(value => (object?)value),
        _ when type == typeof(int) => Gen.Int[-200, 2000].Select(value => (object?)value),
        _ when type == typeof(InternetAddress) => Address.Select(value => (object?)value),
        _ when type == typeof(PeerEndpoint) => Gen.OneOf(Endpoint, Gen.Const(PeerEndpoint.None)).Select(value => (object?)value),
        _ => throw new NotSupportedException(type.Name),
    };

    public static TheoryData<string> Records() =>
        [.. typeof(WireGuardEvent).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(WireGuardEvent))).Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Records))]
    public void An_event_survives_the_stream(string record)
    {
        var constructor = typeof(WireGuardEvent).Assembly.GetType("WgMonitor.Events." + record)!.GetConstructors()[0];
        var arguments = constructor.GetParameters().Select(parameter => ValueOf(parameter.ParameterType)).Aggregate(
            Gen.Const(Array.Empty<object?>()), (all, next) => Gen.Select(all, next, (values, value) => (object?[])[.. values, value]));
        var decoder = new EventDecoder();

        arguments.Select(values => (WireGuardEvent)constructor.Invoke(values)).Sample(e =>
        {
            Assert.Equal(DecodeOutcome.Decoded, decoder.TryDecode([.. EventEncoder.Encode(e)], out var decoded));
            Assert.Equal(e, decoded);
        }, iter: 200);
    }

    [Fact]
    public void The_first_nine_fields_stand_in_every_entry_in_one_order()
    {
        string[] common = ["event", "host", "at", "received", "uptime", "interface", "peer", "endpoint", "keypair"];
        WireGuardEvent[] events = [new ModuleLoaded(new("h", 1, 1), "1.0.0"), new KeypairCreated(new("h", 1, 1, 5), "wg0", 3, 42), new NetRatelimitSuppressed(new("h", 1, 1), 7)];

        Assert.All(events, e => Assert.Equal(common, EventEncoder.Encode(e).Take(9).Select(field => Encoding.ASCII.GetString(field.Name.Span))));
    }

    [Theory]
    [InlineData("keepalive-received.v99", DecodeOutcome.UnknownEvent)]
    [InlineData("", DecodeOutcome.Malformed)]
    [InlineData("keepalive-received.v1", DecodeOutcome.Malformed)]
    public void An_entry_that_is_no_event_of_ours_is_named_as_such(string name, DecodeOutcome expected)
    {
        EventField[] fields = [Field("event", name), Field("host", "h")];

        Assert.Equal(expected, new EventDecoder().TryDecode(fields, out _));
    }

    [Fact]
    public void A_field_of_a_newer_writer_is_passed_over_and_a_broken_known_one_is_not()
    {
        var e = new KeepaliveReceived(new("h", 1, 2), "wg0", 3, default);
        var fields = EventEncoder.Encode(e);

        Assert.Equal(DecodeOutcome.Decoded, new EventDecoder().TryDecode([.. fields, Field("colour", "red")], out var decoded));
        Assert.Equal(e, decoded);
        Assert.Equal(DecodeOutcome.Malformed, new EventDecoder().TryDecode([.. fields, Field("peer", "x")], out _));
    }

    [Fact]
    public void Long_text_is_cut_and_escaped()
    {
        var sink = new Collecting([]);
        EventEncoder.Write(new EventFields { Kind = EventKind.Unrecognized, Host = "h"u8, Text = Encoding.Latin1.GetBytes(new string('\x1b', 600)) }, ref sink);

        Assert.Equal(string.Concat(Enumerable.Repeat("\\x1b", 512)), sink.Values["text"]);
    }

    private readonly struct Collecting(Dictionary<string, string> values) : IEventFieldSink
    {
        public Dictionary<string, string> Values => values;

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) =>
            values[Encoding.ASCII.GetString(name)] = Encoding.ASCII.GetString(value);
    }

    private static EventField Field(string name, string value) => new(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
}
