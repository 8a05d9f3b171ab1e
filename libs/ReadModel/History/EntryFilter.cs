using System.Text;
using WgMonitor.Events;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>Which entries of the log are wanted; null members want all. Entries are judged by their fields as they stand, so that those of newer writers count too.</summary>
/// <param name="Host">Host that printed the line.</param>
/// <param name="Peer">The kernel's number of the peer; only together with a host.</param>
/// <param name="Event">Name with version, or without for all versions.</param>
public sealed record EntryFilter(string? Host = null, ulong? Peer = null, string? Event = null)
{
    private readonly byte[]? host = Host is null ? null : Encoding.UTF8.GetBytes(Host);
    private readonly byte[]? peer = Peer is null ? null : Encoding.UTF8.GetBytes(Peer.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    private readonly byte[]? name = Event is null ? null : Encoding.UTF8.GetBytes(Event);

    /// <summary>Every entry is wanted.</summary>
    public bool IsAll => Host is null && Event is null;

    public bool Wants(StreamEntry entry)
    {
        var named = name is null;
        var hosted = host is null;
        var numbered = peer is null;
        foreach (var field in entry.Fields)
        {
            var key = field.Name.Span;
            if (!named && key.SequenceEqual(FieldNames.Event)) named = IsNamed(field.Value.Span);
            else if (!hosted && key.SequenceEqual(FieldNames.Host)) hosted = field.Value.Span.SequenceEqual(host);
            else if (!numbered && key.SequenceEqual(FieldNames.Peer)) numbered = field.Value.Span.SequenceEqual(peer);
        }
        return named && hosted && numbered;
    }

    // keepalive-received means every version of it.
    private bool IsNamed(ReadOnlySpan<byte> value) =>
        value.StartsWith(name) && (value.Length == name!.Length || (value.Length > name.Length + 1 && value[name.Length] == (byte)'.' && value[name.Length + 1] == (byte)'v'));
}
