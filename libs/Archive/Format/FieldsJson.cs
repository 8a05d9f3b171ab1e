using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using WgMonitor.Events;

namespace WgMonitor.Archive;

/// <summary>
/// Any fields as JSON and back, order and bytes kept: <c>[["event","x.v9"],["text",{"base64":"/w=="}]]</c>. What is no UTF-8 is an object with
/// <c>base64</c> in place of the text.
/// </summary>
internal static class FieldsJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(ReadOnlySpan<EventField> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartArray();
            foreach (ref readonly var field in fields)
            {
                writer.WriteStartArray();
                Write(writer, field.Name.Span);
                Write(writer, field.Value.Span);
                writer.WriteEndArray();
            }
            writer.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            writer.WriteStringValue(bytes);
            return;
        }
        writer.WriteStartObject();
        writer.WriteBase64String("base64"u8, bytes);
        writer.WriteEndObject();
    }

    /// <exception cref="JsonException">It is no such text.</exception>
    public static EventField[] Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(field => new EventField(Bytes(field[0]), Bytes(field[1])))];
    }

    private static byte[] Bytes(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value.GetProperty("base64"u8).GetBytesFromBase64()
        : System.Text.Encoding.UTF8.GetBytes(value.GetString()!);
}
