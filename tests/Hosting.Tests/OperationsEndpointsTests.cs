using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus;
using Xunit;

namespace WgMonitor.Hosting.Tests;

public class OperationsEndpointsTests
{
    private const string FreePorts = """
        [metrics]
        address = "127.0.0.1:0"
        [api]
        address = "127.0.0.1:0"
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_alone_serves_health_and_metrics_on_its_metrics_port()
    {
        await using var host = await TestHost.StartAsync(FreePorts, SampleModules.Collector);
        host.Services.GetRequiredService<MetricFactory>().CreateCounter("wgmonitor_sample_lines_total", "Lines.").Inc(3);

        Assert.Equal("ok\n", await host.Metrics.GetStringAsync("/healthz", Token));
        Assert.Equal("ok\n", await host.Metrics.GetStringAsync("/livez", Token));
        Assert.Equal("""{"status":"ready","checks":[]}""", await host.Metrics.GetStringAsync("/readyz", Token));
        using var metrics = await host.Metrics.GetAsync("/metrics", Token);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", metrics.Content.Headers.ContentType!.ToString());
        var text = await metrics.Content.ReadAsStringAsync(Token);
        Assert.Contains("\nwgmonitor_sample_lines_total 3\n", text);
        Assert.Contains("\nprocess_cpu_seconds_total ", text);
    }

    [Fact]
    public async Task Two_hosts_in_one_process_have_separate_metrics()
    {
        await using var first = await TestHost.StartAsync(FreePorts, SampleModules.Collector);
        await using var second = await TestHost.StartAsync(FreePorts, SampleModules.Notifier);

        first.Services.GetRequiredService<MetricFactory>().CreateCounter("wgmonitor_only_here_total", "Lines.").Inc();

        Assert.Contains("wgmonitor_only_here_total", await first.Metrics.GetStringAsync("/metrics", Token));
        Assert.DoesNotContain("wgmonitor_only_here_total", await second.Metrics.GetStringAsync("/metrics", Token));
    }

    [Fact]
    public async Task Routes_and_operations_do_not_leak_to_the_other_port()
    {
        await using var host = await TestHost.StartAsync(FreePorts, SampleModules.All);

        Assert.Equal("hello from WgMonitor", await host.Http.GetStringAsync("/api/v1/hello", Token));
        foreach (var path in new[] { "/healthz", "/livez", "/readyz", "/metrics", "/" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusOf(host.Http, path));
        foreach (var path in new[] { "/api/v1/hello", "/", "/healthz/x" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusOf(host.Metrics, path));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(host.Metrics, "/healthz"));
    }

    [Fact]
    public async Task An_api_alone_serves_routes_and_operations_on_its_one_port()
    {
        await using var host = await TestHost.StartAsync("[api]\naddress = \"127.0.0.1:0\"\n", SampleModules.Api);

        Assert.Equal(host.Http.BaseAddress, host.Metrics.BaseAddress);
        Assert.Equal(HttpStatusCode.OK, await StatusOf(host.Http, "/api/v1/hello"));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(host.Http, "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(host.Http, "/readyz"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusOf(host.Http, "/elsewhere"));
    }

    [Fact]
    public async Task Readiness_lists_the_checks_and_answers_503_when_one_fails()
    {
        var module = new ServiceModule("sample", [], (services, _) => services.AddHealthChecks()
            .AddCheck("leases", () => HealthCheckResult.Unhealthy("holds 0 of 8 partitions"))
            .AddCheck("spool", () => HealthCheckResult.Degraded("80 % full")));
        await using var host = await TestHost.StartAsync(FreePorts, module);

        using var answer = await host.Metrics.GetAsync("/readyz", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(
            """{"status":"not_ready","checks":[{"name":"leases","status":"unhealthy","detail":"holds 0 of 8 partitions"},{"name":"spool","status":"degraded","detail":"80 % full"}]}""",
            await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(host.Metrics, "/healthz"));
    }

    [Fact]
    public async Task Without_redis_the_process_lives_but_is_not_ready()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var toml = $"{FreePorts}\n[redis]\nport = {((IPEndPoint)silent.LocalEndpoint).Port}\nconnect_timeout = \"100ms\"\ncommand_timeout = \"100ms\"\n";
        await using var host = await TestHost.StartAsync(toml, new ServiceModule("sample", [], (services, _) => services.AddRedisReadiness().AddRedisReadiness()));

        Assert.Equal(HttpStatusCode.OK, await StatusOf(host.Metrics, "/healthz"));
        using var answer = await host.Metrics.GetAsync("/readyz", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(
            """{"status":"not_ready","checks":[{"name":"redis","status":"unhealthy","detail":"Redis does not answer"}]}""",
            await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains("\nwgmonitor_redis_connection_failures_total ", await host.Metrics.GetStringAsync("/metrics", Token));
    }

    [Fact]
    public async Task A_scrape_that_cannot_be_answered_fails_instead_of_showing_old_values()
    {
        var module = new ServiceModule("sample", [], (services, _) => services.AddSingleton(new BeforeScrape(_ => throw new ScrapeFailedException("Redis does not answer."))));
        await using var host = await TestHost.StartAsync(FreePorts, module);

        using var answer = await host.Metrics.GetAsync("/metrics", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("Redis does not answer.\n", await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>What two series say belongs together, whoever else asks meanwhile.</summary>
    [Fact]
    public async Task A_scrape_shows_one_moment_although_others_scrape_too()
    {
        const int Series = 3000;
        await using var host = await TestHost.StartAsync(FreePorts, SampleModules.Collector);
        var gauge = host.Services.GetRequiredService<MetricFactory>().CreateGauge("wgmonitor_sample_moment", "Of the scrape.", ["number"]);
        var scrapes = 0;
        host.Services.GetRequiredService<CollectorRegistry>().AddBeforeCollectCallback(() =>
        {
            var moment = Interlocked.Increment(ref scrapes);
            for (var number = 0; number < Series; number++) gauge.WithLabels($"{number}").Set(moment);
        });

        var seen = new System.Collections.Concurrent.ConcurrentBag<int>();
        await Parallel.ForAsync(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, async (_, cancel) =>
        {
            var text = await host.Metrics.GetStringAsync("/metrics", cancel);
            var values = text.Split('\n').Where(line => line.StartsWith("wgmonitor_sample_moment{", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).ToList();
            Assert.Equal(Series, values.Count);
            seen.Add(values.Distinct().Count());
        });

        Assert.All(seen, moments => Assert.Equal(1, moments));
    }

    [Fact]
    public async Task Operations_answer_only_to_reads()
    {
        await using var host = await TestHost.StartAsync(FreePorts, SampleModules.Collector);

        using var posted = await host.Metrics.PostAsync("/metrics", null, Token);
        using var head = await host.Metrics.SendAsync(new(HttpMethod.Head, "/healthz"), Token);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    private static async Task<HttpStatusCode> StatusOf(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Token);
        return answer.StatusCode;
    }
}
