using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Packages;

/// <summary>What guides tell the root of a Debian machine to do, done in one.</summary>
public sealed class DocumentedCommandsTests
{
    private static readonly string[] Services = ["collector", "projector", "notifier", "api"];

    [Fact]
    public async Task Every_command_for_a_debian_machine_works_in_order()
    {
        await using var machine = await DebianMachine.BootAsync();
        // A folder with the packages where the guides have them.
        await machine.RunAsync("mkdir -p /root/artifacts && ln -s /packages /root/artifacts/packages && ln -s /packages/*.deb /root");

        foreach (var block in Guides.OfKind("sh debian"))
        {
            var parted = block.Text.Contains("wgmonitor@", StringComparison.Ordinal);
            if (parted) await GiveServicesWhatTheyNeedAsync(machine);
            await machine.RunAsync($"cd /root && set -e\n{block.Text}");

            if (block.Text.Contains("rsyslog", StringComparison.Ordinal))
            {
                Assert.Equal("active", await machine.AnswersAsync("systemctl is-active rsyslog"));
                await machine.RunAsync("rsyslogd -N1");
            }
            else if (parted)
            {
                for (var index = 0; index < Services.Length; index++) await machine.UntilAsync($"curl -sf http://127.0.0.1:{Port(index)}/readyz");
                Assert.Equal("inactive", await machine.AnswersAsync("systemctl is-active wgmonitor"));
            }
            else
            {
                await machine.UntilAsync("curl -sf http://127.0.0.1:9998/readyz");
                Assert.Equal("enabled\nactive", await machine.AnswersAsync("systemctl is-enabled wgmonitor; systemctl is-active wgmonitor"));
            }
        }
    }

    /// <summary>A Redis in the configuration, and the drop-in of the guide with a port for each.</summary>
    private static async Task GiveServicesWhatTheyNeedAsync(DebianMachine machine)
    {
        await machine.RunAsync("systemctl start redis-server && printf '[redis]\\nurl = \"redis://127.0.0.1:6379\"\\n' >> /etc/wgmonitor/config.toml");
        var dropIn = Guides.OfKind("ini").Single(block => block.Guide == "docs/systemd.md").Text;
        foreach (var (index, service) in Services.Index())
        {
            var folder = $"/etc/systemd/system/wgmonitor@{service}.service.d";
            await machine.RunAsync($"mkdir -p {folder} && cat > {folder}/port.conf << 'END'\n{dropIn.Replace("9992", Port(index), StringComparison.Ordinal)}END");
        }
        await machine.RunAsync("systemctl daemon-reload");
    }

    private static string Port(int service) => $"999{service + 1}";
}
