using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using StackExchange.Redis;
using WgMonitor.Api.Alerts;
using WgMonitor.Api.History;
using WgMonitor.Api.Hosts;
using WgMonitor.Api.Metrics;
using WgMonitor.Api.Peers;
using WgMonitor.Api.Status;
using WgMonitor.Archive;
using WgMonitor.Hosting;
using WgMonitor.ReadModel;
using WgMonitor.ReadModel.History;
using WgMonitor.Streams;

namespace WgMonitor.Api;

/// <summary>The API as a module of a process: reads what the projector and the notifier wrote, writes nothing.</summary>
public static class ApiRegistration
{
    public static ServiceModule Module { get; } = new(
        "api",
        [
            OptionsSection.Of<StreamOptions>(StreamOptions.Section), OptionsSection.Of<StateOptions>(StateOptions.Section), OptionsSection.Of<HistoryOptions>(HistoryOptions.Section),
            OptionsSection.Of<ArchiveOptions>(ArchiveOptions.Section), OptionsSection.Of<ApiOptions>("api"),
        ],
        (services, options) => services
            .AddEventStream()
            .AddRedisReadiness()
            .AddRedisRights(Rights(new StreamKeys(options.Get<StreamOptions>().Prefix)))
            .AddSingleton<StateGenerations>()
            .AddSingleton<UnreadableKeys>()
            .AddSingleton(provider => new PeerDirectory(
                provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<StateGenerations>(), provider.GetRequiredService<StreamOptions>().Partitions,
                provider.GetRequiredService<UnreadableKeys>().Met))
            .AddSingleton(provider => new AlertLog(
                provider.GetRequiredService<IConnectionMultiplexer>(), new AlertKeys(provider.GetRequiredService<StreamKeys>()),
                provider.GetRequiredService<StreamOptions>().Partitions))
            .AddSingleton(provider => new CollectorStatusStore(
                provider.GetRequiredService<IConnectionMultiplexer>(), new CollectorKeys(provider.GetRequiredService<StreamKeys>())))
            .AddSingleton<ArchiveWarnings>()
            .AddSingleton(EntriesOfThePast)
            .AddSingleton(provider => new PointReader(
                provider.GetRequiredService<IConnectionMultiplexer>(), new HistoryKeys(provider.GetRequiredService<StreamKeys>()), provider.GetRequiredService<UnreadableKeys>().Met))
            .AddSingleton(provider => new HistoryReader(
                provider.GetRequiredService<PointReader>(), provider.GetRequiredService<IEventHistory>(),
                new PassedEntries(provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<StreamKeys>(), ConsumerGroups.Projector),
                provider.GetRequiredService<HistoryOptions>(), provider.GetRequiredService<StateOptions>(), provider.GetRequiredService<StreamOptions>().Partitions))
            .AddSingleton(provider => new EventReader(
                provider.GetRequiredService<PointReader>(), provider.GetRequiredService<IEventHistory>(), provider.GetRequiredService<HistoryOptions>(),
                provider.GetRequiredService<StreamOptions>().Partitions))
            .AddSingleton<RecordReader>()
            .AddSingleton<EventStreamClients>()
            .AddSingleton<RedisWarnings>()
            .AddSingleton<RetentionWarnings>()
            .AddSingleton<HistoryWarnings>()
            .AddSingleton<ArchiveFailureWarnings>()
            .AddSingleton(provider => new ParkedWarnings(
                new ParkedLog(provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<StreamKeys>(), ConsumerGroups.All),
                provider.GetRequiredService<StreamOptions>().Partitions))
            .AddSingleton<PeerSamples>()
            .AddSingleton<PeerSeries>()
            .AddSingleton<GroupSeries>()
            .AddSingleton(provider => new BeforeScrape(provider.GetRequiredService<PeerSeries>().ReadAsync))
            .AddSingleton(provider => new BeforeScrape(provider.GetRequiredService<GroupSeries>().ReadAsync))
            .AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
            {
                if (IsAnswer(context.Exception)) context.ProblemDetails.Detail = context.Exception!.Message;
            })
            .AddOpenApi(openApi => openApi.AddDocumentTransformer((document, _, _) =>
            {
                (document.Info.Title, document.Info.Version) = ("WgMonitor API", ProductVersion.Text);
                return Task.CompletedTask;
            }))
            .ConfigureHttpJsonOptions(json =>
            {
                json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                // Names come from strangers: markup stays escaped even where somebody takes an answer for a page. Letters of all languages stay as they are.
                json.SerializerOptions.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
                json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
            }))
    {
        HttpAddress = options => options.Get<ApiOptions>().Address,
        Map = Map,
    };

    private static IEventHistory EntriesOfThePast(IServiceProvider provider) => provider.GetRequiredService<ArchiveOptions>() is { IsOn: true } archive
        ? new ArchivedHistory(
            archive.Directory!, provider.GetRequiredService<ArchiveWarnings>().Damage, provider.GetRequiredService<LogReader>(), provider.GetRequiredService<LogExtentReader>())
        : new LogHistory(provider.GetRequiredService<LogReader>());

    // It writes nothing, and may have a user of its own that cannot.
    private static IReadOnlyList<string[]> Rights(StreamKeys keys)
    {
        var (key, events) = (keys.InPartition(0, "key"), keys.Events(0));
        return
        [
            ["INFO"], ["TIME"], ["GET", key], ["EXISTS", key], ["HGET", key, "f"], ["HMGET", key, "f"], ["HGETALL", key], ["ZRANGEBYLEX", key, "-", "+"], ["ZREVRANGE", key, "0", "1"], ["ZRANGE", key, "0", "1"],
            ["XRANGE", events, "-", "+"], ["XREVRANGE", events, "+", "-"], ["XINFO", "STREAM", events], ["XINFO", "GROUPS", events],
        ];
    }

    private static bool IsAnswer(Exception? exception) => exception is HistoryBehindException or ArchiveBusyException;

    private static void Map(WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // Told to who asked; nothing is wrong here.
            SuppressDiagnosticsCallback = context => IsAnswer(context.Exception),
            StatusCodeSelector = exception => IsAnswer(exception) || RedisAway.Is(exception) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages();
        // Its series are there before the first reader is.
        app.Services.GetRequiredService<EventStreamClients>();
        var v1 = app.MapGroup("/api/v1");
        v1.MapPeers();
        v1.MapPeerHistory();
        v1.MapEvents();
        v1.MapHosts();
        v1.MapAlerts();
        v1.MapStatus();
        app.MapOpenApi();
        ApiReference.Map(app);
    }
}
