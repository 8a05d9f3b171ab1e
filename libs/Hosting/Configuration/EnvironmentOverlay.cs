namespace WgMonitor.Hosting;

/// <summary>
/// Lays environment variables over the file: <c>WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS=127.0.0.1:9999</c> sets
/// <c>collector.listen[0].address</c>. A number addresses a list item; the next free number appends one.
/// </summary>
internal static class EnvironmentOverlay
{
    public const string Prefix = "WGMONITOR__";

    public static void Apply(TableNode root, IReadOnlyDictionary<string, string> environment, List<ConfigurationProblem> problems)
    {
        // Sorted so that index 0 is appended before index 1, whatever order the operating system lists them in.
        foreach (var (variable, value) in environment.OrderBy(pair => pair.Key, new VariableOrder()))
        {
            if (!variable.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            var origin = new Origin(variable);
            var parts = variable[Prefix.Length..].ToLowerInvariant().Split("__");
            if (parts.Any(part => part.Length == 0))
                problems.Add(new(origin, "", "is not a valid name", Hint: $"Write {Prefix}SECTION__KEY"));
            else
                Set(root, parts, origin, value, problems);
        }
    }

    private static void Set(TableNode root, string[] parts, Origin origin, string value, List<ConfigurationProblem> problems)
    {
        ConfigurationNode node = root;
        var path = "";
        for (var i = 0; i < parts.Length; i++)
        {
            var nextIsIndex = i + 1 < parts.Length && IsIndex(parts[i + 1]);
            ConfigurationNode Make() => i + 1 == parts.Length ? new ValueNode(origin, value)
                : nextIsIndex ? new ListNode(origin) : new TableNode(origin);

            switch (node)
            {
                case TableNode table:
                    path = path.Length == 0 ? parts[i] : $"{path}.{parts[i]}";
                    // A value is replaced; a table or list of the file is entered.
                    if (i + 1 == parts.Length || table[parts[i]] is null or ValueNode) table.Set(parts[i], origin, Make());
                    node = table[parts[i]]!;
                    break;
                case ListNode list when IsIndex(parts[i]) && int.Parse(parts[i]) <= list.Items.Count:
                    var index = int.Parse(parts[i]);
                    path += $"[{index}]";
                    if (index == list.Items.Count) list.Items.Add(Make());
                    else if (i + 1 == parts.Length || list.Items[index] is ValueNode) list.Items[index] = Make();
                    node = list.Items[index];
                    break;
                case ListNode:
                    var message = $"is a list; \"{parts[i]}\" is neither one of its items nor the next";
                    problems.Add(new(origin, path, message, Hint: "Items count from 0 without gaps"));
                    return;
            }
        }
    }

    private static bool IsIndex(string part) => part.Length <= 4 && part.All(char.IsAsciiDigit);

    private sealed class VariableOrder : IComparer<string>
    {
        /// <summary>Ordinal, but runs of digits count as numbers: item 10 comes after item 9.</summary>
        public int Compare(string? x, string? y) => string.CompareOrdinal(Padded(x!), Padded(y!));

        private static string Padded(string variable) =>
            string.Join("__", variable.Split("__").Select(part => IsIndex(part) ? part.PadLeft(4, '0') : part));
    }
}
