using System.Text.Json;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.EndToEnd.Tests.Product;

/// <summary><c>wgmonitor replay FILE</c> as a process: what it prints, and how it ends.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly TempDirectory files = new();

    public void Dispose() => files.Dispose();

    private static async Task<long> EntriesAsync(RedisServer redis)
    {
        await using var connection = await redis.ConnectAsync();
        var lengths = await Task.WhenAll(Enumerable.Range(0, 8).Select(partition => connection.GetDatabase().StreamLengthAsync($"{redis.KeyPrefix}:{{p{partition}}}:events")));
        return lengths.Sum();
    }

    private void Configure(RedisServer redis) =>
        files.Write("config.toml", $"[redis]\nurl = \"redis://{redis.Address}\"\n[stream]\nprefix = \"{redis.KeyPrefix}\"\n");

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => WgMonitorProgram.RunAsync(files.Path, ["replay", .. arguments, "--config", "config.toml"]);

    private static string KernelLog(CorpusRun run) => string.Concat(run.KernelLines().Select(line => line.Stamped + "\n"));

    [Fact]
    public async Task A_kernel_log_is_appended_and_counted_and_the_program_ends()
    {
        var run = Corpus.Run("A");
        await using var redis = await RedisServer.StartAsync();
        Configure(redis);
        files.Write("dmesg.txt", KernelLog(run));

        var (exitCode, output, error) = await RunAsync("dmesg.txt", "--host", "vpn-01", "--output", "json");

        Assert.True(exitCode == 0, error);
        var counts = JsonDocument.Parse(output).RootElement;
        Assert.Equal(run.KernelLines().Count, counts.GetProperty("received").GetInt32());
        Assert.Equal(counts.GetProperty("received").GetInt32(), counts.GetProperty("events").GetInt32() + counts.GetProperty("ignored").GetProperty("not_wire_guard").GetInt32());
        Assert.Equal(counts.GetProperty("events").GetInt64(), counts.GetProperty("appended").GetInt64());
        Assert.Equal(counts.GetProperty("appended").GetInt64(), await EntriesAsync(redis));
    }

    [Fact]
    public async Task Standard_input_is_read_too()
    {
        await using var redis = await RedisServer.StartAsync();
        Configure(redis);
        files.Write("export", "__REALTIME_TIMESTAMP=1795348800882452\n_TRANSPORT=kernel\n_HOSTNAME=vpn-01\nMESSAGE=wireguard: wg0: Peer 1 created\n\n_TRANSPORT=stdout\nMESSAGE=x\n\nMESSAGE=cut");
        var program = Path.Combine(AppContext.BaseDirectory, "wgmonitor");

        await using var shell = WgMonitorProgram.Start(files.Path, ["-c", $"\"{program}\" replay - --config config.toml < export"], program: "/bin/sh");
        var exitCode = await shell.ExitAsync();

        Assert.True(exitCode == 0, shell.Output);
        Assert.Equal("received 3\nevents 1, appended 1\nignored 1: not_kernel 1\nrejected 1: incomplete_frame 1\ndropped 0\n", shell.StandardOutput);
        Assert.Equal(1, await EntriesAsync(redis));
    }

    [Fact]
    public async Task What_cannot_be_replayed_is_said()
    {
        await using var redis = await RedisServer.StartAsync();
        Configure(redis);
        File.WriteAllBytes(files.File("kern.log.2.gz"), [0x1f, 0x8b, 8, 0]);
        files.Write("one", "wireguard: wg0: Peer 1 created\n");

        Assert.Contains("zcat", (await ExpectAsync(1, "kern.log.2.gz")).Error);
        Assert.Contains("cannot be read", (await ExpectAsync(1, "nowhere")).Error);
        Assert.Contains("cannot be read", (await ExpectAsync(1, ".")).Error);
        Assert.Contains("is no host name", (await ExpectAsync(1, "one", "--host", "a b")).Error);
        Assert.Contains("--verify is for a replay without FILE", (await ExpectAsync(1, "one", "--verify")).Error);
        Assert.Contains("--host is for a replay of a FILE", (await ExpectAsync(1, "--host", "x")).Error);
        files.Write("config.toml", $"[redis]\nurl = \"redis://127.0.0.1:{FreePort.Tcp()}\"\n");
        Assert.Contains("Nothing was appended", (await ExpectAsync(1, "one")).Error);
        Assert.Equal(0, await EntriesAsync(redis));
    }

    private async Task<(int ExitCode, string Output, string Error)> ExpectAsync(int exitCode, params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == exitCode, $"{result.ExitCode} {result.Output}{result.Error}");
        return result;
    }
}
