using System.Text.Json.Serialization;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel;

/// <summary>
/// The whole of a fold's state as JSON, so that a fold can go on where another stopped. Only the owner of the state reads it; everybody else
/// reads the named fields beside it. What has its type's default value is left out: of a usual peer that is half of the text.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(PeerState))]
[JsonSerializable(typeof(StoredHost))]
internal sealed partial class StateJson : JsonSerializerContext
{
    /// <summary>The hash field that holds it: <c>state</c>.</summary>
    public static ReadOnlyMemory<byte> FieldName { get; } = "state"u8.ToArray();
}
