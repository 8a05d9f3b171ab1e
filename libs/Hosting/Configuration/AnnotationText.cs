using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Hosting;

/// <summary>Data annotations in the words of the file: the framework's own texts name CLR properties and print durations as ticks of a clock.</summary>
internal static class AnnotationText
{
    public static string Of(ValidationAttribute annotation, OptionsProperty property) => annotation switch
    {
        { ErrorMessage.Length: > 0 } => annotation.ErrorMessage,
        RequiredAttribute => "is required",
        RangeAttribute range => Range(range, property),
        MinLengthAttribute { Length: 1 } => "must not be empty",
        MinLengthAttribute minimum => $"must have at least {minimum.Length} {Unit(property)}",
        MaxLengthAttribute maximum => $"must have at most {maximum.Length} {Unit(property)}",
        StringLengthAttribute length => $"must have {length.MinimumLength} to {length.MaximumLength} characters",
        RegularExpressionAttribute pattern => $"must match {pattern.Pattern}",
        AllowedValuesAttribute allowed => $"must be one of {string.Join(", ", allowed.Values)}",
        _ => annotation.FormatErrorMessage(property.Key),
    };

    private static string Range(RangeAttribute range, OptionsProperty property)
    {
        string Bound(object bound) =>
            range.OperandType == typeof(TimeSpan) ? ValueText.Duration(TimeSpan.Parse(bound.ToString()!))
            : property.IsSize ? ValueText.Size(Convert.ToInt64(bound))
            : bound.ToString()!;
        return $"must be between {Bound(range.Minimum)} and {Bound(range.Maximum)}";
    }

    private static string Unit(OptionsProperty property) => property.ElementType is null ? "characters" : "items";
}
