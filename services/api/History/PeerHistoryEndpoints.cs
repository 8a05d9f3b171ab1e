using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;

namespace WgMonitor.Api.History;

/// <summary><c>GET /api/v1/peers/{id}/events</c>, <c>/endpoints</c> and <c>/sessions</c>, and <c>GET /api/v1/endpoints?ip=</c>: who used an address.</summary>
internal static class PeerHistoryEndpoints
{
    private static readonly string[] IdParts = ["host", "epoch", "number"];
    private static readonly string[] Unencoded = ["/peers/{host}/{number}", "/peers/{host}/{epoch}/{number}"];

    public static void MapPeerHistory(this IEndpointRouteBuilder routes)
    {
        var history = routes.MapGroup("").WithTags("History");
        MapOfPeer(history, "events", PeerEventsAsync, "ListPeerEvents", "Entries of the log about a peer, oldest first.", "limit", "cursor", "from", "to", "event");
        MapOfPeer(history, "endpoints", EndpointsAsync, "ListPeerEndpoints", "Where a peer was, oldest first, as known at to.", "limit", "cursor", "from", "to");
        MapOfPeer(history, "sessions", SessionsAsync, "ListPeerSessions", "Sessions of a peer, oldest first, as known at to.", "limit", "cursor", "from", "to");
        history.MapGet("/endpoints", UsersAsync).WithName("ListEndpoints").WithSummary("Which peers were at an address between two moments, oldest first, as known at to.")
            .WithQuery("limit", "cursor", "ip", "from", "to");
    }

    /// <summary>With the id as one encoded segment, as the document has it, and with its slashes as they are.</summary>
    private static void MapOfPeer(IEndpointRouteBuilder routes, string what, Delegate handler, string name, string summary, params string[] query)
    {
        routes.MapGet($"/peers/{{id}}/{what}", handler).WithName(name).WithSummary(summary).WithQuery(query).AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Insert(0, new OpenApiParameter
            {
                Name = "id",
                In = ParameterLocation.Path,
                Required = true,
                Description = "host/epoch/number, or host/number for the host's running epoch; slashes may be encoded",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
            return Task.CompletedTask;
        });
        foreach (var pattern in Unencoded) routes.MapGet($"{pattern}/{what}", handler).WithQuery(query).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<Page<EventResponse>>, ProblemHttpResult>> PeerEventsAsync(
        HttpRequest request, PeerDirectory directory, RecordReader records, EventReader events, ApiOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!EventRequest.TryParse(request.Query, options, events.Partitions, time, out var asked, out var problem)) return Bad(problem);
        var (peer, refused) = await FindAsync(request, directory, cancellationToken);
        if (peer is not { } id) return refused!;
        var span = await records.ReadEpochAsync(id.Host, id.Epoch!.Value, asked.Since, asked.To, cancellationToken);
        var filter = new EntryFilter(id.Host, id.Number, asked.Filter.Event);
        return await EventsEndpoints.PageAsync(events, asked with { Filter = filter }, span, cancellationToken);
    }

