using Microsoft.Extensions.DependencyInjection;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Hosting.Tests;

public class BindingTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("10m", 600_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("0s", 0)]
    public void Durations_are_a_number_and_a_unit(string text, long milliseconds)
    {
        var options = ConfigurationDocument.Parse($"[durations]\nwait = \"{text}\"").Bind([OptionsSection.Of<Durations>("durations")]);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), options.Get<Durations>().Wait);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("1h30m")]
    [InlineData("٣s")]
    [InlineData("99999999999999d")]
    [InlineData("99999999999999999999s")]
    public void Anything_else_is_no_duration(string text)
    {
        var document = ConfigurationDocument.Parse($"[durations]\nwait = \"{text}\"");

        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => document.Bind([OptionsSection.Of<Durations>("durations")])).Problems);

        Assert.Equal($"config.toml:2:8 durations.wait: must be a duration like \"250ms\", \"30s\", \"10m\", \"24h\" or \"7d\" (got \"{text}\").", problem.ToString());
    }

    [Fact]
    public void Values_reach_the_options_class_with_their_types()
    {
        var options = ConfigurationDocument.Load(Path.Combine(AppContext.BaseDirectory, "Config", "everything.toml"), new Dictionary<string, string>())
            .Bind(SampleModules.All.SelectMany(module => module.Sections).Prepend(OptionsSection.Of<RedisOptions>("redis")));

        var collector = options.Get<CollectorSample>();
        Assert.Equal(TimeSpan.FromMilliseconds(250), collector.FlushInterval);
        Assert.Equal(8192, collector.BufferBytesMax);
        Assert.Equal(["wg0", "wg1"], collector.Interfaces);
        Assert.Equal([1, 2], collector.Ports);
        Assert.Equal([(ListenProtocol.Tcp, "[::1]:9999"), (ListenProtocol.Udp, "127.0.0.1:0")], collector.Listen.Select(listen => (listen.Protocol, listen.Address.ToString())));
        Assert.Equal(3000, collector.Limits.Burst);
        var route = Assert.Single(options.Get<NotifierSample>().Route);
        Assert.Equal(new Uri("https://hooks.example/wg"), route.Url);
        Assert.Equal("from-a-file", route.SigningKey);
        Assert.Equal("Anna's phone", Assert.Single(options.Get<IReadOnlyList<PeerNameSample>>()).Name);
        Assert.Equal("config.toml:1:1", new Origin("config.toml", 1, 1).ToString());
    }

    [Fact]
    public async Task Bound_options_are_registered_by_their_type()
    {
        await using var app = WgMonitorHost.Build(ConfigurationDocument.Parse("[[peers]]\npublic_key = \"k\"\n[api]\ntitle = \"x\"\n"), SampleModules.All);

        Assert.Equal("x", app.Services.GetRequiredService<ApiSample>().Title);
        Assert.Equal("k", Assert.Single(app.Services.GetRequiredService<IReadOnlyList<PeerNameSample>>()).PublicKey);
        Assert.Same(TimeProvider.System, app.Services.GetRequiredService<TimeProvider>());
        Assert.Equal("wgmonitor", app.Services.GetRequiredService<RedisClientName>().Value);
    }

    [Fact]
    public void The_default_metrics_port_depends_on_what_the_process_runs()
    {
        Assert.Equal(9998, MetricsPort(SampleModules.Collector));
        Assert.Equal(9996, MetricsPort(SampleModules.Notifier));
        Assert.Equal(8080, MetricsPort(SampleModules.Api));
        Assert.Equal(9998, MetricsPort(SampleModules.All));

        static int MetricsPort(params ServiceModule[] modules)
        {
            using var app = (IDisposable)WgMonitorHost.Build(ConfigurationDocument.Parse(""), modules);
            return ((Microsoft.AspNetCore.Builder.WebApplication)app).Services.GetRequiredService<Listeners>().Metrics.Port;
        }
    }

    [Fact]
    public void Passwords_never_reach_the_report_or_a_message()
    {
        const string secret = "hunter2-is-secret";
        var good = $"[redis]\nurl = \"redis://wg:{secret}@127.0.0.1\"\n[[notifier.route]]\nname = \"a\"\nurl = \"https://u:{secret}@h/\"\nsigning_key = \"{secret}\"\n";
        var bad = $"[redis]\npassword = \"{secret}\"\nurl = \"redis://wg:{secret}@127.0.0.1/x\"\nport = 5\n[[notifier.route]]\nname = \"a\"\nurl = \"http://u:{secret}@h/\"\nsigning_key = [\"{secret}\"]\n";

        Assert.DoesNotContain(secret, string.Join('\n', Check(good).Lines));
        Assert.DoesNotContain(secret, string.Join('\n', Check(bad).Lines));
        Assert.Equal((0, 78), (Check(good).ExitCode, Check(bad).ExitCode));

        static CheckConfig.Result Check(string toml)
        {
            var path = Path.GetTempFileName();
            File.WriteAllText(path, toml);
            var result = CheckConfig.Run(path, new Dictionary<string, string>(), SampleModules.All);
            File.Delete(path);
            return result;
        }
    }

    [Fact]
    public void Random_text_is_refused_or_read_but_never_throws()
    {
        var seed = Seed.Print();
        var random = new Random(seed);
        var good = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Config", "everything.toml"));
        for (var i = 0; i < 2000; i++)
        {
            var text = good.ToCharArray();
            for (var j = random.Next(1, 20); j > 0; j--)
            {
                // Half a surrogate pair cannot come out of a UTF-8 file, and files that are none are refused before.
                ref var place = ref text[random.Next(text.Length)];
                if (!char.IsSurrogate(place)) place = "[]{}=\"'.,#\n\\a1-\0é"[random.Next(17)];
            }
            var toml = new string(text);

            var exception = Record.Exception(() => ConfigurationDocument.Parse(toml).Bind(SampleModules.All.SelectMany(module => module.Sections)));

            Assert.True(exception is null or ConfigurationException, $"seed {seed}, round {i}: {exception}\n{toml}");
        }
    }

    [Theory]
    [InlineData("[redis]\npassword = \"abc\\")]
    [InlineData("[redis]\npassword = \"abc\\\ud83d")]
    public void An_escape_of_nothing_is_a_mistake_with_its_line(string toml)
    {
        var exception = Assert.Throws<ConfigurationException>(() => ConfigurationDocument.Parse(toml).Bind([]));

        Assert.StartsWith("config.toml:2:", exception.Problems[0].ToString());
    }

    [Fact]
    public void One_section_bound_to_two_types_is_a_bug()
    {
        Assert.Throws<InvalidOperationException>(() => ConfigurationDocument.Parse("").Bind([OptionsSection.Of<ApiSample>("api"), OptionsSection.Of<Durations>("api")]));
    }

    private sealed class Durations
    {
        public TimeSpan Wait { get; set; }
    }
}
