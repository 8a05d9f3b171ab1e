using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WgMonitor.Events;

/// <summary>An endpoint in JSON: its text, empty for none.</summary>
public sealed class PeerEndpointConverter : JsonConverter<PeerEndpoint>
{
    /// <inheritdoc/>
    public override PeerEndpoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        if (string.IsNullOrEmpty(text)) return PeerEndpoint.None;
        return PeerEndpoint.TryParse(Encoding.ASCII.GetBytes(text), out var endpoint) ? endpoint : throw new JsonException($"'{text}' is no endpoint");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PeerEndpoint value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[PeerEndpoint.TextBytesMax];
        writer.WriteStringValue(text[..value.Format(text)]);
    }
}
