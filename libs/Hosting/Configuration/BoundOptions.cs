using Microsoft.Extensions.DependencyInjection;

namespace WgMonitor.Hosting;

/// <summary>A section of the configuration a module reads, and the plain class (public <c>{ get; set; }</c> properties) it is bound to.</summary>
/// <param name="Name">Top-level name in the file, e.g. <c>collector</c>.</param>
/// <param name="Type">The options class; of the items when <paramref name="IsList"/>.</param>
/// <param name="IsList">True for a list of tables such as <c>[[peers]]</c>; it is registered as <c>IReadOnlyList&lt;T&gt;</c>.</param>
public sealed record OptionsSection(string Name, Type Type, bool IsList = false)
{
    /// <summary>A section that is one table: <c>[name]</c>.</summary>
    public static OptionsSection Of<T>(string name) where T : class, new() => new(name, typeof(T));

    /// <summary>A section that is a list of tables: <c>[[name]]</c>.</summary>
    public static OptionsSection ListOf<T>(string name) where T : class, new() => new(name, typeof(T), IsList: true);

    /// <summary>The type under which it is registered and found.</summary>
    public Type RegisteredType => IsList ? typeof(IReadOnlyList<>).MakeGenericType(Type) : Type;
}

/// <summary>The checked options of a process, one object a section.</summary>
public sealed class BoundOptions
{
    private readonly Dictionary<Type, object> values = [];
    private readonly Dictionary<string, Origin> origins;

    internal BoundOptions(Dictionary<string, Origin> origins) => this.origins = origins;

    /// <summary>The sections and their values, in the order the modules named them.</summary>
    public IReadOnlyList<(OptionsSection Section, object Value)> Sections => sections;

    private readonly List<(OptionsSection Section, object Value)> sections = [];

    /// <summary>The options of type <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">No module of this process names a section of that type.</exception>
    public T Get<T>() where T : class =>
        values.TryGetValue(typeof(T), out var value) ? (T)value : throw new InvalidOperationException($"No section is bound to {typeof(T)}.");

    /// <summary>Where the value of a full key such as <c>collector.listen[0].address</c> came from.</summary>
    public Origin OriginOf(string key) => origins.TryGetValue(key, out var origin) ? origin : Origin.Default;

    internal void Add(OptionsSection section, object value)
    {
        sections.Add((section, value));
        values.Add(section.RegisteredType, value);
    }

    internal void Register(IServiceCollection services)
    {
        foreach (var (type, value) in values) services.AddSingleton(type, value);
    }
}
