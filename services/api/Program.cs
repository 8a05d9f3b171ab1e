using WgMonitor.Hosting;

namespace WgMonitor.Api;

internal static class Program
{
    private static Task<int> Main(string[] args) => WgMonitorHost.RunAsync(args, ApiRegistration.Module);
}
