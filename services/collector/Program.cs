using WgMonitor.Hosting;

namespace WgMonitor.Collector;

internal static class Program
{
    private static Task<int> Main(string[] args) => WgMonitorHost.RunAsync(args, CollectorRegistration.Module);
}
