using WgMonitor.Hosting;

namespace WgMonitor.Notifier;

internal static class Program
{
    private static Task<int> Main(string[] args) => WgMonitorHost.RunAsync(args, NotifierRegistration.Module);
}
