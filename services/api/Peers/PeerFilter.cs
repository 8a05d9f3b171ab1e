using System.Text;
using WgMonitor.Events;
using WgMonitor.ReadModel;

namespace WgMonitor.Api.Peers;

/// <summary>Which peers a request wants; null members want all.</summary>
public sealed record PeerFilter(string? Host, string? Interface, string? Status, string? Name, InternetAddress? Ip)
{
    private static readonly string[] Statuses = ["online", "idle", "offline", "unknown", "gone"];

    public static bool TryParse(IQueryCollection query, out PeerFilter filter, out string problem)
    {
        problem = "";
        InternetAddress? ip = null;
        if (Value(query, "ip") is { } text)
        {
            if (InternetAddress.TryParse(Encoding.UTF8.GetBytes(text), out var address)) ip = address;
            else problem = $"ip is no IPv4 or IPv6 address: '{text}'";
        }
        filter = new(Value(query, "host")?.ToLowerInvariant(), Value(query, "interface"), Value(query, "status"), Value(query, "name"), ip);
        if (filter.Status is not null && !Statuses.Contains(filter.Status)) problem = $"status is one of {string.Join(", ", Statuses)}, not '{filter.Status}'";
        return problem.Length == 0;
    }

    public bool Wants(ListedPeer listed, PeerResponse response) =>
        (Interface is null || response.Interface == Interface)
        && (Status is null || response.Status == Status)
        && (Name is null || response.Name == Name)
        && (Ip is null || listed.Peer.Endpoint.Address == Ip);

    private static string? Value(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;
}
