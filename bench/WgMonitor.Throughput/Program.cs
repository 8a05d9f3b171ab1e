using WgMonitor.Throughput.Generate;
using WgMonitor.Throughput.Measure;

namespace WgMonitor.Throughput;

/// <summary>
/// Read this first. Everything that is measured on running services, printed as the tables of docs/benchmarks.md; <c>rates</c>, <c>collector</c>, <c>transports</c> or <c>latency</c> a part of it,
/// <c>scale</c> what replicas and partitions cost; <c>history</c> questions about the past of ten million events; <c>rebuild</c> a rebuild beside a bare scan of the log.
/// <c>send PORT RATE SECONDS FIRST</c> is the generator, started as a process of its own for every rate.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["send", var port, var rate, var seconds, var first])
        {
            await GeneratorProcess.SendAsync(int.Parse(port), double.Parse(rate), double.Parse(seconds), long.Parse(first));
            return 0;
        }
        if (args is ["stream", var protocol, var streamPort, var count, var connections, var authority])
        {
            await StreamGenerator.SendAsync(protocol, int.Parse(streamPort), long.Parse(count), int.Parse(connections), authority);
            return 0;
        }
        if (args is ["range" or "scan" or "rebuild", var address]) return await Rebuild.WorkAsync(args[0], address);
        if (args is not ([] or ["rates"] or ["collector"] or ["latency"] or ["transports"] or ["transports", "udp" or "tcp" or "tls" or "relp"] or ["scale", ..] or ["history"] or ["rebuild"]))
        {
            await Console.Error.WriteLineAsync("usage: WgMonitor.Throughput [rates | collector | latency | transports [PROTOCOL] | scale [REPLICASxPARTITIONS ...] | history | rebuild | send PORT RATE SECONDS FIRST | stream PROTOCOL PORT LINES CONNECTIONS CA]");
            return 1;
        }

        Machine.Print();
        if (args is [] or ["rates"]) await WholeProduct.MeasureAsync();
        if (args is ["collector"]) await WholeProduct.MeasureCollectorAsync();
        if (args is [] or ["transports", ..]) await Transports.MeasureAsync(args.ElementAtOrDefault(1));
        if (args is [] or ["latency"]) await Latency.MeasureAsync();
        if (args is ["scale", .. var shapes]) await ScaleOut.MeasureAsync(shapes);
        if (args is ["history"]) await TimeTravel.MeasureAsync();
        if (args is ["rebuild"]) await Rebuild.MeasureAsync();
        return 0;
    }
}
