using System.Text.Json;
using WgMonitor.EndToEnd.Tests.Up;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Documentation;

/// <summary>What guides tell to write into files and to send to Redis, through the programs that read it.</summary>
public sealed class DocumentedFilesTests
{
    public static TheoryData<string> Configurations => [.. Guides.OfKind("toml").Select(block => block.ToString())];

    public static TheoryData<string> RsyslogFiles => [.. Guides.OfKind("rsyslog").Select(block => block.ToString())];

    public static TheoryData<string> DropIns => [.. Guides.OfKind("ini").Select(block => block.ToString())];

    public static TheoryData<string> RedisCommands => [.. Guides.OfKind("redis").Select(block => block.ToString())];

    public static TheoryData<string> Answers => [.. Guides.OfKind("json").Select(block => block.ToString())];

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task The_services_accept_a_configuration(string block)
    {
        using var directory = new TempDirectory();
        var file = directory.Write("config.toml", WithCertificates(directory, Text(block), "/etc/wgmonitor/"));

        var (exitCode, output, error) = await WgMonitorProgram.RunAsync(directory.Path, ["check-config", "-c", file]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("config.toml: OK.", output);
    }

    [Theory]
    [MemberData(nameof(RsyslogFiles))]
    public async Task Rsyslogd_accepts_its_file(string block)
    {
        using var directory = new TempDirectory();
        var file = directory.Write("wgmonitor.conf", WithCertificates(directory, Text(block), "/etc/ssl/"));

        var (exitCode, output) = await RunAsync(Executable.Find("rsyslogd", "rsyslog"), ["-N1", "-f", file]);

        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("error", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(DropIns))]
    public async Task Systemd_accepts_a_drop_in(string block)
    {
        using var directory = new TempDirectory();
        var template = File.ReadAllText(Path.Combine(Guides.Root, "deploy/systemd/wgmonitor@.service"));
        var unit = directory.Write("wgmonitor@projector.service", template.Replace("/usr/bin/wgmonitor", Path.Combine(AppContext.BaseDirectory, "wgmonitor"), StringComparison.Ordinal));
        directory.Write("wgmonitor@projector.service.d/port.conf", Text(block));

        var analyzed = await RunAsync(Executable.Find("systemd-analyze", "systemd"), ["verify", "--man=no", unit], new() { ["SYSTEMD_UNIT_PATH"] = directory.Path + ":" });

        Assert.Equal((0, ""), analyzed);
    }

    [Theory]
    [MemberData(nameof(RedisCommands))]
    public async Task The_product_works_as_the_user_of_an_acl(string block)
    {
        using var directory = new TempDirectory();
        await using var redis = await RedisServer.StartAsync(ownProcess: true);

        var typed = await RunAsync(Executable.Find("redis-cli", "redis-tools"), ["-p", $"{redis.Port}", .. Text(block).Trim().Split(' ')]);
        await using var up = await RunningUp.StartAsync(directory, new Dictionary<string, string?>
        {
            ["WGMONITOR__REDIS__URL"] = $"redis://wgmonitor:password@{redis.Address}/0",
        });

        Assert.Equal((0, "OK\n"), typed);
        using var sender = new SyslogSender(up.SyslogPort);
        sender.Send("<7>Nov 22 12:57:54 vpn-01 kernel: [   90.246220] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:51820)"u8);
        await Wait.Until(async () => (await up.ReadPeersAsync()).Contains("vpn-01/1/7", StringComparison.Ordinal), "the peer is listed");
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_api_describes_what_an_answer_shows(string block)
    {
        using var directory = new TempDirectory();
        await using var up = await RunningUp.StartAsync(directory);
        using var http = new HttpClient();
        var described = Names(JsonDocument.Parse(await http.GetStringAsync(new Uri(up.Peers, "/openapi/v1.json"))).RootElement).ToHashSet();

        var text = Text(block);
        var shown = Names(JsonDocument.Parse(text.StartsWith('{') ? text : $"{{{text}}}").RootElement).ToArray();

        Assert.NotEmpty(shown);
        Assert.All(shown, name => Assert.Contains(name, described));
    }

    private static string Text(string block) => Guides.Blocks.Single(each => each.ToString() == block).Text;

    /// <summary>The text with certificates that exist, under the names that it uses.</summary>
    private static string WithCertificates(TempDirectory directory, string text, string folder)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue(new() { CommonName = "vpn-01", DnsNames = ["vpn-01"] });
        foreach (var name in (string[])["wgmonitor-ca.pem", "clients-ca.pem"]) directory.Write(name, authority.Pem);
        foreach (var name in (string[])["vpn-01", "server"])
        {
            directory.Write($"{name}.pem", certificate.ExportCertificatePem());
            directory.Write($"{name}-key.pem", TestAuthority.KeyPem(certificate));
        }
        return text.Replace(folder, directory.Path + "/", StringComparison.Ordinal);
    }

    /// <summary>Of all properties, however deep.</summary>
    private static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Names(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, Dictionary<string, string?>? environment = null)
    {
        await using var process = ChildProcess.Start(program, arguments, environment);
        return (await process.ExitAsync(), process.Output);
    }
}
