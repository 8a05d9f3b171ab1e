using System.Reflection;

namespace WgMonitor.Api;

internal static class ProductVersion
{
    /// <summary>Version of this program, e.g. <c>0.1.0</c>.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
