using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using WgMonitor.Cli.Redis;
using WgMonitor.Collector;
using WgMonitor.Collector.Sources;
using WgMonitor.Hosting;
using WgMonitor.Projector.Compat;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Import;

/// <summary>One run of <c>wgmonitor import-legacy</c>: configuration → whose peers, and where the hashes are → import. Services may run meanwhile.</summary>
internal sealed class ImportLegacyRun(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, bool json, TimeProvider time)
{
    private const string ClientName = "wgmonitor-import";

    /// <summary>Returns 0; 1 when it was refused or did not finish; 78 for a wrong configuration.</summary>
    public async Task<int> RunAsync(string? configPath, string dataDirectory, string? host, string? device, string? from, CancellationToken stop)
    {
        var found = CheckConfig.Inspect(configPath, environment, ServiceModules.All);
        foreach (var problem in found.Problems) await error.WriteLineAsync(problem.ToString());
        if (found.ExitCode != 0) return found.ExitCode;
        var options = found.Options;
        var collector = options.Get<CollectorOptions>();
        host ??= options.Get<CompatOptions>().LegacyHost;
        device ??= collector.Interfaces is [var only] ? only : null;
        if (host is null || device is null) return await RefuseAsync("Say whose peers these are: their numbers name neither host nor device. Give --host and --interface.");
        if (!LegacyImport.TryHost(host, collector, out var name)) return await RefuseAsync(WgMonitorCommand.NoHostName(host));
        if (!LegacyImport.IsDevice(device)) return await RefuseAsync($"\"{device}\" is no device: --interface takes 1 to 15 letters, digits and _ = + . -");
        if (!TryPlace(from, out var place)) return await RefuseAsync("--from takes redis://[user[:password]@]host[:port][/db], rediss://… or unix:///path/redis.sock.");
        try
        {
            await using var redis = await RunningRedis.ConnectAsync(options.Get<RedisOptions>(), dataDirectory, ClientName);
            await using var source = place is null ? null : await ConnectionMultiplexer.ConnectAsync(place.ToConfigurationOptions(ClientName));
            var import = new LegacyImport(redis, options.Get<StreamOptions>(), options.Get<StateOptions>().PeersPerHostMax, time);
            await TellAsync(await import.RunAsync(source ?? redis, name, device, stop), name, device);
            return 0;
        }
        catch (Exception exception) when (exception is CannotStartException or ImportRefusedException)
        {
            return await RefuseAsync(exception.Message);
        }
        catch (StreamTopologyException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ConfigurationException.ExitCode;
        }
        catch (Exception exception) when (RedisAway.IsForbidden(exception))
        {
            return await RefuseAsync($"The user of Redis may not do that: {exception.Message}. Besides ~{options.Get<StreamOptions>().Prefix}:* it needs ~wireguard_peer:*, or name the old Redis with --from.");
        }
        catch (Exception exception) when (RedisAway.Is(exception))
        {
            return await RefuseAsync($"Redis did not let it finish: {exception.Message} Run it again: nothing is appended twice.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return await RefuseAsync("Stopped. Run it again to go on: nothing is appended twice.");
        }
    }

    private static bool TryPlace(string? from, out RedisOptions? place)
    {
        place = null;
        if (from is null) return true;
        if (!Uri.TryCreate(from, UriKind.Absolute, out var url)) return false;
        place = new() { Url = url };
        return !place.Check().Any();
    }

    private async Task TellAsync(ImportedCounts counts, string host, string device)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(counts, CliJson.Readable));
            return;
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{counts.Peers} peers of {host} ({device}): {counts.Appended} imported, {counts.Already} imported before."));
        if (counts.OtherTypes + counts.Broken > 0)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Passed over: {counts.OtherTypes} keys that are no hash, {counts.Broken} that the original tool does not write."));
    }

    private async Task<int> RefuseAsync(string message)
    {
        await error.WriteLineAsync(message);
        return 1;
    }
}
