using System.Collections;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace WgMonitor.Hosting;

/// <summary>
/// Runs one service, or several in one process: arguments → configuration → checks → one web application with the modules' types, the
/// operations endpoints and the modules' routes → until SIGTERM.
/// </summary>
public static class WgMonitorHost
{
    /// <summary>Everything accepted is drained within this time after SIGTERM; orchestrators kill at 30 s and later.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>Runs until SIGTERM or Ctrl-C. Returns 0, 1 for a failure, 78 for a wrong configuration with every mistake on standard error.</summary>
    public static Task<int> RunAsync(string[] args, params ServiceModule[] modules) =>
        RunAsync(args, ReadEnvironment(), Console.Error, modules, CancellationToken.None);

    /// <summary>The same with everything that belongs to the process as parameters, for embedding and tests.</summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args,
        IReadOnlyDictionary<string, string> environment,
        TextWriter error,
        IReadOnlyList<ServiceModule> modules,
        CancellationToken stop)
    {
        if (args.Count > 0 && args[0] == HealthProbe.Command) return await HealthProbe.RunAsync([.. args.Skip(1)], environment, Console.Out, error, modules);
        var arguments = ProcessArguments.Parse(args, environment);
        if (arguments.Help || arguments.Error is not null)
        {
            await error.WriteLineAsync(arguments.Error is null ? ProcessArguments.Usage : $"{arguments.Error}\n{ProcessArguments.Usage}");
            return arguments.Error is null ? 0 : 1;
        }

        try
        {
            await using var app = Build(ConfigurationDocument.Load(arguments.ConfigPath, environment), [.. modules]);
            return await RunAsync(app, error, [typeof(RedisRightsException), .. modules.SelectMany(module => module.ConfigurationFailures)], stop);
        }
        catch (ConfigurationException exception)
        {
            foreach (var problem in exception.Problems) await error.WriteLineAsync(problem.ToString());
            return ConfigurationException.ExitCode;
        }
    }

    /// <summary>The application, not started. Port 0 is allowed; <see cref="Listeners"/> in its services tells the bound ports after the start.</summary>
    /// <exception cref="ConfigurationException">Holds every mistake of the configuration.</exception>
    public static WebApplication Build(ConfigurationDocument document, params ServiceModule[] modules)
    {
        var options = BindAll(document, modules);
        var listeners = new Listeners(MetricsAddress(options, modules), HttpAddress(options, modules));

        // The empty builder reads no appsettings.json and no ASPNETCORE_ variables: the TOML file is the only configuration.
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "wgmonitor" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(listeners.Configure);
        builder.Services.AddRouting();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        ConsoleLogging.Configure(builder.Logging, document.Environment);
        RegisterShared(builder.Services, options, listeners, modules);
        foreach (var module in modules) module.Register(builder.Services, options);

        var app = builder.Build();
        app.UseMiddleware<OperationsEndpoints>();
        foreach (var module in modules) module.Map?.Invoke(app);

        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(WgMonitorHost).FullName!);
        foreach (var notice in document.Notices) logger.ConfigurationNotice(notice);
        var names = string.Join(", ", modules.Select(module => module.Name));
        app.Lifetime.ApplicationStarted.Register(() => logger.Started(names, listeners.Metrics, listeners.Http));
        return app;
    }

    /// <summary>What a process of these modules binds, and every mistake. Shared with <see cref="CheckConfig"/>, so that both see the same.</summary>
    internal static (BoundOptions Options, IReadOnlyList<ConfigurationProblem> Problems) TryBindAll(
        ConfigurationDocument document, IReadOnlyList<ServiceModule> modules)
    {
        OptionsSection[] always = [OptionsSection.Of<RedisOptions>("redis"), OptionsSection.Of<MetricsOptions>("metrics")];
        var (options, problems) = document.TryBind([.. always, .. modules.SelectMany(module => module.Sections)]);
        return ConsoleLogging.Check(document.Environment) is { } logLevel ? (options, [.. problems, logLevel]) : (options, problems);
    }

    /// <summary>Where a process of these modules serves metrics and health.</summary>
    internal static IPEndPoint OperationsAddress(BoundOptions options, IReadOnlyList<ServiceModule> modules) =>
        MetricsAddress(options, modules) ?? HttpAddress(options, modules)!;

    private static BoundOptions BindAll(ConfigurationDocument document, IReadOnlyList<ServiceModule> modules)
    {
        var (options, problems) = TryBindAll(document, modules);
        return problems.Count == 0 ? options : throw new ConfigurationException(problems);
    }

    private static void RegisterShared(IServiceCollection services, BoundOptions options, Listeners listeners, IReadOnlyList<ServiceModule> modules)
    {
        // Not the library's static registry: several hosts live in one test process.
        var registry = Metrics.NewCustomRegistry();
        DotNetStats.Register(registry);
        services.AddSingleton(registry);
        var metrics = Metrics.WithCustomRegistry(registry);
        ProductVersion.Register(metrics);
        services.AddSingleton(metrics);
        services.AddSingleton<MetricsScrape>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        options.Register(services);
        services.AddSingleton(listeners);
        services.AddHealthChecks();
        services.AddSingleton(new RedisClientName(modules is [var single] ? $"wgmonitor-{single.Name}" : "wgmonitor"));
        services.AddSingleton<RedisConnection>();
        services.AddSingleton(provider => provider.GetRequiredService<RedisConnection>().Multiplexer);
    }

    /// <summary>Null for a service that runs alone and serves its metrics on its own HTTP port.</summary>
    private static IPEndPoint? MetricsAddress(BoundOptions options, IReadOnlyList<ServiceModule> modules)
    {
        if (options.Get<MetricsOptions>().Address is { } given) return given;
        if (modules is not [var single]) return MetricsOptions.DefaultAddress;
        return single.DefaultMetricsAddress ?? (single.HttpAddress is null ? MetricsOptions.DefaultAddress : null);
    }

    private static IPEndPoint? HttpAddress(BoundOptions options, IReadOnlyList<ServiceModule> modules) =>
        modules.SingleOrDefault(module => module.HttpAddress is not null)?.HttpAddress?.Invoke(options);

    private static async Task<int> RunAsync(WebApplication app, TextWriter error, IReadOnlyList<Type> configurationFailures, CancellationToken stop)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(WgMonitorHost).FullName!);
        try
        {
            await app.StartAsync(stop);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await error.WriteLineAsync(exception.Message + " Another process listens there; stop it or choose another port.");
            return 1;
        }
        catch (OperationCanceledException)
        {
            // Told to stop, or stopped by a failing service, before everything was up.
            return await ReportFailureAsync(app, logger, error, configurationFailures);
        }

        try
        {
            await app.WaitForShutdownAsync(stop);
        }
        catch (Exception exception) when (exception is OperationCanceledException or AggregateException)
        {
            logger.ShutdownIncomplete(exception);
            return 1;
        }

        return await ReportFailureAsync(app, logger, error, configurationFailures);
    }

    /// <summary>A background service that threw stops the host, but the host then ends as if all were well; the exit code must tell.</summary>
    private static async Task<int> ReportFailureAsync(WebApplication app, ILogger logger, TextWriter error, IReadOnlyList<Type> configurationFailures)
    {
        var services = app.Services.GetServices<IHostedService>().OfType<BackgroundService>();
        var failed = services.Select(service => service.ExecuteTask?.Exception?.GetBaseException()).FirstOrDefault(exception => exception is not null);
        if (failed is null) return 0;
        if (configurationFailures.Contains(failed.GetType()))
        {
            await error.WriteLineAsync(failed.Message);
            return ConfigurationException.ExitCode;
        }
        logger.BackgroundServiceFailed(failed);
        return 1;
    }

    private static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => entry.Value as string ?? "");
}
