using System.ComponentModel.DataAnnotations;
using WgMonitor.Hosting;

namespace WgMonitor.Notifier;

/// <summary>Section <c>[notifier]</c>: which alerts are raised, and where they go.</summary>
public sealed class NotifierOptions : IOptionsRules
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "notifier";

    /// <summary><c>[[notifier.route]]</c>: where alerts go. Default: one route <c>log</c> of type <c>log</c>. At most 32.</summary>
    [MaxLength(32)]
    public List<RouteOptions> Route { get; set; } = [];

    /// <summary><c>[[notifier.rule]]</c>: what is an alert. Default: the rules <c>endpoint-changed</c> and <c>host-silent</c>. At most 32.</summary>
    [MaxLength(32)]
    public List<RuleOptions> Rule { get; set; } = [];

    /// <summary>Settled alerts kept in a partition's outbox, where the API lists them; older ones go. Default 10,000, 100 to 10,000,000. An alert takes about 400 bytes.</summary>
    [Range(100, 10_000_000)]
    public int OutboxEntriesMax { get; set; } = 10_000;

    /// <summary>Alerts of a partition that may wait for one route; beyond it the oldest expire with the reason <c>overflow</c>. Default 100,000, 100 to 10,000,000.</summary>
    [Range(100, 10_000_000)]
    public int OutboxPendingMax { get; set; } = 100_000;

    /// <summary>
    /// How long an alert and its deliveries are remembered by id. Default 30 days, 1 day to 365 days; longer than every route's <c>expires_after</c>.
    /// As long as it is remembered, no replay sends it again.
    /// </summary>
    [DurationRange("1d", "365d")]
    public TimeSpan LedgerTtl { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Entries kept aside in each partition because they could not be applied. Default 10000, 1 to 1000000; the oldest go first.</summary>
    [Range(1, 1_000_000)]
    public long ParkedMax { get; set; } = 10_000;

    /// <summary>How long a delivery under way may finish when the process stops or gives a partition away. Default 3 s, 0 s to 20 s; more than <c>stream.hand_over_max</c> has no effect.</summary>
    [DurationRange("0s", "20s")]
    public TimeSpan DrainMax { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Where people reach the API, e.g. <c>https://wg.example</c>; alerts then hold a link. Default: none.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>The routes, or the one that stands in for none.</summary>
    internal IReadOnlyList<RouteOptions> EffectiveRoutes => Route.Count > 0 ? Route : [new RouteOptions { Name = "log", Type = RouteType.Log }];

    /// <summary>The rules, or those that stand in for none.</summary>
    internal IReadOnlyList<RuleOptions> EffectiveRules => Rule.Count > 0 ? Rule : [new RuleOptions { Kind = RuleKind.EndpointChanged }, new RuleOptions { Kind = RuleKind.HostSilent }];

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        foreach (var twice in Route.GroupBy(route => route.Name).Where(group => group.Count() > 1))
            yield return new("route", $"holds the name \"{twice.Key}\" {twice.Count()} times", "Deliveries are remembered by the name of the route; give each its own") { FollowsFrom = ["name"] };
        foreach (var twice in Rule.GroupBy(rule => rule.EffectiveName).Where(group => group.Count() > 1))
            yield return new("rule", $"holds the name \"{twice.Key}\" {twice.Count()} times", "Give each rule its own name") { FollowsFrom = ["name", "kind"] };
        if (Route.Any(route => route.ExpiresAfter >= LedgerTtl))
            yield return new("ledger_ttl", "must be longer than expires_after of every route", "An alert that is forgotten while it waits would be sent twice");
        if (PublicUrl is not null && PublicUrl.Scheme is not ("http" or "https")) yield return new("public_url", "must begin with https:// or http://");
    }
}
