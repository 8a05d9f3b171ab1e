using Microsoft.AspNetCore.Http.HttpResults;
using WgMonitor.Api.Peers;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;

namespace WgMonitor.Api.History;

/// <summary>Peers at a past moment: the same answers as for now, with the status they had then.</summary>
internal static class PastPeers
{
    public static async Task<Page<PeerResponse>> ListAsync(HistoryReader history, long at, PageRequest page, PeerFilter filter, CancellationToken cancellationToken)
    {
        var moment = await history.ReadMomentAsync(at, filter.Host, cancellationToken);
        var items = new List<PeerResponse>();
        string? next = null;
        await foreach (var listed in moment.PeersAsync(page.After, cancellationToken))
        {
            if (filter.Host is not null && listed.Host.Host != filter.Host) continue;
            var response = PeerResponse.Of(listed, Asked(at));
            if (!filter.Wants(listed, response)) continue;
            if (items.Count == page.Limit)
            {
                next = PageRequest.CursorAfter(items[^1].Id);
                break;
            }
            items.Add(response);
        }
        return new(items, next) { Past = Past(moment, at) };
    }

    public static async Task<Results<Ok<PeerResponse>, ProblemHttpResult>> GetAsync(HistoryReader history, long at, PeerPath path, string id, CancellationToken cancellationToken)
    {
        var moment = await history.ReadMomentAsync(at, path.Host, cancellationToken);
        var past = Past(moment, at);
        if (await moment.ReadHostAsync(path.Host, cancellationToken) is { } host && host.Peers.TryGetValue(new PeerId(path.Epoch ?? host.Epoch.Number, path.Number), out var peer))
            return TypedResults.Ok(PeerResponse.Of(new ListedPeer(host, peer), Asked(at)) with { Past = past });
        var reach = past.Complete ? "" : past.KnownSince is { } since ? $"; what is kept begins at {since:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}" : "; nothing of that time is kept";
        return TypedResults.Problem($"no peer '{id}' was known at {past.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}{reach}", statusCode: StatusCodes.Status404NotFound);
    }

    private static PastResponse Past(Moment moment, long at) => PastResponse.Of(at, moment.IsComplete, moment.KnownSince);

    // The end of the millisecond, as for the entries that count.
    private static long Asked(long at) => at * 1_000 + 999;
}
