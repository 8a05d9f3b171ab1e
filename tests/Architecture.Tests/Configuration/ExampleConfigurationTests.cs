using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using WgMonitor.Hosting;
using Xunit;

namespace WgMonitor.Architecture.Tests.Configuration;

/// <summary>
/// <c>config.example.toml</c> holds every key of every section and nothing else. Keys with a default stand as they are; keys without one, and
/// lists of tables, stand behind a <c>#</c> without a space, words behind <c># </c>.
/// </summary>
public sealed partial class ExampleConfigurationTests
{
    private const string FileName = "config.example.toml";

    private static readonly string Text = Repository.Read(FileName);

    [Fact]
    public void The_example_is_a_sound_configuration()
    {
        var options = ConfigurationDocument.Parse(Text, name: FileName).Bind(Sections);

        Assert.NotEmpty(options.Sections);
    }

    /// <summary>All services of one host share a file, and each binds only its own sections.</summary>
    [Fact]
    public void Each_service_alone_takes_the_whole_file()
    {
        Assert.All(ProductAssemblies.Modules, module => Assert.NotEmpty(ConfigurationDocument.Parse(Text, name: FileName).Bind(
            [.. module.Sections, OptionsSection.Of<RedisOptions>("redis"), OptionsSection.Of<MetricsOptions>("metrics")]).Sections));
    }

    [Fact]
    public void Every_value_in_it_is_the_default()
    {
        var example = ConfigurationReport.Settings(ConfigurationDocument.Parse(Text, name: FileName).Bind(Sections));
        var defaults = ConfigurationReport.Settings(ConfigurationDocument.Parse("").Bind(Sections));

        Assert.Equal(defaults.Select(setting => $"{setting.Key} = {setting.Value}"), example.Select(setting => $"{setting.Key} = {setting.Value}"));
    }

    [Fact]
    public void Values_of_commented_tables_are_their_defaults_too()
    {
        var uncommented = Uncommented().Replace(Text, "$1");
        var headersAlone = string.Join('\n', uncommented.Split('\n').Where(line => line.StartsWith("[[", StringComparison.Ordinal)));

        // Both hold mistakes (url beside host, names missing); what could be bound is compared.
        var defaults = ConfigurationReport.Settings(ConfigurationDocument.Parse(headersAlone).TryBind(Sections).Options).Where(setting => setting.Value.Length > 0);
        var example = ConfigurationReport.Settings(ConfigurationDocument.Parse(uncommented).TryBind(Sections).Options).ToDictionary(setting => setting.Key, setting => setting.Value);

        Assert.All(defaults.Where(setting => setting.Key.Contains('[')), setting => Assert.Equal($"{setting.Key} = {setting.Value}", $"{setting.Key} = {example[setting.Key]}"));
    }

    [Fact]
    public void It_holds_every_key_of_every_section_and_no_other()
    {
        // Everything uncommented may contradict itself (url and host), so this reads keys and does not bind.
        var inExample = KeysOf(Uncommented().Replace(Text, "$1")).ToHashSet();
        var inCode = Sections.SelectMany(section => KeysOf(section.Type, section.Name)).ToHashSet();

        Assert.Empty(inCode.Except(inExample).Order().Select(key => $"{FileName} lacks {key}"));
        Assert.Empty(inExample.Except(inCode).Order().Select(key => $"{FileName} has {key}, which nobody reads"));
    }

    [Fact]
    public void The_words_above_a_key_name_its_range()
    {
        var words = WordsAboveKeys();
        var ranges = Sections.SelectMany(section => RangesOf(section.Type, section.Name)).ToArray();

        Assert.NotEmpty(ranges);
        Assert.All(ranges, range => Assert.Contains(range.Range, words[range.Key]));
    }

    [Fact]
    public void It_says_of_every_secret_that_a_file_can_hold_it()
    {
        var secrets = Sections.SelectMany(section => SecretsOf(section.Type));

        Assert.All(secrets, key => Assert.Contains($"{key}_file", Text));
    }

    private static IReadOnlyList<OptionsSection> Sections { get; } =
    [
        .. ProductAssemblies.Modules.SelectMany(module => module.Sections)
            .Concat([OptionsSection.Of<RedisOptions>("redis"), OptionsSection.Of<MetricsOptions>("metrics")]).Distinct(),
    ];

    private static IEnumerable<string> KeysOf(Type options, string path) => OptionsProperty.Of(options).SelectMany(property =>
        property.IsTable ? KeysOf(property.ValueType, $"{path}.{property.Key}") : [$"{path}.{property.Key}"]);

    private static IEnumerable<(string Key, string Range)> RangesOf(Type options, string path)
    {
        foreach (var property in OptionsProperty.Of(options))
        {
            var key = $"{path}.{property.Key}";
            foreach (var nested in property.IsTable ? RangesOf(property.ValueType, key) : []) yield return nested;
            foreach (var annotation in property.Property.GetCustomAttributes(true).OfType<ValidationAttribute>())
            {
                if (Between().Match(AnnotationText.Of(annotation, property)) is { Success: true } match)
                {
                    var unbounded = double.TryParse(match.Groups[2].ValueSpan, out var most) && most >= long.MaxValue;
                    yield return (key, unbounded ? $"{match.Groups[1]} and up" : $"{match.Groups[1]} to {match.Groups[2]}");
                }
            }
        }
    }

    /// <summary>By full key, the comment that stands directly above it.</summary>
    private static Dictionary<string, string> WordsAboveKeys()
    {
        var words = new Dictionary<string, string>();
        var (table, above) = ("", "");
        foreach (var line in Text.Split('\n'))
        {
            var code = line.StartsWith('#') ? line[1..] : line;
            if (line.StartsWith("# ", StringComparison.Ordinal)) above += line[1..];
            else if (Header().Match(code) is { Success: true } header) (table, above) = (header.Groups[1].Value, "");
            else if (Key().Match(code) is { Success: true } key) (words[$"{table}.{key.Groups[1].Value}"], above) = (above, "");
            else above = "";
        }

        return words;
    }

    private static IEnumerable<string> SecretsOf(Type options) => OptionsProperty.Of(options).SelectMany(property =>
        property.IsTable ? SecretsOf(property.ValueType) : property.IsSecret ? [property.Key] : []);

    private static IEnumerable<string> KeysOf(string toml)
    {
        var table = "";
        foreach (var line in toml.Split('\n'))
        {
            if (Header().Match(line) is { Success: true } header) table = header.Groups[1].Value;
            else if (Key().Match(line) is { Success: true } key) yield return $"{table}.{key.Groups[1].Value}";
        }
    }

    [GeneratedRegex(@"^#(?=\S)(.*)$", RegexOptions.Multiline)]
    private static partial Regex Uncommented();

    [GeneratedRegex(@"^\[\[?([a-z0-9_.]+)\]\]?")]
    private static partial Regex Header();

    [GeneratedRegex("between (.+) and (.+)$")]
    private static partial Regex Between();

    [GeneratedRegex(@"^([a-z0-9_]+) *=")]
    private static partial Regex Key();
}
