using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace WgMonitor.Hosting;

/// <summary>
/// A table of the configuration to an object of a plain options class. Written here and not left to
/// Microsoft.Extensions.Configuration.Binder, because that one knows no place in a file, stops at the first wrong value and cannot
/// refuse unknown keys where the spelling of keys differs from that of properties.
/// </summary>
/// <param name="problems">Receives every mistake.</param>
/// <param name="origins">Receives where each given key came from.</param>
/// <param name="complete">False when the file had syntax errors: what looks missing may stand on a line that could not be read.</param>
internal sealed class SectionBinder(List<ConfigurationProblem> problems, Dictionary<string, Origin> origins, bool complete)
{
    /// <summary>Full keys of values that were given and could not be read, so far.</summary>
    private readonly List<string> refusals = [];

    /// <summary>Binds a section that is one table, or was not given at all.</summary>
    public object BindSection(string name, ConfigurationNode? node, Type type)
    {
        if (node is not (null or TableNode))
        {
            Refuse(node.Origin, name, "must be a table", ValueText.Show(node), $"Write [{name}]");
            node = null;
        }

        return BindTable(Activator.CreateInstance(type)!, (TableNode?)node ?? new TableNode(Origin.Default), name);
    }

    /// <summary>Binds a section that is a list of tables, as <c>[[peers]]</c>.</summary>
    public IList BindListSection(string name, ConfigurationNode? node, Type elementType)
    {
        var items = NewList(elementType);
        if (node is ListNode list) BindTables(list, name, elementType, items);
        else if (node is not null) Refuse(node.Origin, name, "must be a list of tables", ValueText.Show(node), $"Write [[{name}]]");
        return items;
    }

    private object BindTable(object options, TableNode table, string path)
    {
        if (!table.Origin.IsDefault) origins.TryAdd(path, table.Origin);
        var properties = OptionsProperty.Of(options.GetType());
        var refused = new HashSet<string>();
        var before = refusals.Count;
        ReportUnknownKeys(table, properties, path);
        foreach (var property in properties)
            if (!BindProperty(options, property, table, path)) refused.Add(property.Key);

        foreach (var property in properties)
            if (!refused.Contains(property.Key)) CheckAnnotations(options, property, table, path);
        // A rule over a value that could not be read would speak of its default and mislead.
        if (complete) CheckRules(options, properties, table, path, refusals[before..]);
        return options;
    }

    private void ReportUnknownKeys(TableNode table, IReadOnlyList<OptionsProperty> properties, string path)
    {
        var known = properties.SelectMany(property => property.FileKey is { } file ? [property.Key, file] : new[] { property.Key }).ToArray();
        foreach (var (key, entry) in table.Entries)
            if (!known.Contains(key)) Report(entry.KeyOrigin, $"{path}.{key}", "unknown key", hint: KeyNames.Suggest(key, known));
    }

    /// <summary>False when the value was given and refused.</summary>
    private bool BindProperty(object options, OptionsProperty property, TableNode table, string path)
    {
        var key = $"{path}.{property.Key}";
        var node = table[property.Key];
        if (property.FileKey is { } fileKey && table[fileKey] is { } file) return BindSecretFile(options, property, table, file, path);
        if (property.ElementType is not null) return node is null || BindList(options, property, node, key);
        if (property.IsTable) return BindNested(options, property, node, table.Origin, key);
        if (node is null) return true;

        if (!TryParse(node, property, key, out var value)) return false;
        property.Property.SetValue(options, value);
        return true;
    }

    private bool BindNested(object options, OptionsProperty property, ConfigurationNode? node, Origin parent, string key)
    {
        var nested = property.Property.GetValue(options);
        if (node is null && nested is null) return true;
        if (node is not (null or TableNode))
        {
            Refuse(node.Origin, key, "must be a table", ValueText.Show(node), $"Write [{key}]");
            return false;
        }

        // A nested table that was not given is still checked: its defaults may contradict what was given around it.
        var before = refusals.Count;
        property.Property.SetValue(options, BindTable(nested ?? Activator.CreateInstance(property.ValueType)!, (TableNode?)node ?? new TableNode(parent), key));
        return refusals.Count == before;
    }

    private bool BindList(object options, OptionsProperty property, ConfigurationNode node, string key)
    {
        if (node is not ListNode list)
        {
            var hint = property.IsTable ? $"Write [[{key}]]"
                : !node.Origin.IsFile ? $"Set {node.Origin}__0"
                : property.IsSecret ? "Write it in brackets"
                : $"Write {property.Key} = [{ValueText.Show(node)}]";
            Refuse(node.Origin, key, property.IsTable ? "must be a list of tables" : "must be a list", Got(node, property), hint);
            return false;
        }

        origins.TryAdd(key, list.Origin);
        var before = refusals.Count;
        var items = NewList(property.ElementType!);
        if (property.IsTable) BindTables(list, key, property.ElementType!, items);
        else
            for (var i = 0; i < list.Items.Count; i++)
                if (TryParse(list.Items[i], property, $"{key}[{i}]", out var item)) items.Add(item);
        property.Property.SetValue(options, property.Property.PropertyType.IsArray ? ToArray(items, property.ElementType!) : items);
        return refusals.Count == before;
    }

