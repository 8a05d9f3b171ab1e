using Prometheus;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Status;

/// <summary>Keys that hold something else than peers and hosts: left out of answers, counted each time and logged once a key.</summary>
internal sealed class UnreadableKeys(MetricFactory factory, ILogger<UnreadableKeys> logger)
{
    private readonly Counter met = factory.CreateCounter(
        "wgmonitor_api_unreadable_keys_total", "Times a key held something else than a peer or host and was left out of an answer. Rising: another program writes under stream.prefix; the log names the key once.");

    private readonly ToldOnce told = new();

    public void Met(string key, KeyFault fault)
    {
        met.Inc();
        if (told.IsFirst(key)) logger.KeyUnreadable(key, fault);
    }
}
