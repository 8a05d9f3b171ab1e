using Microsoft.AspNetCore.Http.HttpResults;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Peers;

/// <summary><c>GET /api/v1/peers</c> and <c>GET /api/v1/peers/{id}</c>.</summary>
internal static class PeersEndpoints
{
    public static void MapPeers(this IEndpointRouteBuilder routes)
    {
        var peers = routes.MapGroup("").WithTags("Peers");
        peers.MapGet("/peers", ListAsync).WithName("ListPeers").WithSummary("Peers in order of their id, filtered by host, interface, status, name and ip.")
            .WithQuery("limit", "cursor", "host", "interface", "status", "name", "ip");
        peers.MapGet("/peers/{**id}", GetAsync).WithName("GetPeer").WithSummary("One peer: host/epoch/number, or host/number for the host's running epoch.")
            .WithQuery();
    }

    private static async Task<Results<Ok<Page<PeerResponse>>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PeerDirectory directory, ApiOptions options, TimeProvider time, string? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (!PageRequest.TryParse(limit, cursor, options.PageMax, out var page, out var problem) || !PeerFilter.TryParse(request.Query, out var filter, out problem))
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);

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
        string id, PeerDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var parts = Uri.UnescapeDataString(id).Split('/');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || !ulong.TryParse(parts[^1], out var number))
            return TypedResults.Problem($"'{id}' is no peer id: host/epoch/number or host/number", statusCode: StatusCodes.Status400BadRequest);

        var host = parts[0].ToLowerInvariant();
        var epoch = 0;
        if (parts.Length == 3 ? !int.TryParse(parts[1], out epoch) : (epoch = (await directory.ReadHostAsync(host, cancellationToken))?.Epoch.Number ?? 0) == 0)
            return NotFound(id);
        var listed = await directory.ReadAsync(host, new PeerId(epoch, number), cancellationToken);
        return listed is null ? NotFound(id) : TypedResults.Ok(PeerResponse.Of(listed, UnixMicroseconds.Now(time)));
    }

    private static ProblemHttpResult NotFound(string id) => TypedResults.Problem($"no peer '{id}' is known", statusCode: StatusCodes.Status404NotFound);
}
