using WgMonitor.Api;
using WgMonitor.Collector;
using WgMonitor.Hosting;
using WgMonitor.Notifier;
using WgMonitor.Projector;

namespace WgMonitor.Cli;

/// <summary>The services that one process can run, in the order data flows. A new service is one line here.</summary>
internal static class ServiceModules
{
    public static ServiceModule[] All { get; } =
    [
        CollectorRegistration.Module,
        ProjectorRegistration.Module,
        NotifierRegistration.Module,
        ApiRegistration.Module,
    ];
}
