using Microsoft.AspNetCore.Http.HttpResults;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Api.Alerts;

/// <summary><c>GET /api/v1/alerts</c>, newest first, and <c>GET /api/v1/alerts/{id}</c>.</summary>
internal static class AlertsEndpoints
{
    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("").WithTags("Alerts");
        alerts.MapGet("/alerts", ListAsync).WithName("ListAlerts").WithSummary("Alerts and their deliveries, newest first.").WithQuery("limit", "cursor");
        alerts.MapGet("/alerts/{id}", GetAsync).WithName("GetAlert").WithSummary("One alert.").WithQuery();
    }

    private static async Task<Results<Ok<Page<AlertResponse>>, ProblemHttpResult>> ListAsync(
        AlertLog alerts, ApiOptions options, string? limit, string? cursor, CancellationToken cancellationToken)
    {
        if (!PageRequest.TryParse(limit, cursor, options.PageMax, out var page, out var problem) || !TryParsePosition(page.After, out var before, out problem))
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        var read = await alerts.ReadAsync(before, page.Limit, cancellationToken);
        var next = read.Next is { } position ? PageRequest.CursorAfter($"{position.Position}/{position.Partition}") : null;
        return TypedResults.Ok(new Page<AlertResponse>([.. read.Items.Select(AlertResponse.Of)], next));
    }

    private static bool TryParsePosition(string text, out AlertPosition position, out string problem)
    {
        position = AlertPosition.Newest;
        problem = "";
        if (text.Length == 0) return true;
        var parts = text.Split('/');
        if (parts.Length == 2 && StreamId.TryParse(parts[0], out var id) && int.TryParse(parts[1], out var partition))
        {
            position = new AlertPosition(id, partition);
            return true;
        }
        problem = "cursor is none that a page gave out";
        return false;
    }

    private static async Task<Results<Ok<AlertResponse>, ProblemHttpResult>> GetAsync(string id, AlertLog alerts, CancellationToken cancellationToken)
    {
        var history = await alerts.FindAsync(id, cancellationToken);
        return history is null
            ? TypedResults.Problem($"no alert '{id}' is known (any more)", statusCode: StatusCodes.Status404NotFound)
            : TypedResults.Ok(AlertResponse.Of(history));
    }
}
