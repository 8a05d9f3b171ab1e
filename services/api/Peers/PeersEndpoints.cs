using Microsoft.AspNetCore.Http.HttpResults;
using WgMonitor.Api.History;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;

namespace WgMonitor.Api.Peers;

/// <summary><c>GET /api/v1/peers</c> and <c>GET /api/v1/peers/{id}</c>.</summary>
internal static class PeersEndpoints
{
    public static void MapPeers(this IEndpointRouteBuilder routes)
    {
        var peers = routes.MapGroup("").WithTags("Peers");
        peers.MapGet("/peers", ListAsync).WithName("ListPeers").WithSummary("Peers in order of their id, filtered by host, interface, status, name and ip; at a past moment with at.")
            .WithQuery("limit", "cursor", "host", "interface", "status", "name", "ip", "at");
        peers.MapGet("/peers/{**id}", GetAsync).WithName("GetPeer").WithSummary("One peer: host/epoch/number, or host/number for the host's running epoch.")
            .WithQuery("at");
    }

    private static async Task<Results<Ok<Page<PeerResponse>>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PeerDirectory directory, HistoryReader history, ApiOptions options, TimeProvider time, string? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (!PageRequest.TryParse(limit, cursor, options.PageMax, out var page, out var problem) || !PeerFilter.TryParse(request.Query, out var filter, out problem)
            || !TimeParameter.TryParse(request.Query, "at", -1, out var at, ref problem) || !TimeParameter.HasCome("at", at, time, ref problem))
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);

        if (at >= 0) return TypedResults.Ok(await PastPeers.ListAsync(history, at, page, filter, cancellationToken));
        var now = UnixMicroseconds.Now(time);
        var items = new List<PeerResponse>();
        var after = page.After;
        var more = true;
        while (more && items.Count < page.Limit)
        {
            var read = filter.Host is null
                ? await directory.ReadPageAsync(after, options.PageMax, cancellationToken)
                : await directory.ReadHostPageAsync(filter.Host, after, options.PageMax, cancellationToken);
            more = read.Next is not null;
            foreach (var listed in read.Peers)
            {
                var response = PeerResponse.Of(listed, now);
                if (!filter.Wants(listed, response)) continue;
                if (items.Count == page.Limit) return TypedResults.Ok(new Page<PeerResponse>(items, PageRequest.CursorAfter(items[^1].Id)));
                items.Add(response);
            }
            after = read.Next ?? after;
        }
        return TypedResults.Ok(new Page<PeerResponse>(items, more ? PageRequest.CursorAfter(after) : null));
    }

    private static async Task<Results<Ok<PeerResponse>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, PeerDirectory directory, HistoryReader history, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PeerPath.TryParse(id, out var path, out var problem)
            || !TimeParameter.TryParse(request.Query, "at", -1, out var at, ref problem) || !TimeParameter.HasCome("at", at, time, ref problem))
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        if (at >= 0) return await PastPeers.GetAsync(history, at, path, id, cancellationToken);

        if ((path.Epoch ?? (await directory.ReadHostAsync(path.Host, cancellationToken))?.Epoch.Number) is not { } epoch) return NotFound(id);
        var listed = await directory.ReadAsync(path.Host, new PeerId(epoch, path.Number), cancellationToken);
        return listed is null ? NotFound(id) : TypedResults.Ok(PeerResponse.Of(listed, UnixMicroseconds.Now(time)));
    }

    private static ProblemHttpResult NotFound(string id) => TypedResults.Problem($"no peer '{id}' is known", statusCode: StatusCodes.Status404NotFound);
}
