namespace WgMonitor.Hosting;

/// <summary>
/// The original tool's sections, rewritten to the present spelling before anything is bound. The values keep the place they were
/// written at, so a mistake in one is still reported there. Its <c>[redis]</c> keys are unchanged and need no row.
/// </summary>
internal static class LegacyKeys
{
    /// <summary>One or two old keys that became one new value.</summary>
    /// <param name="Section">The old section.</param>
    /// <param name="Keys">One key, or host and port, which became one address.</param>
    /// <param name="PortDefault">Port where the original's host was given alone.</param>
    /// <param name="Target">The new section and key.</param>
    /// <param name="NewSpelling">What the operator should write instead; {0} is the value.</param>
    /// <param name="Place">The value as it stands under the new key.</param>
    private sealed record Row(
        string Section, string[] Keys, int PortDefault, string[] Target, string NewSpelling, Func<Origin, ValueNode, ConfigurationNode> Place);

    private static readonly Row[] Rows =
    [
        new("app", ["host", "port"], 9999, ["collector", "listen"],
            "[[collector.listen]] protocol = \"udp\" address = \"{0}\"",
            (origin, address) => Tables(origin, ("protocol", "udp"), ("address", address))),
        new("app", ["metrics_host", "metrics_port"], 9998, ["metrics", "address"],
            "[metrics] address = \"{0}\"",
            (_, address) => address),
        new("wireguard", ["interface"], 0, ["collector", "interfaces"],
            "[collector] interfaces = [\"{0}\"]",
            (origin, name) => List(origin, name)),
        // The original posted to any address, plain http and private ones too; a file that worked goes on working, and the notice shows
        // what that needs today. The address may hold a token: the notice does not repeat it.
        new("manager", ["url"], 0, ["notifier", "route"],
            "[[notifier.route]] name = \"original\" type = \"webhook\" format = \"original\" allow_insecure = true url = \"…\"",
            (origin, url) => Tables(origin, ("name", "original"), ("type", "webhook"), ("url", url), ("format", "original"), ("allow_insecure", true))),
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
            var isPort = key.EndsWith("port", StringComparison.Ordinal);
            var scalar = (table[key] as ValueNode)?.Value;
            if (isPort ? scalar is >= 0L and <= 65535L : scalar is string) continue;
            var message = isPort ? "must be a port number, 0 to 65535" : "must be text";
            problems.Add(new(table[key]!.Origin, $"{row.Section}.{key}", message, ValueText.Show(table[key]!)));
            sound = false;
        }

        // The original's example has url = "" for "no webhook".
        if (!sound || given.Any(key => table[key] is ValueNode { Value: "" })) return;

        var value = row.Keys.Length == 1 ? (ValueNode)table[row.Keys[0]]! : Address(row, table, origin);
        notices.Add(new(origin, names, "the original tool's spelling", Hint: "Write " + string.Format(row.NewSpelling, value.Value)));
        if ((root[row.Target[0]] as TableNode)?[row.Target[1]] is { } present)
        {
            var target = string.Join('.', row.Target);
            problems.Add(new(origin, names, $"the old spelling of {target}, which is also given at {present.Origin}", Hint: "Remove the old one"));
            return;
        }

        if (root[row.Target[0]] is null) root.Set(row.Target[0], origin, new TableNode(origin));
        if (root[row.Target[0]] is TableNode section) section.Set(row.Target[1], origin, row.Place(origin, value));
    }

    /// <summary>Host and port as one address. The original needed both; where one is missing the present default stands in.</summary>
    private static ValueNode Address(Row row, TableNode table, Origin origin)
    {
        var host = (table[row.Keys[0]] as ValueNode)?.Value as string ?? "127.0.0.1";
        var port = (table[row.Keys[1]] as ValueNode)?.Value ?? row.PortDefault;
        return new(table[row.Keys[0]]?.Origin ?? origin, host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}");
    }

    private static ListNode List(Origin origin, ConfigurationNode item)
    {
        var list = new ListNode(origin);
        list.Items.Add(item);
        return list;
    }

    private static ListNode Tables(Origin origin, params (string Key, object Value)[] entries)
    {
        var table = new TableNode(origin, TableDefinition.Header);
        foreach (var (key, value) in entries) table.Set(key, origin, value as ConfigurationNode ?? new ValueNode(origin, value));
        return List(origin, table);
    }
}
