using System.Runtime.InteropServices;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Packages;

/// <summary>The files of `make publish`, as they stand there.</summary>
public sealed class SingleFileTests
{
    /// <summary>Where an ELF header has the number of the machine; of the ELF specification: 62 is x86-64, 183 is AArch64.</summary>
    private const int MachineOffset = 18;

    [Theory]
    [InlineData("linux-x64", 62)]
    [InlineData("linux-arm64", 183)]
    public void It_is_a_program_for_its_platform(string platform, int machine)
    {
        using var file = File.OpenRead(Program(platform));
        var header = new byte[20];
        file.ReadExactly(header);

        Assert.Equal("\u007fELF"u8, header.AsSpan(0, 4));
        Assert.Equal(machine, BitConverter.ToUInt16(header, MachineOffset));
    }

    [Fact]
    public async Task It_runs_alone_where_no_dotnet_is()
    {
        using var directory = new TempDirectory();
        var program = Path.Combine(directory.Path, "wgmonitor");
        File.Copy(Program(RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "linux-arm64" : "linux-x64"), program);
        var (syslog, api, metrics) = (FreePort.Tcp(), FreePort.Tcp(), FreePort.Tcp());
        directory.Write("config.toml", $"[[collector.listen]]\nprotocol = \"udp\"\naddress = \"127.0.0.1:{syslog}\"\n[api]\naddress = \"127.0.0.1:{api}\"\n[metrics]\naddress = \"127.0.0.1:{metrics}\"\n");
        // Nothing but redis-server is to be found by it.
        var redis = Path.GetDirectoryName(Executable.Find("redis-server", "redis-server"));
        var environment = new Dictionary<string, string?> { ["DOTNET_ROOT"] = "/nonexistent", ["PATH"] = redis, ["CONFIG_FILE"] = null, ["WGMONITOR_DATA_DIR"] = null };
        await using var check = ChildProcess.Start(program, ["check-config"], environment, directory.Path);
        Assert.True(await check.ExitAsync() == 0, check.Output);

        await using var product = ChildProcess.Start(program, ["up"], environment, directory.Path);
        await product.OutputHas(" HTTP on ");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{api}") };
        using (var sender = new SyslogSender(syslog))
            sender.Send("<7>Nov 22 12:57:54 vpn-01 kernel: [   90.246220] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:51820)"u8);
        await Wait.Until(async () => (await http.GetStringAsync("/api/v1/peers")).Contains("vpn-01/1/7", StringComparison.Ordinal), "the peer is listed");
        Assert.Contains("openapi", await http.GetStringAsync("/openapi/v1.json"));
        Assert.Contains("<html", await http.GetStringAsync("/reference"));
        product.Interrupt();

        Assert.Equal(0, await product.ExitAsync());
        // Nothing was unpacked beside it or elsewhere.
        Assert.Equal(["config.toml", "data", "wgmonitor"], Directory.GetFileSystemEntries(directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static string Program(string platform)
    {
        var path = Path.Combine(Repository.Root, "artifacts/publish", platform, "wgmonitor");
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is missing: make publish.");
    }
}
