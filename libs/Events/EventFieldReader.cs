namespace WgMonitor.Events;

/// <summary>Collects the fields of one entry by name, whatever their order.</summary>
internal ref struct EventFieldReader(ReadOnlySpan<EventField> fields)
{
    private readonly ReadOnlySpan<EventField> fields = fields;

    public ReadOnlySpan<byte> Name { get; private set; }
    public ReadOnlySpan<byte> Host { get; private set; }
    public long? At { get; private set; }
    public long? Received { get; private set; }
    public long? Uptime { get; private set; }
    public ReadOnlySpan<byte> Interface { get; private set; }
    public ulong? Peer { get; private set; }
    public PeerEndpoint Endpoint { get; private set; }
    public ulong? Keypair { get; private set; }
    public int Repeat { get; private set; } = 1;
    public bool IsAmnezia { get; private set; }
    public TrustLevel Trust { get; private set; }
    public ReadOnlySpan<byte> ClaimedHost { get; private set; }
    public int Seconds { get; private set; }
    public int Attempt { get; private set; }
    public int Error { get; private set; }
    public ulong Nonce { get; private set; }
    public ulong NonceMax { get; private set; }
    public long Count { get; private set; }
    public long From { get; private set; }
    public long To { get; private set; }
    public long Usual { get; private set; }
    public long LastHandshake { get; private set; }
    public long LastKeepalive { get; private set; }
    public InternetAddress Address { get; private set; }
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>False when a known field holds something that does not parse, or the event has no name.</summary>
    public bool Read()
    {
        foreach (var field in fields)
        {
            var value = field.Value.Span;
            if (value.IsEmpty) continue;
            if (!ReadOne(field.Name.Span, value)) return false;
        }
        return !Name.IsEmpty;
    }

    private bool ReadOne(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual(FieldNames.Event)) Name = value;
        else if (name.SequenceEqual(FieldNames.Host)) Host = value;
        else if (name.SequenceEqual(FieldNames.At)) return Number(value, out long at) && (At = at) is not null;
        else if (name.SequenceEqual(FieldNames.Received)) return Number(value, out long received) && (Received = received) is not null;
        else if (name.SequenceEqual(FieldNames.Uptime)) return Number(value, out long uptime) && (Uptime = uptime) is not null;
        else if (name.SequenceEqual(FieldNames.Interface)) Interface = value;
        else if (name.SequenceEqual(FieldNames.Peer)) return DecimalText.TryParse(value, out ulong peer) && (Peer = peer) is not null;
        else if (name.SequenceEqual(FieldNames.Endpoint)) return Set(PeerEndpoint.TryParse(value, out var endpoint), Endpoint = endpoint);
        else if (name.SequenceEqual(FieldNames.Keypair)) return DecimalText.TryParse(value, out ulong keypair) && (Keypair = keypair) is not null;
        else if (name.SequenceEqual(FieldNames.Trust)) Trust = TrustWords.Parse(value);
        else return ReadRare(name, value);
        return true;
    }

    private bool ReadRare(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual(FieldNames.Repeat)) return Set(DecimalText.TryParse(value, out int repeat) && repeat > 0, Repeat = repeat);
        if (name.SequenceEqual(FieldNames.Seconds)) return Set(DecimalText.TryParse(value, out int seconds), Seconds = seconds);
        if (name.SequenceEqual(FieldNames.Attempt)) return Set(DecimalText.TryParse(value, out int attempt), Attempt = attempt);
        if (name.SequenceEqual(FieldNames.Attempts)) return Set(DecimalText.TryParse(value, out int attempts), Attempt = attempts);
        if (name.SequenceEqual(FieldNames.Error)) return Set(DecimalText.TryParse(value, out int error), Error = error);
        if (name.SequenceEqual(FieldNames.Nonce)) return Set(DecimalText.TryParse(value, out ulong nonce), Nonce = nonce);
        if (name.SequenceEqual(FieldNames.NonceMax)) return Set(DecimalText.TryParse(value, out ulong max), NonceMax = max);
        if (name.SequenceEqual(FieldNames.Count)) return Set(DecimalText.TryParse(value, out long count), Count = count);
        if (name.SequenceEqual(FieldNames.From)) return Set(DecimalText.TryParse(value, out long from), From = from);
        if (name.SequenceEqual(FieldNames.To)) return Set(DecimalText.TryParse(value, out long to), To = to);
        if (name.SequenceEqual(FieldNames.Usual)) return Set(DecimalText.TryParse(value, out long usual), Usual = usual);
        if (name.SequenceEqual(FieldNames.LastHandshake)) return Set(DecimalText.TryParse(value, out long handshake), LastHandshake = handshake);
        if (name.SequenceEqual(FieldNames.LastKeepalive)) return Set(DecimalText.TryParse(value, out long keepalive), LastKeepalive = keepalive);
        if (name.SequenceEqual(FieldNames.Source) || name.SequenceEqual(FieldNames.Destination))
            return Set(InternetAddress.TryParse(value, out var address), Address = address);
        if (name.SequenceEqual(FieldNames.Module)) IsAmnezia = value.SequenceEqual("amneziawg"u8);
        else if (name.SequenceEqual(FieldNames.ClaimedHost)) ClaimedHost = value;
        else if (name.SequenceEqual(FieldNames.OldName) || name.SequenceEqual(FieldNames.Version) || name.SequenceEqual(FieldNames.Text) || name.SequenceEqual(FieldNames.Reason)) Text = value;
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> value, out long number) => DecimalText.TryParse(value, out number);

    private static bool Set<T>(bool parsed, T _) => parsed;
}
