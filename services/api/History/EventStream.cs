using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Api.History;

/// <summary>
/// <c>GET /api/v1/events/stream</c>. Each reader reads the log for itself from its own position, a page at a time, and the next page only when the one before is
/// written: what waits for a reader is one page and the buffer of its connection, and where it broke off is all it takes to go on.
/// </summary>
/// <remarks>Written by hand: <c>TypedResults.ServerSentEvents</c> cannot tell a reader that stands still from one that is slow.</remarks>
internal static class EventStream
{
    private const int PageMax = 200;
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(15);

    public static async Task<IResult> RunAsync(
        HttpContext context, EventReader events, EventStreamClients clients, IOptions<JsonOptions> json, ApiOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!EventRequest.TryParseFilter(context.Request.Query, out var filter, out var epoch, out var problem)) return Bad(problem);
        if (epoch is not null) return Bad("peer must be host/number here: what is appended is of the running epoch");
        if (!TimeParameter.TryParse(context.Request.Query, "from", -1, out var since, ref problem)) return Bad(problem);
        var resumed = context.Request.Headers["Last-Event-ID"].ToString();
        var position = since < 0 ? await clients.EndAsync(TimeSpan.Zero, cancellationToken) : EventPosition.Before(events.Partitions, since);
        if (resumed.Length > 0 && !EventPosition.TryParse(resumed, events.Partitions, out position)) return Bad("Last-Event-ID is none that this stream gave out");
        if (!clients.TryEnter()) return TypedResults.Problem($"{options.StreamClientsMax} readers are connected already (api.stream_clients_max)", statusCode: StatusCodes.Status503ServiceUnavailable);
        try
        {
            await SendAsync(context, events, clients, position, filter, json.Value.SerializerOptions, options, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            clients.Leave();
        }
        return Results.Empty;
    }

    private static async Task SendAsync(
        HttpContext context, EventReader events, EventStreamClients clients, EventPosition position, EntryFilter filter, JsonSerializerOptions json, ApiOptions options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // We say ourselves when a reader is too slow, and count it.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;
        int? partition = filter.Host is { } host ? Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), events.Partitions) : null;
        var text = new StringBuilder(": the event log of WgMonitor\n\n");
        var spoken = time.GetTimestamp();
        while (true)
        {
            if (time.GetElapsedTime(spoken) >= HeartbeatInterval) text.Append(": nothing new\n\n");
            if (text.Length > 0)
            {
                await WriteAsync(context, text, clients, options.StreamStallMax, time, cancellationToken);
                spoken = time.GetTimestamp();
            }
            var end = await clients.EndAsync(options.StreamPollInterval, cancellationToken);
            if (!IsBehind(position, end, partition))
            {
                await Task.Delay(options.StreamPollInterval, time, cancellationToken);
                continue;
            }
            var page = await events.ReadAsync(position, StreamId.Max, partition, filter, PageMax, cancellationToken);
            if (!page.IsComplete) text.Append("event: gap\ndata: ").Append(JsonSerializer.Serialize(PastResponse.Of(time.GetUtcNow().ToUnixTimeMilliseconds(), false, page.KnownSince), json)).Append("\n\n");
            Append(text, position, page, json);
            position = page.IsEnd ? Passed(page.Position, end, partition) : page.Position;
        }
    }

    private static bool IsBehind(EventPosition position, EventPosition end, int? partition) =>
        Enumerable.Range(0, end.After.Count).Any(each => (partition is null || partition == each) && end.After[each] > position.After[each]);

    /// <summary>The log was read beyond this end: entries up to there that were not wanted are passed.</summary>
    private static EventPosition Passed(EventPosition position, EventPosition end, int? partition) =>
        new([.. position.After.Select((after, each) => (partition is null || partition == each) && end.After[each] > after ? end.After[each] : after)]);

    /// <summary>Each event with the position behind it, so that a reader can go on behind any of them.</summary>
    private static void Append(StringBuilder text, EventPosition before, EventPage page, JsonSerializerOptions json)
    {
        var after = before.After.ToArray();
        foreach (var logged in page.Events)
        {
            after[logged.Partition] = logged.Entry.Id;
            text.Append("id: ").Append(new EventPosition(after)).Append("\ndata: ").Append(JsonSerializer.Serialize(EventResponse.Of(logged), json)).Append("\n\n");
        }
    }

    /// <exception cref="OperationCanceledException">The reader took nothing for too long, or is gone.</exception>
    private static async Task WriteAsync(HttpContext context, StringBuilder text, EventStreamClients clients, TimeSpan stallMax, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stalled = new CancellationTokenSource(stallMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stalled.Token, cancellationToken);
        try
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), either.Token);
            await context.Response.Body.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (stalled.IsCancellationRequested)
        {
            // Asked here: the server takes a cancelled write for the end of the connection, and says that the reader is gone.
            clients.Dropped();
            throw;
        }
        text.Clear();
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Bad(string problem) => TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
}
