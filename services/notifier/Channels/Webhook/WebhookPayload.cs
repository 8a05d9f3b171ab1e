using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>The body of a webhook in the form of Standard Webhooks. Fields are added, never renamed or re-typed.</summary>
/// <param name="Type">What happened: <c>peer.endpoint_changed</c>, <c>host.silent</c>, <c>host.heard</c> or <c>host.gap</c>.</param>
/// <param name="Timestamp">When it happened, RFC 3339 UTC with microseconds.</param>
/// <param name="Data">All about it.</param>
internal sealed record WebhookPayload(string Type, string Timestamp, WebhookAlert Data)
{
    // Letters of all languages as they are: the body of a request is no HTML.
    private static readonly WebhookJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The bytes to send; always the same for the same alert.</summary>
    public static byte[] Of(AlertRecord alert, Uri? publicUrl) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new WebhookPayload(TypeOf(alert), AlertText.Time(alert.At), WebhookAlert.Of(alert, publicUrl)), Json.WebhookPayload);

    private static string TypeOf(AlertRecord alert) => alert.Kind switch
    {
        AlertRecord.HostSilentKind => "host.silent",
        AlertRecord.HostHeardKind => "host.heard",
        AlertRecord.GapKind => "host.gap",
        _ => "peer." + alert.Kind.Replace('-', '_'),
    };

    /// <summary>
    /// The body the original tool sends, byte for byte: <c>{"peer": "203.0.113.5:51820"}</c>. It has none for hosts; such an alert is
    /// <c>{"host": "vpn-01", "kind": "host-silent"}</c>.
    /// </summary>
    public static byte[] OriginalOf(AlertRecord alert) => Encoding.ASCII.GetBytes(
        alert.IsOfHost ? $$"""{"host": "{{alert.Host}}", "kind": "{{alert.Kind}}"}""" : $$"""{"peer": "{{alert.NewEndpoint}}"}""");
}

/// <summary>The <c>data</c> of a webhook.</summary>
internal sealed record WebhookAlert(
    string AlertId, string Rule, string Summary, string Advice, WebhookPeer? Peer, WebhookEndpoint? OldEndpoint, WebhookEndpoint? NewEndpoint, string? Change,
    string At, string Received, string? Certainty, string Trust, bool Unproven, bool Complete, string Evidence, string[] Causes, string? Link)
{
    /// <summary>Of an alert about a host: which; it has no peer, endpoints, change and certainty.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    /// <summary>Of an alert about a host: since when and why lines are missing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WebhookGap? Gap { get; init; }

    public static WebhookAlert Of(AlertRecord alert, Uri? publicUrl) => new(
        alert.Id, alert.Rule, AlertText.Summary(alert), AlertText.Advice(alert),
        alert.IsOfHost ? null : new(alert.PeerName, alert.Host, alert.Peer.Epoch, alert.Peer.Number, alert.Interface, alert.Name, alert.PublicKey),
        alert.IsOfHost ? null : WebhookEndpoint.Of(alert.OldEndpoint), alert.IsOfHost ? null : WebhookEndpoint.Of(alert.NewEndpoint), alert.IsOfHost ? null : AlertCodec.Word(alert.Change),
        AlertText.Time(alert.At), AlertText.Time(alert.Received), alert.IsOfHost ? null : AlertCodec.Word(alert.Certainty), TrustWords.Of(alert.Trust), alert.Unproven, alert.Complete, EventNames.Of(alert.Evidence),
        [.. alert.Causes.Select(cause => cause.ToString())], publicUrl is null ? null : $"{publicUrl.AbsoluteUri.TrimEnd('/')}/api/v1/alerts/{alert.Id}")
    {
        Host = alert.IsOfHost ? alert.Host : null,
        Gap = WebhookGap.Of(alert.Gap),
    };
}

/// <summary>A peer as the API shows it; <c>peer</c> is the kernel's number.</summary>
internal sealed record WebhookPeer(string Id, string Host, int Epoch, ulong Peer, string Interface, string? Name, string? PublicKey);

/// <summary>Since when and why lines are missing; <c>to</c> is null while that goes on, <c>lines</c> where nobody knows.</summary>
internal sealed record WebhookGap(string Cause, string From, string? To, long? Lines)
{
    public static WebhookGap? Of(Gap? gap) => gap is { } known
        ? new(AlertCodec.GapWord(known.Kind), AlertText.Time(known.From), known.IsOpen ? null : AlertText.Time(known.To), known.Lines == 0 ? null : known.Lines)
        : null;
}

/// <summary>An endpoint as the API shows it.</summary>
internal sealed record WebhookEndpoint(string Ip, int Port)
{
    public static WebhookEndpoint Of(PeerEndpoint endpoint) =>
        new(endpoint.Scope == 0 ? endpoint.Address.ToString() : $"{endpoint.Address}%{endpoint.Scope}", endpoint.Port);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(WebhookPayload))]
internal sealed partial class WebhookJson : JsonSerializerContext;
