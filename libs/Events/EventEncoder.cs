using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace WgMonitor.Events;

/// <summary>Event to named fields, in fixed order, allocating nothing for the flat form.</summary>
public static class EventEncoder
{
    /// <summary>Longer free text is cut: it is kept to be looked at, not to be stored whole.</summary>
    public const int TextBytesMax = 512;

    private const int NumberBytesMax = 20;

    public static void Write<TSink>(in EventFields e, ref TSink sink) where TSink : IEventFieldSink, allows ref struct
    {
        var shape = EventShapes.Of(e.Kind);
        sink.Field(FieldNames.Event, EventNames.Utf8Of(e.Kind));
        sink.Field(FieldNames.Host, e.Host);
        Number(FieldNames.At, e.At, ref sink);
        Number(FieldNames.Received, e.Received, ref sink);
        if (e.Uptime >= 0) Number(FieldNames.Uptime, e.Uptime, ref sink); else sink.Field(FieldNames.Uptime, default);
        if (shape.Has(EventShape.Interface)) Text(FieldNames.Interface, e.Interface, ref sink); else sink.Field(FieldNames.Interface, default);
        if (shape.Has(EventShape.Peer)) Number(FieldNames.Peer, e.Peer, ref sink); else sink.Field(FieldNames.Peer, default);
        Endpoint(shape.Has(EventShape.Endpoint) ? e.Endpoint : PeerEndpoint.None, ref sink);
        if (shape.Has(EventShape.Keypair)) Number(FieldNames.Keypair, e.Keypair, ref sink); else sink.Field(FieldNames.Keypair, default);
        sink.Field(FieldNames.Trust, TrustWords.InEvent(e.Trust));
        if (e.Repeat > 1) Number(FieldNames.Repeat, e.Repeat, ref sink);
        if (e.IsAmnezia) sink.Field(FieldNames.Module, "amneziawg"u8);
        if (!e.ClaimedHost.IsEmpty) Text(FieldNames.ClaimedHost, e.ClaimedHost, ref sink);
        if ((shape & ~(EventShape.PeerEndpoint | EventShape.Keypair)) != EventShape.None) WriteRare(e, shape, ref sink);
    }

    private static void WriteRare<TSink>(in EventFields e, EventShape shape, ref TSink sink) where TSink : IEventFieldSink, allows ref struct
    {
        if (shape.Has(EventShape.Seconds)) Number(FieldNames.Seconds, e.Seconds, ref sink);
        if (shape.Has(EventShape.Attempt)) Number(FieldNames.Attempt, e.Attempt, ref sink);
        if (shape.Has(EventShape.Attempts)) Number(FieldNames.Attempts, e.Attempt, ref sink);
        if (shape.Has(EventShape.Error)) Number(FieldNames.Error, e.Error, ref sink);
        if (shape.Has(EventShape.Nonces))
        {
            Number(FieldNames.Nonce, e.Nonce, ref sink);
            Number(FieldNames.NonceMax, e.NonceMax, ref sink);
        }
        if (shape.Has(EventShape.Count)) Number(FieldNames.Count, e.Count, ref sink);
        if (shape.Has(EventShape.Source)) Address(FieldNames.Source, e.Address, ref sink);
        if (shape.Has(EventShape.Destination)) Address(FieldNames.Destination, e.Address, ref sink);
        if (shape.Has(EventShape.OldName)) Text(FieldNames.OldName, e.Text, ref sink);
        if (shape.Has(EventShape.Version)) Text(FieldNames.Version, e.Text, ref sink);
        if (shape.Has(EventShape.Text)) Text(FieldNames.Text, e.Text, ref sink);
        if (shape.Has(EventShape.Reason)) Text(FieldNames.Reason, e.Text, ref sink);
        if (shape.Has(EventShape.From)) Number(FieldNames.From, e.From, ref sink);
        if (shape.Has(EventShape.To)) Number(FieldNames.To, e.To, ref sink);
        if (shape.Has(EventShape.Usual)) Number(FieldNames.Usual, e.Usual, ref sink);
        if (shape.Has(EventShape.LastTimes))
        {
            Number(FieldNames.LastHandshake, e.LastHandshake, ref sink);
            Number(FieldNames.LastKeepalive, e.LastKeepalive, ref sink);
        }
    }

    private static void Number<TSink>(ReadOnlySpan<byte> name, long value, ref TSink sink) where TSink : IEventFieldSink, allows ref struct
    {
        Span<byte> digits = stackalloc byte[NumberBytesMax];
        Utf8Formatter.TryFormat(value, digits, out var written);
        sink.Field(name, digits[..written]);
    }

    private static void Number<TSink>(ReadOnlySpan<byte> name, ulong value, ref TSink sink) where TSink : IEventFieldSink, allows ref struct
    {
        Span<byte> digits = stackalloc byte[NumberBytesMax];
        Utf8Formatter.TryFormat(value, digits, out var written);
        sink.Field(name, digits[..written]);
    }

