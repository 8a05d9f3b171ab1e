using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace WgMonitor.Hosting;

/// <summary>One service as the host sees it. A process runs one of them or several; nothing in a module may depend on which.</summary>
/// <param name="Name">Lower-case word, e.g. <c>collector</c>: client name in Redis, name in logs.</param>
/// <param name="Sections">What it reads from the configuration. <c>[redis]</c> and <c>[metrics]</c> are always bound.</param>
/// <param name="Register">
/// Adds the service's own types; the bound options, <c>TimeProvider</c>, <c>CollectorRegistry</c>, <c>MetricFactory</c> and
/// <c>IConnectionMultiplexer</c> are there already.
/// </param>
public sealed record ServiceModule(string Name, IReadOnlyList<OptionsSection> Sections, Action<IServiceCollection, BoundOptions> Register)
{
    /// <summary>Metrics and health when it runs alone and <c>[metrics] address</c> is not set; null means its own HTTP port.</summary>
    public IPEndPoint? DefaultMetricsAddress { get; init; }

    /// <summary>Where its HTTP routes are served; null when it has none.</summary>
    public Func<BoundOptions, IPEndPoint>? HttpAddress { get; init; }

    /// <summary>Adds its middleware and routes. They are reachable on <see cref="HttpAddress"/> only.</summary>
    public Action<WebApplication>? Map { get; init; }

    /// <summary>Exceptions that say, in a sentence, that the configuration does not fit what is there: the process ends with 78 and prints it.</summary>
    public IReadOnlyList<Type> ConfigurationFailures { get; init; } = [];
}
