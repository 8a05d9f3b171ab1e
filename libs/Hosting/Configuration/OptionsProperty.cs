using System.Net;
using System.Reflection;

namespace WgMonitor.Hosting;

/// <summary>What the binder needs to know of one property of an options class.</summary>
internal sealed class OptionsProperty
{
    private OptionsProperty(PropertyInfo property)
    {
        Property = property;
        Key = KeyNames.ToSnakeCase(property.Name);
        ElementType = ListElementType(property.PropertyType);
        IsSecret = property.IsDefined(typeof(SecretAttribute));
        IsSize = property.IsDefined(typeof(ByteSizeAttribute)) || (IsInteger(ValueType) && Key.Split('_').Contains("bytes"));
    }

    public PropertyInfo Property { get; }

    /// <summary>As written in the file.</summary>
    public string Key { get; }

    /// <summary>Type of the items when the property is a list, else null.</summary>
    public Type? ElementType { get; }

    public bool IsSecret { get; }

    /// <summary>The key that names a file instead of holding the value; null when there is none.</summary>
    public string? FileKey => IsSecret && ElementType is null ? Key + "_file" : null;

    public bool IsSize { get; }

    /// <summary>Type of one value: the item of a list, the inside of a nullable.</summary>
    public Type ValueType => Nullable.GetUnderlyingType(ElementType ?? Property.PropertyType) ?? ElementType ?? Property.PropertyType;

    /// <summary>True when one value is a table bound to an options class of its own.</summary>
    public bool IsTable => IsOptionsClass(ValueType);

    /// <summary>Public read-write properties, in the order of the class.</summary>
    public static IReadOnlyList<OptionsProperty> Of(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true })
            .Select(property => new OptionsProperty(property)),
    ];

    /// <summary>Lists are properties of type <c>List&lt;T&gt;</c>, an interface it implements, or <c>T[]</c>.</summary>
    public static Type? ListElementType(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        if (!type.IsGenericType || type.GetGenericArguments() is not [var element]) return null;
        return type.IsAssignableFrom(typeof(List<>).MakeGenericType(element)) ? element : null;
    }

    private static bool IsInteger(Type type) => type == typeof(int) || type == typeof(long);

    private static bool IsOptionsClass(Type type) => type.IsClass && type != typeof(string) && type != typeof(Uri) && type != typeof(IPEndPoint);
}