    private static void Endpoint<TSink>(PeerEndpoint endpoint, ref TSink sink) where TSink : IEventFieldSink, allows ref struct
    {
        Span<byte> text = stackalloc byte[PeerEndpoint.TextBytesMax];
        sink.Field(FieldNames.Endpoint, text[..endpoint.Format(text)]);
    }

    private static void Address<TSink>(ReadOnlySpan<byte> name, InternetAddress address, ref TSink sink) where TSink : IEventFieldSink, allows ref struct
    {
        Span<byte> text = stackalloc byte[InternetAddress.TextBytesMax];
        sink.Field(name, text[..address.Format(text)]);
    }

    private static void Text<TSink>(ReadOnlySpan<byte> name, ReadOnlySpan<byte> raw, ref TSink sink) where TSink : IEventFieldSink, allows ref struct
    {
        if (raw.Length > TextBytesMax) raw = raw[..TextBytesMax];
        if (EscapedText.IsPlain(raw))
        {
            sink.Field(name, raw);
            return;
        }
        Span<byte> escaped = stackalloc byte[TextBytesMax * EscapedText.GrowthMax];
        sink.Field(name, escaped[..EscapedText.Escape(raw, escaped)]);
    }

    /// <summary>The fields of an event record. Its texts are escaped already and pass unchanged.</summary>
    public static IReadOnlyList<EventField> Encode(WireGuardEvent e)
    {
        var sink = new ListSink();
        Write(Flatten(e), ref sink);
        return sink.Fields;
    }

    private static EventFields Flatten(WireGuardEvent e)
    {
        var fields = new EventFields
        {
            Kind = e.Kind,
            Host = Encoding.ASCII.GetBytes(e.Header.Host),
            At = e.Header.At,
            Received = e.Header.Received,
            Uptime = e.Header.Uptime ?? EventFields.NoUptime,
            Repeat = e.Header.Repeat,
            IsAmnezia = e.Header.Module == EventDecoder.AmneziaModule,
            Trust = e.Header.Trust,
            ClaimedHost = e.Header.ClaimedHost is { } claimed ? Unescaped(claimed) : default,
            Interface = e is InterfaceEvent i ? Unescaped(i.Interface) : default,
            Peer = e is PeerEvent p ? p.Peer : 0,
            Keypair = e is KeypairEvent k ? k.Keypair : 0,
            Endpoint = e switch { PeerEndpointEvent x => x.Endpoint, PacketSourceEvent x => x.Endpoint, PeerImported x => x.Endpoint, _ => PeerEndpoint.None },
        };
        switch (e)
        {
            case InterfaceRenamed x: fields.Text = Unescaped(x.OldName); break;
            case KeysZeroed x: fields.Seconds = x.Seconds; break;
            case HandshakeRetrying x: (fields.Seconds, fields.Attempt) = (x.Seconds, x.Attempt); break;
            case HandshakeGaveUp x: fields.Attempt = x.Attempts; break;
            case HandshakeRestartedNoAnswer x: fields.Seconds = x.Seconds; break;
            case PacketSrcUnallowed x: fields.Address = x.Source; break;
            case PacketNonceInvalid x: (fields.Nonce, fields.NonceMax) = (x.Nonce, x.NonceMax); break;
            case PacketMalformed x: fields.Text = Unescaped(x.Text); break;
            case XmitNoPeer x: fields.Address = x.Destination; break;
            case NoRoute x: fields.Error = x.Error; break;
            case ModuleLoaded x: fields.Text = Unescaped(x.Version); break;
            case ModuleTainted x: fields.Text = Unescaped(x.Text); break;
            case ModuleRequirementMissing x: fields.Text = Unescaped(x.Text); break;
            case ModuleSelfTest x: fields.Text = Unescaped(x.Text); break;
            case TriePrinted x: fields.Text = Unescaped(x.Text); break;
            case Unrecognized x: fields.Text = Unescaped(x.Text); break;
            case NetRatelimitSuppressed x: fields.Count = x.Count; break;
            case LinesLost x: fields.Text = Unescaped(x.Reason); (fields.Count, fields.From, fields.To) = (x.Count, x.From, x.To); break;
            case HostSilent x: (fields.From, fields.Usual) = (x.From, x.Usual); break;
            case HistoryRewound x: (fields.From, fields.To) = (x.From, x.To); break;
            case PeerImported x: (fields.LastHandshake, fields.LastKeepalive) = (x.LastHandshake, x.LastKeepalive); break;
            case EntriesTrimmed x: (fields.Count, fields.From, fields.To) = (x.Count, x.From, x.To); break;
        }
        return fields;
    }

    private static byte[] Unescaped(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x')
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 2, 2), 16));
                i += 3;
                continue;
            }
            Debug.Assert(text[i] != '\\', "text of an event is escaped");
            bytes.Add((byte)text[i]);
        }
        return [.. bytes];
    }

    private readonly struct ListSink() : IEventFieldSink
    {
        public List<EventField> Fields { get; } = new(12);

        public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) => Fields.Add(new(name.ToArray(), value.ToArray()));
    }
}
