using System.Reflection;
using WgMonitor.Hosting;

namespace WgMonitor.Architecture.Tests;

/// <summary>The built assemblies of the product, found beside the tests: nobody has to list a new one.</summary>
internal static class ProductAssemblies
{
    public static IReadOnlyList<Assembly> All { get; } =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => name.StartsWith("wgmonitor", StringComparison.OrdinalIgnoreCase) && !name.EndsWith(".Tests", StringComparison.Ordinal) && name != "WgMonitor.Testing")
            .Order(StringComparer.Ordinal)
            .Select(Assembly.Load),
    ];

    /// <summary>Every type of the product.</summary>
    public static IEnumerable<Type> Types => All.SelectMany(assembly => assembly.GetTypes());

    /// <summary>Every service that an assembly offers as a static property, whether the program runs it already or not.</summary>
    public static ServiceModule[] Modules { get; } =
    [
        .. Types.SelectMany(type => type.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(property => property.PropertyType == typeof(ServiceModule))
            .Select(property => (ServiceModule)property.GetValue(null)!),
    ];
}
