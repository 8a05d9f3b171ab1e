using System.Globalization;
using System.Net;

namespace WgMonitor.Hosting;

/// <summary>One scalar of the file or the environment to the type of a property, or what should have been written.</summary>
internal static class ValueParser
{
    /// <summary>The value, or the expectation as it completes the sentence "key: must be …" together with a hint.</summary>
    internal readonly record struct Result(object? Value, string? Expected = null, string? Hint = null);

    private const string DurationExpected = "a duration like \"250ms\", \"30s\", \"10m\", \"24h\" or \"7d\"";

    private const string EndPointExpected = "an IP address and port like \"127.0.0.1:9999\" or \"[::1]:9999\"";

    public static Result Parse(ConfigurationNode node, OptionsProperty property)
    {
        var type = property.ValueType;
        var scalar = node as ValueNode;
        var text = scalar?.Value as string;
        // From the environment everything is text; "true" and "42" are then meant as what the property is.
        var free = scalar is { IsText: true };

        if (property.IsSize) return ParseSize(scalar?.Value, text, free, type);
        if (type == typeof(string)) return text is null ? Wrong("text", scalar is null ? null : "Put it in quotes") : new(text);
        if (type == typeof(bool)) return ParseFlag(scalar?.Value, text, free);
        if (type == typeof(int) || type == typeof(long)) return ParseInteger(scalar?.Value, text, free, type);
        if (type == typeof(double)) return ParseNumber(scalar?.Value, text, free);
        if (type == typeof(TimeSpan))
            return text is not null && ValueText.TryParseDuration(text, out var duration) ? new(duration) : Wrong(DurationExpected);
        if (type == typeof(IPEndPoint))
            return text is not null && ValueText.TryParseEndPoint(text, out var endPoint) ? new(endPoint) : Wrong(EndPointExpected);
        if (type == typeof(Uri))
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && text!.Contains(':') ? new(uri) : Wrong("an absolute URL like \"https://host/path\"");
        if (type.IsEnum) return ParseWord(text, type);
        throw new NotSupportedException($"{property.Property.DeclaringType}.{property.Property.Name}: options of type {type} are not supported.");
    }

    private static Result ParseFlag(object? value, string? text, bool free)
    {
        if (value is bool flag) return new(flag);
        return free && bool.TryParse(text, out var parsed) ? new(parsed) : Wrong("true or false");
    }

    private static Result ParseInteger(object? value, string? text, bool free, Type type)
    {
        if (free && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)) value = parsed;
        if (value is not long integer) return Wrong("an integer", text is not null && !free && long.TryParse(text, out _) ? "Write it without quotes" : null);
        if (type == typeof(long)) return new(integer);
        return integer is >= int.MinValue and <= int.MaxValue ? new((int)integer) : Wrong($"between {int.MinValue} and {int.MaxValue}");
    }

    private static Result ParseNumber(object? value, string? text, bool free)
    {
        if (free && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed)) value = parsed;
        return value switch
        {
            double number when double.IsFinite(number) => new(number),
            long integer => new((double)integer),
            _ => Wrong("a number"),
        };
    }

    private static Result ParseSize(object? value, string? text, bool free, Type type)
    {
        if (value is not long bytes && !(text is not null && ValueText.TryParseSize(text, out bytes)) && !(free && long.TryParse(text, out bytes)))
            return Wrong("a size like \"512B\", \"8KiB\" or \"64MiB\"");
        if (bytes < 0) return Wrong("a size, not negative");
        if (type == typeof(long)) return new(bytes);
        return bytes <= int.MaxValue ? new((int)bytes) : Wrong("less than 2GiB");
    }

    /// <summary>Enum members are words of the file: <c>EndpointChanged</c> is <c>endpoint_changed</c>, <c>endpoint-changed</c>, in any case.</summary>
    private static Result ParseWord(string? text, Type type)
    {
        var names = Enum.GetNames(type);
        if (text is not null && names.FirstOrDefault(name => KeyNames.Plain(name) == KeyNames.Plain(text)) is { } found) return new(Enum.Parse(type, found));
        string[] words = [.. names.Select(KeyNames.ToSnakeCase)];
        var hint = text is null ? null : KeyNames.Suggest(text, words);
        return Wrong($"one of {string.Join(", ", words)}", hint?.StartsWith("Did", StringComparison.Ordinal) == true ? hint : null);
    }

    private static Result Wrong(string expected, string? hint = null) => new(null, "must be " + expected, hint);
}
