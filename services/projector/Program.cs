using WgMonitor.Hosting;

namespace WgMonitor.Projector;

internal static class Program
{
    private static Task<int> Main(string[] args) => WgMonitorHost.RunAsync(args, ProjectorRegistration.Module);
}
