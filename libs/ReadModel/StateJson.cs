using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using WgMonitor.Events;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>
/// The whole of a fold's state as JSON, so that a fold can go on where another stopped. Only the owner of the state reads it; everybody else
/// reads the named fields beside it. What has its type's default value is left out: of a usual peer that is half of the text.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters = [typeof(PeerEndpointConverter)])]
[JsonSerializable(typeof(PeerState))]
[JsonSerializable(typeof(StoredHost))]
internal sealed partial class StateJson : JsonSerializerContext
{
    /// <summary>The hash field that holds it: <c>state</c>.</summary>
    public static ReadOnlyMemory<byte> FieldName { get; } = "state"u8.ToArray();
}

/// <summary>An endpoint as its text; empty for none.</summary>
internal sealed class PeerEndpointConverter : JsonConverter<PeerEndpoint>
{
    public override PeerEndpoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        if (string.IsNullOrEmpty(text)) return PeerEndpoint.None;
        return PeerEndpoint.TryParse(Encoding.ASCII.GetBytes(text), out var endpoint) ? endpoint : throw new JsonException($"'{text}' is no endpoint");
    }

    public override void Write(Utf8JsonWriter writer, PeerEndpoint value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[PeerEndpoint.TextBytesMax];
        writer.WriteStringValue(text[..value.Format(text)]);
    }
}
