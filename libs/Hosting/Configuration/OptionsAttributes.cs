using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Hosting;

/// <summary>
/// Marks a text property whose value is never printed. For a property <c>Password</c> the key <c>password_file</c> is accepted too: its
/// value names a file (relative to the configuration file) whose trimmed content is the secret. Giving both is a mistake.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>
/// Marks an <c>int</c> or <c>long</c> property as a number of bytes, written <c>"64MiB"</c> or as a plain integer. Implied by the word
/// <c>Bytes</c> in the property's name.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteSizeAttribute : Attribute;

/// <summary>Bounds of a duration, both included: <c>[DurationRange("10ms", "1h")]</c>. Null is in range.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationRangeAttribute(string minimum, string maximum) : ValidationAttribute($"must be between {minimum} and {maximum}")
{
    /// <summary>Shortest duration allowed.</summary>
    public string Minimum => minimum;

    /// <summary>Longest duration allowed.</summary>
    public string Maximum => maximum;

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not TimeSpan duration || (Parse(minimum) <= duration && duration <= Parse(maximum));

    private static TimeSpan Parse(string text) =>
        ValueText.TryParseDuration(text, out var duration) ? duration : throw new FormatException($"[DurationRange] needs durations like \"30s\", not \"{text}\".");
}

/// <summary>Bounds of a number of bytes, both included: <c>[SizeRange("1KiB", "1GiB")]</c>. Null is in range.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SizeRangeAttribute(string minimum, string maximum) : ValidationAttribute($"must be between {minimum} and {maximum}")
{
    /// <summary>Smallest size allowed.</summary>
    public string Minimum => minimum;

    /// <summary>Largest size allowed.</summary>
    public string Maximum => maximum;

    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null || (Convert.ToInt64(value) is var bytes && Parse(minimum) <= bytes && bytes <= Parse(maximum));

    private static long Parse(string text) =>
        ValueText.TryParseSize(text, out var bytes) ? bytes : throw new FormatException($"[SizeRange] needs sizes like \"64MiB\", not \"{text}\".");
}