    private static Task<Results<Ok<Page<EndpointStayResponse>>, ProblemHttpResult>> EndpointsAsync(
        HttpRequest request, PeerDirectory directory, RecordReader records, ApiOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        RecordsAsync(request, directory, options, time, records.ReadEndpointsAsync, EndpointStayResponse.Of, cancellationToken);

    private static Task<Results<Ok<Page<SessionResponse>>, ProblemHttpResult>> SessionsAsync(
        HttpRequest request, PeerDirectory directory, RecordReader records, ApiOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        RecordsAsync(request, directory, options, time, records.ReadSessionsAsync, SessionResponse.Of, cancellationToken);

    /// <summary>Records of the peer of the path, of one kind.</summary>
    private static async Task<Results<Ok<Page<TResponse>>, ProblemHttpResult>> RecordsAsync<TRecord, TResponse>(
        HttpRequest request, PeerDirectory directory, ApiOptions options, TimeProvider time,
        Func<string, PeerId, long, long, CancellationToken, Task<FoundRecords<TRecord>>> read, Func<TRecord, TResponse> respond, CancellationToken cancellationToken)
        where TRecord : HistoryRecord
    {
        if (!TryParse(request, options, time, out var page, out var from, out var to, out var problem)) return Bad(problem);
        var (peer, refused) = await FindAsync(request, directory, cancellationToken);
        if (peer is not { } id) return refused!;
        var found = await read(id.Host, new PeerId(id.Epoch!.Value, id.Number), from, to, cancellationToken);
        if (found.Records.Count == 0 && await directory.ReadAsync(id.Host, new PeerId(id.Epoch.Value, id.Number), cancellationToken) is null) return NotFound(id);
        return TypedResults.Ok(PageOf(found, page, to, respond));
    }

    private static async Task<Results<Ok<Page<EndpointStayResponse>>, ProblemHttpResult>> UsersAsync(
        HttpRequest request, RecordReader records, ApiOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!TryParse(request, options, time, out var page, out var from, out var to, out var problem)) return Bad(problem);
        var ip = request.Query["ip"].ToString();
        if (!InternetAddress.TryParse(System.Text.Encoding.UTF8.GetBytes(ip), out var address)) return Bad($"ip must be an IPv4 or IPv6 address, not '{ip}'");
        return TypedResults.Ok(PageOf(await records.ReadUsersAsync(address, from, to, cancellationToken), page, to, EndpointStayResponse.Of));
    }

    private static bool TryParse(HttpRequest request, ApiOptions options, TimeProvider time, out PageRequest page, out long from, out long to, out string problem)
    {
        (from, to) = (0, 0);
        if (!PageRequest.TryParse(request.Query["limit"].FirstOrDefault(), request.Query["cursor"].FirstOrDefault(), options.PageMax, out page, out problem)) return false;
        if (!TimeParameter.TryParseRange(request.Query, time, out from, out to, ref problem)) return false;
        // The cursor keeps the moment of the first page, so that the pages are parts of one answer.
        var words = page.After.Split(' ');
        if (page.After.Length == 0) return true;
        if (words.Length == 2 && long.TryParse(words[0], out var asked) && int.TryParse(words[1], out var passed) && asked >= from && passed >= 0 && TimeParameter.HasCome("cursor", asked, time, ref problem))
        {
            (to, page) = (asked, page with { After = words[1] });
            return true;
        }
        problem = "cursor is none that a page gave out";
        return false;
    }

    private static Page<TResponse> PageOf<TRecord, TResponse>(FoundRecords<TRecord> found, PageRequest page, long to, Func<TRecord, TResponse> respond) where TRecord : HistoryRecord
    {
        var passed = page.After.Length == 0 ? 0 : int.Parse(page.After, System.Globalization.CultureInfo.InvariantCulture);
        var items = found.Records.Skip(passed).Take(page.Limit).Select(respond).ToList();
        var next = passed + items.Count < found.Records.Count ? PageRequest.CursorAfter($"{to} {passed + items.Count}") : null;
        return new(items, next) { Past = PastResponse.Of(to, found.IsComplete, found.KnownSince) };
    }

    /// <summary>The peer of the path with its epoch, or why there is none.</summary>
    private static async Task<(PeerPath? Peer, ProblemHttpResult? Refused)> FindAsync(HttpRequest request, PeerDirectory directory, CancellationToken cancellationToken)
    {
        var values = request.RouteValues;
        var text = values.TryGetValue("id", out var id) ? $"{id}" : string.Join('/', IdParts.Where(values.ContainsKey).Select(name => $"{values[name]}"));
        if (!PeerPath.TryParse(text, out var path, out var problem)) return (null, Bad(problem));
        if (path.Epoch is not null) return (path, null);
        var epoch = (await directory.ReadHostAsync(path.Host, cancellationToken))?.Epoch.Number;
        return epoch is null ? (null, NotFound(path)) : (path with { Epoch = epoch }, null);
    }

    private static ProblemHttpResult Bad(string problem) => TypedResults.Problem(problem, statusCode: StatusCodes.Status400BadRequest);

    private static ProblemHttpResult NotFound(PeerPath peer) =>
        TypedResults.Problem($"no peer '{peer.Host}/{(peer.Epoch is { } epoch ? $"{epoch}/" : "")}{peer.Number}' is known", statusCode: StatusCodes.Status404NotFound);
}
