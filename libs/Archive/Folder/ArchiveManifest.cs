using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using WgMonitor.Streams;

namespace WgMonitor.Archive;

/// <summary>A range of the log that is known to be missing: entries between two others, both of which are there.</summary>
/// <param name="After">Last entry before it; zero for the beginning of the log.</param>
/// <param name="Before">First entry behind it.</param>
public readonly record struct ArchiveGap(StreamId After, StreamId Before);

/// <summary>Entries that lie together in a file.</summary>
/// <param name="First">Oldest of them.</param>
/// <param name="Last">Newest of them.</param>
/// <param name="Rows">How many, 1 or more.</param>
internal sealed record ArchiveRowGroup(StreamId First, StreamId Last, int Rows);

/// <summary>
/// What a file of the archive holds, in a JSON file beside it. A file counts from the moment at which its manifest is there; the manifest's name says which
/// entry it goes on from, so that there cannot be two that go on from the same.
/// </summary>
internal sealed record ArchiveManifest
{
    /// <summary>Version of schema and manifest.</summary>
    public const int FormatOfThisVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        Converters = { new StreamIdJson() },
    };

    public required int Format { get; init; }

    public required int Partition { get; init; }

    /// <summary>UTC day of the IDs of all entries.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Name of the Parquet file in the same folder.</summary>
    public required string File { get; init; }

    /// <summary>The day is over: no other file of the day counts.</summary>
    public required bool IsWholeDay { get; init; }

    /// <summary>Entry that the first one follows in the archive; zero where the archive begins.</summary>
    public required StreamId After { get; init; }

    public required StreamId First { get; init; }

    public required StreamId Last { get; init; }

    public required long Rows { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Of the whole file, hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Entries the log had ever taken up to and including the last one; null where that is not known.</summary>
    public required long? EntriesAdded { get; init; }

    /// <summary>What the log had lost before it could be archived, in the range behind <see cref="After"/>.</summary>
    public required IReadOnlyList<ArchiveGap> Gaps { get; init; }

    public required IReadOnlyList<ArchiveRowGroup> RowGroups { get; init; }

    /// <summary>Name of the manifest in the folder.</summary>
    [JsonIgnore]
    public string Name => IsWholeDay ? $"{Day:yyyy-MM-dd}.json" : $"{Day:yyyy-MM-dd}.after-{After}.json";

    /// <summary>Name under which the Parquet file is written, until the manifest is there.</summary>
    [JsonIgnore]
    public string WrittenFile => File + ".tmp";

    /// <summary>SHA-256 of the manifest itself, as it is written with an empty one here, hexadecimal: what it says of the file must not be mistaken either.</summary>
    [JsonPropertyOrder(1), JsonInclude]
    public string Checksum { get; private init; } = "";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = ChecksumOfThis() }, Json);

    private string ChecksumOfThis() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = "" }, Json)));

    /// <exception cref="ArchiveDamagedException">It is no manifest, or a later version's.</exception>
    public static ArchiveManifest Parse(string path, byte[] json)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<ArchiveManifest>(json, Json) ?? throw new JsonException("it is empty");
            if (manifest.Format != FormatOfThisVersion) throw new ArchiveDamagedException(path, $"it has format {manifest.Format}, and this version reads {FormatOfThisVersion}");
            if (manifest.File != Path.GetFileName(manifest.File)) throw new ArchiveDamagedException(path, "it names a file outside its folder");
            if (manifest.Checksum != manifest.ChecksumOfThis()) throw new ArchiveDamagedException(path, "its checksum is another one");
            return manifest;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or NotSupportedException)
        {
            throw new ArchiveDamagedException(path, $"it is no manifest ({exception.Message})", exception);
        }
    }

    private sealed class StreamIdJson : JsonConverter<StreamId>
    {
        public override StreamId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            StreamId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("no stream ID");

        public override void Write(Utf8JsonWriter writer, StreamId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
