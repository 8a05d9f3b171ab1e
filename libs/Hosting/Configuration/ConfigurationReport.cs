using System.Collections;
using System.Globalization;
using System.Net;

namespace WgMonitor.Hosting;

/// <summary>
/// The effective settings, one line each, as <c>collector.listen[0].address = "127.0.0.1:9999"  # config.toml:8:11</c>.
/// Secrets print as <c>&lt;secret&gt;</c>.
/// </summary>
public static class ConfigurationReport
{
    /// <summary>One effective setting.</summary>
    /// <param name="Key">Full key with list indexes.</param>
    /// <param name="Value">As it would be written in TOML; empty when it has no value.</param>
    /// <param name="Origin">Where it came from.</param>
    public readonly record struct Setting(string Key, string Value, Origin Origin)
    {
        /// <inheritdoc/>
        public override string ToString() => Value.Length == 0 ? $"{Key} is not set" : $"{Key} = {Value}  # {Origin}";
    }

    /// <summary>Every setting of every bound section, in the order of the options classes.</summary>
    public static IEnumerable<Setting> Settings(BoundOptions options)
    {
        foreach (var (section, value) in options.Sections)
        {
            var settings = section.IsList ? Tables((IList)value, section.Name, options) : Table(value, section.Name, options);
            foreach (var setting in settings) yield return setting;
        }
    }

    private static IEnumerable<Setting> Tables(IEnumerable tables, string path, BoundOptions options) =>
        tables.Cast<object>().SelectMany((table, i) => Table(table, $"{path}[{i}]", options));

    private static IEnumerable<Setting> Table(object table, string path, BoundOptions options)
    {
        foreach (var property in OptionsProperty.Of(table.GetType()))
        {
            var key = $"{path}.{property.Key}";
            var value = property.Property.GetValue(table);
            if (property.IsTable && value is not null)
            {
                var nested = property.ElementType is null ? Table(value, key, options) : Tables((IEnumerable)value, key, options);
                foreach (var setting in nested) yield return setting;
            }
            else
            {
                yield return new(key, Show(value, property), options.OriginOf(key));
            }
        }
    }

    private static string Show(object? value, OptionsProperty property) => value switch
    {
        null or "" => "",
        _ when property.IsSecret => "<secret>",
        string text => ValueText.Quote(text, int.MaxValue),
        bool flag => flag ? "true" : "false",
        TimeSpan duration => $"\"{ValueText.Duration(duration)}\"",
        int or long when property.IsSize => $"\"{ValueText.Size(Convert.ToInt64(value))}\"",
        Enum word => $"\"{KeyNames.ToSnakeCase(word.ToString())}\"",
        Uri url => ValueText.Quote(url.OriginalString, int.MaxValue),
        IPEndPoint endPoint => $"\"{endPoint}\"",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(item => Show(item, property)))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
