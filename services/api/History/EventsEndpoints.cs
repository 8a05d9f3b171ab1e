using Microsoft.AspNetCore.Http.HttpResults;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Api.History;

/// <summary><c>GET /api/v1/events</c>: the event log, oldest first.</summary>
internal static class EventsEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup("").WithTags("History");
        events.MapGet("/events", ListAsync).WithName("ListEvents").WithSummary("Entries of the event log, oldest first.")
            .WithQuery("limit", "cursor", "host", "peer", "event", "from", "to");
        events.MapGet("/events/stream", EventStream.RunAsync).WithName("StreamEvents")
            .WithSummary("Entries of the event log as they are appended, as server-sent events; Last-Event-ID goes on where a connection broke.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithQuery("host", "peer", "event", "from");
    }

    private static async Task<Results<Ok<Page<EventResponse>>, ProblemHttpResult>> ListAsync(
        HttpRequest request, EventReader events, RecordReader records, ApiOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!EventRequest.TryParse(request.Query, options, events.Partitions, time, out var asked, out var problem))
            return TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        if (asked.Epoch is not { } epoch) return await PageAsync(events, asked, (StreamId.Zero, HistoryReader.LastOf(asked.To), true), cancellationToken);
        return await PageAsync(events, asked, await records.ReadEpochAsync(asked.Filter.Host!, epoch, asked.Since, asked.To, cancellationToken), cancellationToken);
    }

    /// <param name="events">Reads the log.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="span">First and last position that count, the first zero for all, and whether these are known to be all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<Results<Ok<Page<EventResponse>>, ProblemHttpResult>> PageAsync(
        EventReader events, EventRequest asked, (StreamId First, StreamId Last, bool IsComplete) span, CancellationToken cancellationToken)
    {
        var (first, last, complete) = span;
        var from = asked.From ?? EventPosition.Before(events.Partitions, asked.Since);
        if (first != StreamId.Zero) from = new([.. from.After.Select(after => after < first ? first.Previous() : after)]);
        int? partition = asked.Filter.Host is { } host ? Partitioner.PartitionOf(System.Text.Encoding.UTF8.GetBytes(host), events.Partitions) : null;
        var end = last < HistoryReader.LastOf(asked.To) ? last : HistoryReader.LastOf(asked.To);
        var page = await events.ReadAsync(from, end, partition, asked.Filter, asked.Limit, cancellationToken);
        return TypedResults.Ok(new Page<EventResponse>([.. page.Events.Select(EventResponse.Of)], page.IsEnd ? null : PageRequest.CursorAfter($"{asked.To} {page.Position}"))
        {
            Past = PastResponse.Of(asked.To, complete && page.IsComplete, page.KnownSince),
        });
    }
}
