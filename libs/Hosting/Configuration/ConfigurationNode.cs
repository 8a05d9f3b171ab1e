namespace WgMonitor.Hosting;

/// <summary>One piece of the configuration tree, with the place it was written at.</summary>
internal abstract class ConfigurationNode(Origin origin)
{
    public Origin Origin { get; } = origin;
}

/// <summary>A scalar: string, long, double, bool, or a TOML date kept as <see cref="TomlDate"/>. From the environment always a string.</summary>
internal sealed class ValueNode(Origin origin, object value) : ConfigurationNode(origin)
{
    public object Value { get; } = value;

    /// <summary>Environment variables have no types: their text is read as whatever the property needs.</summary>
    public bool IsText => !Origin.IsFile;
}

/// <summary>A TOML date or time; no option takes one, it exists to be refused by name.</summary>
internal sealed record TomlDate(string Text);

internal sealed class ListNode(Origin origin) : ConfigurationNode(origin)
{
    public List<ConfigurationNode> Items { get; } = [];

    /// <summary>True for <c>[[name]]</c>, which later headers may extend; false for <c>name = [ … ]</c>.</summary>
    public bool IsTableArray { get; init; }
}

/// <summary>How a table came to be; decides whether a second definition is a mistake (TOML 1.1, "Table").</summary>
internal enum TableDefinition
{
    Implicit,
    Header,
    DottedKey,
    Inline,
}

internal sealed class TableNode(Origin origin, TableDefinition definition = TableDefinition.Implicit) : ConfigurationNode(origin)
{
    public TableDefinition Definition { get; set; } = definition;

    /// <summary>In the order of the file.</summary>
    public OrderedDictionary<string, Entry> Entries { get; } = new(StringComparer.Ordinal);

    public ConfigurationNode? this[string key] => Entries.TryGetValue(key, out var entry) ? entry.Node : null;

    public void Set(string key, Origin keyOrigin, ConfigurationNode node) => Entries[key] = new(keyOrigin, node);

    /// <summary>A key's own place and what it holds; mistakes of spelling point at the first, of value at the second.</summary>
    internal readonly record struct Entry(Origin KeyOrigin, ConfigurationNode Node);
}
