using WgMonitor.Api;
using WgMonitor.Collector;
using WgMonitor.Hosting;
using WgMonitor.Notifier;
using WgMonitor.Projector;

namespace WgMonitor.Deployment.Tests;

/// <summary>The four services, whose configuration the deployments write.</summary>
internal static class ServiceSections
{
    public static ServiceModule[] All { get; } = [CollectorRegistration.Module, ProjectorRegistration.Module, NotifierRegistration.Module, ApiRegistration.Module];
}
