using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace WgMonitor.Deployment.Tests;

/// <summary>YAML as the JSON it stands for, with anchors and merge keys resolved, as the programs that read these files see it.</summary>
internal static class Yaml
{
    private const string Merge = "<<";

    /// <summary>Every document of a text, empty ones left out.</summary>
    public static IReadOnlyList<JsonObject> Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => Node(document.RootNode)).OfType<JsonObject>()];
    }

    /// <summary>The only document of a text.</summary>
    public static JsonObject Document(string text) => Documents(text).Single();

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(Merged(mapping).Select(pair => KeyValuePair.Create(pair.Key, Node(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Node)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is not expected"),
    };

    /// <summary>The keys of a mapping, its own before those of what it merges.</summary>
    private static Dictionary<string, YamlNode> Merged(YamlMappingNode mapping)
    {
        var all = new Dictionary<string, YamlNode>();
        foreach (var (key, value) in mapping.Children)
        {
            if (Text(key) != Merge) all[Text(key)] = value;
        }
        foreach (var merged in mapping.Children.Where(pair => Text(pair.Key) == Merge).SelectMany(pair => pair.Value is YamlSequenceNode several ? several.Children : [pair.Value]))
        {
            foreach (var (key, value) in Merged((YamlMappingNode)merged)) all.TryAdd(key, value);
        }
        return all;
    }

    private static string Text(YamlNode key) => ((YamlScalarNode)key).Value!;

    private static JsonNode? Plain(string? text) => text switch
    {
        null or "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => JsonNode.Parse(real.ToString("R", CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(text),
    };
}
