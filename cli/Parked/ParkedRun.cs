using Microsoft.Extensions.Options;
using WgMonitor.Cli.Redis;
using WgMonitor.Events;
using WgMonitor.Hosting;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Cli.Parked;

/// <summary>What to do with parked entries.</summary>
internal enum ParkedStep
{
    List,
    Retry,
    Discard,
}

/// <summary>
/// One run of <c>wgmonitor parked</c>: configuration → Redis, the one of a running <c>wgmonitor up</c> where none is configured → partition by partition, in the order
/// of the log. Services go on meanwhile; ended anywhere, it can be run again: each entry is taken once.
/// </summary>
internal sealed class ParkedRun(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, bool json, TimeProvider time)
{
    /// <summary>Returns 0; 1 when an entry is not parked, or could not be retried; 78 for a wrong configuration.</summary>
    public async Task<int> RunAsync(string? configPath, string dataDirectory, ParkedStep step, string? id, int? partition, CancellationToken stop)
    {
        var found = CheckConfig.Inspect(configPath, environment, ServiceModules.All);
        foreach (var problem in found.Problems) await error.WriteLineAsync(problem.ToString());
        if (found.ExitCode != 0) return found.ExitCode;
        var stream = found.Options.Get<StreamOptions>();
        if (partition is < 0 || partition >= stream.Partitions) return await RefuseAsync($"There is no partition {partition}: stream.partitions is {stream.Partitions}.");
        if (id is not null && !StreamId.TryParse(id, out _)) return await RefuseAsync($"'{id}' is no stream ID; `wgmonitor parked list` shows them, like 1795391999876-0.");
        try
        {
            await using var redis = await RunningRedis.ConnectAsync(found.Options.Get<RedisOptions>(), dataDirectory, "wgmonitor-parked");
            var keys = new StreamKeys(stream.Prefix);
            await new StreamTopology(redis, keys, Options.Create(stream), time).EnsureAsync(stop);
            var log = new ParkedLog(redis, keys, ConsumerGroups.All);
            int[] partitions = partition is { } one ? [one] : [.. Enumerable.Range(0, stream.Partitions)];
            return step == ParkedStep.List ? await ListAsync(log, partitions, stop) : await TakeAsync(log, partitions, step, id is null ? null : StreamId.Parse(id), stop);
        }
        catch (CannotStartException exception)
        {
            return await RefuseAsync(exception.Message);
        }
        catch (StreamTopologyException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ConfigurationException.ExitCode;
        }
        catch (Exception exception) when (RedisAway.Is(exception))
        {
            return await RefuseAsync($"Redis did not let it finish: {exception.Message} Run it again: no entry is taken twice.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return await RefuseAsync("Stopped. Run it again to go on: no entry is taken twice.");
        }
    }

    private async Task<int> ListAsync(ParkedLog log, int[] partitions, CancellationToken stop)
    {
        var report = new ParkedReport(output, json);
        foreach (var partition in partitions)
        {
            foreach (var entry in await log.ReadAsync(partition, stop)) report.Add(entry);
            foreach (var group in ConsumerGroups.All) report.Add(await log.CountAsync(partition, group, stop));
        }
        report.End();
        return 0;
    }

    private async Task<int> TakeAsync(ParkedLog log, int[] partitions, ParkedStep step, StreamId? id, CancellationToken stop)
    {
        var parked = new List<IGrouping<(int Partition, StreamId Id), ParkedEntry>>();
        foreach (var partition in partitions) parked.AddRange((await log.ReadAsync(partition, stop)).Where(entry => id is null || entry.Id == id).GroupBy(entry => (entry.Partition, entry.Id)));
        if (id is not null && parked.Count == 0) return await RefuseAsync($"No entry {id} is parked.");
        if (id is not null && parked.Count > 1) return await RefuseAsync($"Entries {id} are parked in the partitions {string.Join(", ", parked.Select(entry => entry.Key.Partition))}: say which with --partition.");
        var report = new TakenReport(output, json, step);
        foreach (var entry in parked) await TakeAsync(log, entry, step, isAsked: id is not null, report, stop);
        if (step == ParkedStep.Discard && id is null)
        {
            foreach (var partition in partitions) report.Forgotten(await log.ForgetLostAsync(partition, stop));
        }
        report.End();
        return report.IsGood ? 0 : 1;
    }

    private static async Task TakeAsync(ParkedLog log, IGrouping<(int Partition, StreamId Id), ParkedEntry> entry, ParkedStep step, bool isAsked, TakenReport report, CancellationToken stop)
    {
        ParkedEntry[] of = [.. entry];
        if (step == ParkedStep.Retry && new EventDecoder().TryDecode([.. of[0].Fields], out _) != DecodeOutcome.Decoded)
        {
            // It would only be parked again.
            report.Add(entry.Key.Partition, entry.Key.Id, null, "this version cannot read it either");
            return;
        }
        var taken = step == ParkedStep.Retry ? await log.RetryAsync(of, stop) : await log.DiscardAsync(of, stop) ? entry.Key.Id : null;
        if (taken is not null) report.Add(entry.Key.Partition, entry.Key.Id, taken, "");
        // With --all somebody else may do the same.
        else if (isAsked) report.Add(entry.Key.Partition, entry.Key.Id, null, "it is parked no more");
    }

    private async Task<int> RefuseAsync(string sentence)
    {
        await error.WriteLineAsync(sentence);
        return 1;
    }
}
