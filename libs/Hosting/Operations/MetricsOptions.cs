using System.Net;

namespace WgMonitor.Hosting;

/// <summary><c>[metrics]</c>: the port for <c>/metrics</c>, <c>/healthz</c>, <c>/livez</c> and <c>/readyz</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>Used when several services share the process, as in the original tool.</summary>
    public static IPEndPoint DefaultAddress { get; } = new(IPAddress.Loopback, 9998);

    /// <summary>
    /// IP address and port. Default 127.0.0.1:9998 in one process; collector 9998, projector 9997, notifier 9996 and api 8080 (its own
    /// port) when a service runs alone. No credentials are asked for here: bind it where only your monitoring can reach it.
    /// </summary>
    public IPEndPoint? Address { get; set; }
}
