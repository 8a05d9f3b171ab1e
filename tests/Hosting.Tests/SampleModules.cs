using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace WgMonitor.Hosting.Tests;

/// <summary>Small services with every kind of option, under the real section names.</summary>
internal static class SampleModules
{
    public static ServiceModule Collector { get; } = new("collector", [OptionsSection.Of<CollectorSample>("collector")], (_, _) => { })
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9998),
    };

    public static ServiceModule Notifier { get; } = new("notifier", [OptionsSection.Of<NotifierSample>("notifier"), OptionsSection.ListOf<PeerNameSample>("peers")], (_, _) => { })
    {
        DefaultMetricsAddress = new(IPAddress.Loopback, 9996),
    };

    public static ServiceModule Api { get; } = new("api", [OptionsSection.Of<ApiSample>("api")], (services, _) => services.AddHealthChecks())
    {
        HttpAddress = options => options.Get<ApiSample>().Address,
        Map = app => app.MapGet("/api/v1/hello", (ApiSample api) => TypedResults.Text("hello from " + api.Title)),
    };

    public static ServiceModule[] All { get; } = [Collector, Notifier, Api];
}

public enum ListenProtocol
{
    Udp,
    Tcp,
    Tls,
}

public enum RouteType
{
    Log,
    Webhook,
}

public sealed class CollectorSample
{
    [MinLength(1)]
    public List<ListenSample> Listen { get; set; } = [new()];

    public IReadOnlyList<string> Interfaces { get; set; } = [];

    public int[] Ports { get; set; } = [];

    [DurationRange("1ms", "10s")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    [SizeRange("1KiB", "1GiB")]
    public long BufferBytesMax { get; set; } = 64 << 20;

    [ByteSize]
    public int ReceiveBuffer { get; set; } = 4096;

    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Silence { get; set; } = TimeSpan.FromMinutes(5);

    [Range(0.0, 1.0)]
    public double SampleRatio { get; set; } = 1;

    public bool Strict { get; set; }

    public LimitsSample Limits { get; set; } = new();
}

public sealed class ListenSample
{
    public ListenProtocol Protocol { get; set; } = ListenProtocol.Udp;

    public IPEndPoint Address { get; set; } = new(IPAddress.Loopback, 9999);
}

public sealed class LimitsSample : IValidatableObject
{
    [Range(1, 1_000_000)]
    public int RateMax { get; set; } = 1000;

    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 2000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Burst < RateMax) yield return new($"must not be below rate_max, which is {RateMax}", [nameof(Burst)]);
    }
}

public sealed class NotifierSample : IOptionsRules
{
    public List<RouteSample> Route { get; set; } = [];

    public double? Factor { get; set; }

    public IEnumerable<OptionsProblem> Check()
    {
        foreach (var twice in Route.GroupBy(route => route.Name).Where(group => group.Count() > 1))
            yield return new("route", $"holds the name \"{twice.Key}\" {twice.Count()} times") { FollowsFrom = ["name"] };
        if (Factor > Route.Count) yield return new("factor", "must not be above the number of routes");
    }
}

public sealed class RouteSample : IOptionsRules
{
    [Required]
    public string? Name { get; set; }

    public RouteType Type { get; set; } = RouteType.Webhook;

    public Uri? Url { get; set; }

    public string Format { get; set; } = "standard";

    public bool AllowInsecure { get; set; }

    [Secret, MinLength(8)]
    public string? SigningKey { get; set; }

    public IEnumerable<OptionsProblem> Check()
    {
        if (Type == RouteType.Webhook && Url is null) yield return new("url", "is required for a webhook");
        if (Url is { Scheme: "http" } && !AllowInsecure) yield return new("url", "must be https", "Allow with allow_insecure = true");
    }
}

public sealed class PeerNameSample
{
    [Required]
    public string? PublicKey { get; set; }

    public string Name { get; set; } = "";
}

public sealed class ApiSample
{
    public IPEndPoint Address { get; set; } = new(IPAddress.Loopback, 8080);

    public string Title { get; set; } = "WgMonitor";
}
