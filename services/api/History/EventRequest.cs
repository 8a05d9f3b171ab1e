using System.Globalization;
using WgMonitor.ReadModel.History;

namespace WgMonitor.Api.History;

/// <summary>What a request for entries of the log asks for.</summary>
/// <param name="Filter">Which entries.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="From">Where to begin; null for a first page, which begins at <paramref name="Since"/>.</param>
/// <param name="Since">Unix milliseconds; 0 for the oldest entry.</param>
/// <param name="To">Unix milliseconds; later entries are left out.</param>
/// <param name="Epoch">Epoch of the peer asked for; null when not given.</param>
internal sealed record EventRequest(EntryFilter Filter, int Limit, EventPosition? From, long Since, long To, int? Epoch)
{
    public static bool TryParse(IQueryCollection query, ApiOptions options, int partitions, TimeProvider time, out EventRequest request, out string problem)
    {
        request = new(new EntryFilter(), 0, null, 0, 0, null);
        if (!PageRequest.TryParse(query["limit"].FirstOrDefault(), query["cursor"].FirstOrDefault(), options.PageMax, out var page, out problem)) return false;
        if (!TimeParameter.TryParseRange(query, time, out var since, out var to, ref problem) || !TryParseFilter(query, out var filter, out var epoch, out problem)) return false;
        EventPosition? from = null;
        if (page.After.Length > 0)
        {
            // The moment of the first page stands before the position: all pages end there, however long somebody reads.
            var words = page.After.Split(' ');
            if (words.Length != 2 || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out to)
                || !EventPosition.TryParse(words[1], partitions, out from) || !TimeParameter.HasCome("cursor", to, time, ref problem))
            {
                problem = "cursor is none that a page gave out";
                return false;
            }
        }
        request = new(filter, page.Limit, from, since, to, epoch);
        return true;
    }

    /// <summary><c>host</c>, <c>peer</c> and <c>event</c>.</summary>
    public static bool TryParseFilter(IQueryCollection query, out EntryFilter filter, out int? epoch, out string problem)
    {
        (filter, epoch, problem) = (new EntryFilter(), null, "");
        var host = query["host"].FirstOrDefault()?.ToLowerInvariant();
        var name = query["event"].FirstOrDefault();
        ulong? number = null;
        if (name is "" or { Length: > 64 }) problem = "event must be the name of an event, such as keepalive-received or keepalive-received.v1";
        if (host is "") problem = "host must be the name of a host";
        if (query["peer"].FirstOrDefault() is { } text)
        {
            if (!PeerPath.TryParse(text, out var peer, out problem)) return false;
            if (host is not null && host != peer.Host) problem = $"peer '{text}' is none of host '{host}'";
            (host, number, epoch) = (peer.Host, peer.Number, peer.Epoch);
        }
        filter = new EntryFilter(host, number, name);
        return problem.Length == 0;
    }
}
