namespace WgMonitor.Hosting;

/// <summary>
/// The original tool's sections, rewritten to the present spelling before anything is bound. The values keep the place they were
/// written at, so a mistake in one is still reported there. Its <c>[redis]</c> keys are unchanged and need no row.
/// </summary>
internal static class LegacyKeys
{
    private delegate ConfigurationNode Rewrite(IReadOnlyDictionary<string, ValueNode> values, Origin origin);

    /// <summary>Old keys of one section, where they go, and what the operator should write instead.</summary>
    private sealed record Row(string Section, string[] Keys, string[] Target, string NewSpelling, Rewrite Value);

    private static readonly Row[] Rows =
    [
        new("app", ["host", "port"], ["collector", "listen"],
            "[[collector.listen]] protocol = \"udp\" address = \"{0}:{1}\"",
            (values, origin) => List(origin, ("protocol", Text(origin, "udp")), ("address", Address(values, "host", "port", 9999, origin)))),
        new("app", ["metrics_host", "metrics_port"], ["metrics", "address"],
            "[metrics] address = \"{0}:{1}\"",
            (values, origin) => Address(values, "metrics_host", "metrics_port", 9998, origin)),
        new("wireguard", ["interface"], ["collector", "interfaces"],
            "[collector] interfaces = [\"{0}\"]",
            (values, origin) => List(origin, values["interface"])),
        // The original posted to any address, plain http and private ones too; a file that worked goes on working, and the notice shows
        // what that needs today. The address may hold a token: the notice does not repeat it.
        new("manager", ["url"], ["notifier", "route"],
            "[[notifier.route]] name = \"original\" type = \"webhook\" format = \"original\" allow_insecure = true url = \"…\"",
            (values, origin) => List(origin, ("name", Text(origin, "original")), ("type", Text(origin, "webhook")), ("url", values["url"]), ("format", Text(origin, "original")), ("allow_insecure", new ValueNode(origin, true)))),
    ];

    /// <summary>Sections only the original had.</summary>
    public static IEnumerable<string> Sections => Rows.Select(row => row.Section).Distinct();

    public static void Apply(TableNode root, List<ConfigurationProblem> problems, List<ConfigurationProblem> notices)
    {
        foreach (var section in Sections)
        {
            if (root[section] is not TableNode table) continue;
            var rows = Rows.Where(row => row.Section == section).ToArray();
            foreach (var row in rows) ApplyRow(row, table, root, problems, notices);

            var known = rows.SelectMany(row => row.Keys).ToArray();
            foreach (var (key, entry) in table.Entries)
                if (!known.Contains(key)) problems.Add(new(entry.KeyOrigin, $"{section}.{key}", "unknown key", Hint: KeyNames.Suggest(key, known)));
            root.Entries.Remove(section);
        }
    }

    private static void ApplyRow(Row row, TableNode table, TableNode root, List<ConfigurationProblem> problems, List<ConfigurationProblem> notices)
    {
        var given = row.Keys.Where(key => table[key] is not null).ToArray();
        if (given.Length == 0) return;
        var names = string.Join(", ", given.Select(key => $"{row.Section}.{key}"));
        var origin = table.Entries[given[0]].KeyOrigin;

        var sound = true;
        foreach (var key in given)
        {
            if (table[key] is ValueNode { Value: var value } && (IsPort(key) ? value is >= 0L and <= 65535L : value is string)) continue;
            problems.Add(new(table[key]!.Origin, $"{row.Section}.{key}", IsPort(key) ? "must be a port number, 0 to 65535" : "must be text", ValueText.Show(table[key]!)));
            sound = false;
        }

        if (!sound) return;
        var values = given.ToDictionary(key => key, key => (ValueNode)table[key]!);
        // The original's example has url = "" for "no webhook".
        if (values.Values.Any(value => value.Value is "")) return;

        notices.Add(new(origin, names, "the original tool's spelling", Hint: "Write " + Spell(row, values)));
        if (Find(root, row.Target) is { } present)
            problems.Add(new(origin, names, $"the old spelling of {string.Join('.', row.Target)}, which is also given at {present.Origin}", Hint: "Remove the old one"));
        else
            Place(root, row, origin, row.Value(values, origin));
    }

    private static string Spell(Row row, Dictionary<string, ValueNode> values)
    {
        if (row.Keys.Length == 1) return string.Format(row.NewSpelling, values[row.Keys[0]].Value);
        var address = (string)((ValueNode)Address(values, row.Keys[0], row.Keys[1], row.Keys[1] == "port" ? 9999 : 9998, default)).Value;
        var colon = address.LastIndexOf(':');
        return string.Format(row.NewSpelling, address[..colon], address[(colon + 1)..]);
    }

    private static bool IsPort(string key) => key.EndsWith("port", StringComparison.Ordinal);

    private static ConfigurationNode? Find(TableNode root, string[] target) => (root[target[0]] as TableNode)?[target[1]];

    private static void Place(TableNode root, Row row, Origin origin, ConfigurationNode value)
    {
        if (root[row.Target[0]] is null) root.Set(row.Target[0], origin, new TableNode(origin));
        if (root[row.Target[0]] is TableNode section) section.Set(row.Target[1], origin, value);
    }

    /// <summary>Host and port as one address. The original needed both; where one is missing the present default stands in.</summary>
    private static ValueNode Address(IReadOnlyDictionary<string, ValueNode> values, string hostKey, string portKey, int portDefault, Origin origin)
    {
        var host = values.TryGetValue(hostKey, out var hostNode) ? (string)hostNode.Value : "127.0.0.1";
        var port = values.TryGetValue(portKey, out var portNode) ? (long)portNode.Value : portDefault;
        return new(hostNode?.Origin ?? origin, host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}");
    }

    private static ValueNode Text(Origin origin, string text) => new(origin, text);

    private static ListNode List(Origin origin, ConfigurationNode item)
    {
        var list = new ListNode(origin);
        list.Items.Add(item);
        return list;
    }

    private static ListNode List(Origin origin, params (string Key, ConfigurationNode Node)[] entries)
    {
        var table = new TableNode(origin, TableDefinition.Header);
        foreach (var (key, node) in entries) table.Set(key, origin, node);
        return List(origin, table);
    }
}