    private void BindTables(ListNode list, string key, Type elementType, IList items)
    {
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i] is TableNode table) items.Add(BindTable(Activator.CreateInstance(elementType)!, table, $"{key}[{i}]"));
            else Refuse(list.Items[i].Origin, $"{key}[{i}]", "must be a table", ValueText.Show(list.Items[i]), $"Write [[{key}]]");
        }
    }

    private bool BindSecretFile(object options, OptionsProperty property, TableNode table, ConfigurationNode file, string path)
    {
        var key = $"{path}.{property.FileKey}";
        if (table.Entries.TryGetValue(property.Key, out var direct))
        {
            Refuse(file.Origin, key, $"contradicts {property.Key}, which is also given at {direct.KeyOrigin}", hint: "Keep one of them");
            return false;
        }

        if (file is not ValueNode { Value: string name } || name.Length == 0)
        {
            Refuse(file.Origin, key, "must be the name of a file", ValueText.Show(file));
            return false;
        }

        if (!SecretFile.TryRead(name, file.Origin, out var secret, out var failure))
        {
            Refuse(file.Origin, key, failure, ValueText.Show(file));
            return false;
        }

        if (!TryParse(new ValueNode(file.Origin, secret), property, $"{path}.{property.Key}", out var value)) return false;
        property.Property.SetValue(options, value);
        return true;
    }

    private bool TryParse(ConfigurationNode node, OptionsProperty property, string key, out object? value)
    {
        var result = ValueParser.Parse(node, property);
        value = result.Value;
        origins.TryAdd(key, node.Origin);
        if (result.Expected is null) return true;
        Refuse(node.Origin, key, result.Expected, Got(node, property), result.Hint);
        return false;
    }

    private void CheckAnnotations(object options, OptionsProperty property, TableNode table, string path)
    {
        var value = property.Property.GetValue(options);
        foreach (var annotation in property.Property.GetCustomAttributes(true).OfType<ValidationAttribute>())
        {
            if (annotation.IsValid(value) || (annotation is RequiredAttribute && !complete)) continue;
            ReportOn(table, property, $"{path}.{property.Key}", AnnotationText.Of(annotation, property));
        }
    }

    private void CheckRules(object options, IReadOnlyList<OptionsProperty> properties, TableNode table, string path, IReadOnlyList<string> unread)
    {
        IEnumerable<OptionsProblem> found = (options as IOptionsRules)?.Check() ?? [];
        if (options is IValidatableObject validatable)
            found = found.Concat(validatable.Validate(new(options)).Select(result =>
                new OptionsProblem(KeyNames.ToSnakeCase(result.MemberNames.FirstOrDefault() ?? ""), result.ErrorMessage ?? "is not valid")));
        foreach (var problem in found)
        {
            if (unread.Any(key => problem.FollowsFrom?.Contains(key[(key.LastIndexOf('.') + 1)..]) ?? true)) continue;
            var property = properties.FirstOrDefault(property => property.Key == problem.Key);
            ReportOn(table, property, problem.Key.Length == 0 ? path : $"{path}.{problem.Key}", problem.Message, problem.Hint);
        }
    }

    /// <summary>Reports at the place of the key, or where it is not given, at that of the table around it.</summary>
    private void ReportOn(TableNode table, OptionsProperty? property, string key, string message, string? hint = null)
    {
        var node = property is null ? null : table[property.Key] ?? (property.FileKey is { } file ? table[file] : null);
        var origin = node?.Origin ?? (origins.TryGetValue(key, out var known) ? known : table.Origin);
        Report(origin, key, message, node is ValueNode && table[property!.Key] is not null ? Got(node, property) : null, hint);
    }

    private void Refuse(Origin origin, string key, string message, string? got = null, string? hint = null)
    {
        refusals.Add(key);
        Report(origin, key, message, got, hint);
    }

    private void Report(Origin origin, string key, string message, string? got = null, string? hint = null) =>
        problems.Add(new(origin, key, message, got, hint));

    private static string? Got(ConfigurationNode node, OptionsProperty property) => property.IsSecret ? null : ValueText.Show(node);

    private static IList NewList(Type elementType) => (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(elementType))!;

    private static Array ToArray(IList items, Type elementType)
    {
        var array = Array.CreateInstance(elementType, items.Count);
        items.CopyTo(array, 0);
        return array;
    }
}
