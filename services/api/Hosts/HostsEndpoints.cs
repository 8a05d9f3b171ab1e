using Microsoft.AspNetCore.Http.HttpResults;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Hosts;

/// <summary><c>GET /api/v1/hosts</c> and <c>GET /api/v1/hosts/{host}</c>.</summary>
internal static class HostsEndpoints
{
    public static void MapHosts(this IEndpointRouteBuilder routes)
    {
        var hosts = routes.MapGroup("").WithTags("Hosts");
        hosts.MapGet("/hosts", ListAsync).WithName("ListHosts").WithSummary("Hosts that sent lines, in order of their name.").WithQuery("limit", "cursor");
        hosts.MapGet("/hosts/{host}", GetAsync).WithName("GetHost").WithSummary("One host.").WithQuery();
    }

    private static async Task<Results<Ok<Page<HostResponse>>, ProblemHttpResult>> ListAsync(
        PeerDirectory directory, ApiOptions options, string? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (!PageRequest.TryParse(limit, cursor, options.PageMax, out var page, out var problem))
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        var names = await directory.ReadHostNamesAsync(page.After, page.Limit, cancellationToken);
        var items = new List<HostResponse>(names.Count);
        foreach (var name in names)
        {
            if (await directory.ReadHostAsync(name, cancellationToken) is { } host) items.Add(HostResponse.Of(host));
        }
        return TypedResults.Ok(new Page<HostResponse>(items, names.Count == page.Limit ? PageRequest.CursorAfter(names[^1]) : null));
    }

    private static async Task<Results<Ok<HostResponse>, ProblemHttpResult>> GetAsync(string host, PeerDirectory directory, CancellationToken cancellationToken)
    {
        var state = await directory.ReadHostAsync(host.ToLowerInvariant(), cancellationToken);
        return state is null
            ? TypedResults.Problem($"no line of a host '{host}' was seen", statusCode: StatusCodes.Status404NotFound)
            : TypedResults.Ok(HostResponse.Of(state, withGaps: true));
    }
}
