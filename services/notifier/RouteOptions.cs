using System.ComponentModel.DataAnnotations;
using System.Net;
using WgMonitor.Hosting;

namespace WgMonitor.Notifier;

/// <summary>How a route sends.</summary>
public enum RouteType
{
    /// <summary>HTTP POST.</summary>
    Webhook,

    /// <summary>A line in the notifier's own log.</summary>
    Log,
}

/// <summary>Body of a webhook.</summary>
public enum WebhookFormat
{
    /// <summary>Standard Webhooks: <c>{"type", "timestamp", "data"}</c>.</summary>
    Standard,

    /// <summary>As the original tool: <c>{"peer": "203.0.113.5:51820"}</c>.</summary>
    Original,
}

/// <summary><c>[[notifier.route]]</c>: one place alerts go to. Routes do not wait for each other.</summary>
public sealed class RouteOptions : IOptionsRules
{
    /// <summary>Name in the ledger, logs and metrics. Required; 1 to 64 of letters, digits, <c>. _ -</c>. A new name is a new route: it gets alerts from then on.</summary>
    [Required, RegularExpression("^[A-Za-z0-9._-]{1,64}$")]
    public string Name { get; set; } = "";

    /// <summary><c>webhook</c> or <c>log</c>. Required.</summary>
    [Required]
    public RouteType? Type { get; set; }

    /// <summary>Where to POST. Required for a webhook; <c>https</c> unless <see cref="AllowInsecure"/>. Never printed, for it may hold a token. Also <c>url_file</c>.</summary>
    [Secret]
    public Uri? Url { get; set; }

    /// <summary><c>standard</c> or <c>original</c>. Default standard.</summary>
    public WebhookFormat Format { get; set; } = WebhookFormat.Standard;

    /// <summary>Signs every request: <c>whsec_</c> and base64 of 24 to 64 bytes. Default: none, requests are not signed. Also <c>secret_file</c>.</summary>
    [Secret]
    public string? Secret { get; set; }

    /// <summary>While a secret is exchanged: the one before, with which requests are signed too. Default: none. Also <c>secret_previous_file</c>.</summary>
    [Secret]
    public string? SecretPrevious { get; set; }

    /// <summary>Allow <c>http</c>, and addresses that are private, loopback or of the link. Default false.</summary>
    public bool AllowInsecure { get; set; }

    /// <summary>Time for one attempt, from the resolver to the answer's status. Default 10 s, 100 ms to 2 min.</summary>
    [DurationRange("100ms", "2m")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for a run of attempts with the pauses between them. Default 1 min, 100 ms to 10 min; not shorter than <see cref="AttemptTimeout"/>.</summary>
    [DurationRange("100ms", "10m")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Attempts of a run after the first. Default 3, 0 to 10.</summary>
    [Range(0, 10)]
    public int RetriesMax { get; set; } = 3;

    /// <summary>Pause after the first failed attempt of a run, and after the first failed run; doubles, with jitter. Default 1 s, 10 ms to 1 min.</summary>
    [DurationRange("10ms", "1m")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause between two runs. Default 5 min, 10 ms to 1 h. A receiver's Retry-After may ask for more, up to 1 h.</summary>
    [DurationRange("10ms", "1h")]
    public TimeSpan RetryPauseMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Failed attempts of the route in a row that make it rest. Default 8, 2 to 1000.</summary>
    [Range(2, 1000)]
    public int BreakAfter { get; set; } = 8;

    /// <summary>How long a route rests. Default 30 s, 500 ms to 1 h.</summary>
    [DurationRange("500ms", "1h")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Age at which an alert is given up, counted from its event's arrival in the log. Default 24 h, 1 min to 30 days.</summary>
    [DurationRange("1m", "30d")]
    public TimeSpan ExpiresAfter { get; set; } = TimeSpan.FromHours(24);

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        if (TotalTimeout < AttemptTimeout) yield return new("total_timeout", "must not be shorter than attempt_timeout");
        if (RetryPauseMax < RetryPause) yield return new("retry_pause_max", "must not be shorter than retry_pause");
        foreach (var problem in Type == RouteType.Webhook ? CheckWebhook() : CheckOther()) yield return problem;
    }

    private IEnumerable<OptionsProblem> CheckOther()
    {
        if (Url is not null) yield return new("url", "has no meaning for this type of route");
        if (Secret is not null) yield return new("secret", "has no meaning for this type of route");
        if (SecretPrevious is not null) yield return new("secret_previous", "has no meaning for this type of route");
    }

    private IEnumerable<OptionsProblem> CheckWebhook()
    {
        if (Url is null) yield return new("url", "is required for a webhook");
        else if (Url.Scheme is not ("http" or "https")) yield return new("url", "must begin with https://");
        else if (!AllowInsecure)
        {
            if (Url.Scheme == "http") yield return new("url", "must begin with https://", "Plain http needs allow_insecure = true");
            else if (IPAddress.TryParse(Url.DnsSafeHost, out var address) && !AddressPolicy.IsPublic(address))
                yield return new("url", "must not lead to a private address", "Allow it with allow_insecure = true");
        }

        if (Url is { UserInfo.Length: > 0 }) yield return new("url", "must not hold a user or password", "They are not sent; use a token in the path, or verify the signature");
        if (Secret is not null && !WebhookSignature.TryParse(Secret, out _)) yield return new("secret", "must be \"whsec_\" and the base64 of 24 to 64 bytes");
        if (SecretPrevious is null) yield break;
        if (!WebhookSignature.TryParse(SecretPrevious, out _)) yield return new("secret_previous", "must be \"whsec_\" and the base64 of 24 to 64 bytes");
        if (Secret is null) yield return new("secret_previous", "needs secret beside it");
    }
}
