using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace WgMonitor.Hosting;

/// <summary>
/// TOML text to a tree that knows the place of every key and value. The parser runs in its tolerant mode and the duplicate checks are
/// made here, so that one bad line does not hide the mistakes on the others.
/// </summary>
internal sealed class TomlReader(string file, string text, List<ConfigurationProblem> problems)
{
    private static readonly SearchValues<char> Quoting = SearchValues.Create("\"'[]{}");

    private readonly HashSet<int> badLines = [];

    /// <summary>The tree of everything that could be read. Mistakes are added to the list.</summary>
    public TableNode Read()
    {
        var root = new TableNode(new(file, 1, 1), TableDefinition.Header);
        if (!TryParse(text, out var document))
        {
            problems.Add(new(new(file, LineThatThrows(), 1), "", "syntax error: a backslash in a text on this line is followed by nothing it can escape"));
            return root;
        }
        ReportSyntaxErrors(document.Diagnostics);
        foreach (var item in document.KeyValues) ReadKeyValue(item, root, "");
        foreach (var table in document.Tables) ReadTable(table, root);
        return root;
    }

    /// <summary>Tomlyn 2.10.2 throws where it wants to report some escapes, e.g. one that the end of the file cuts. Goes when it no longer does.</summary>
    private bool TryParse(string toml, [NotNullWhen(true)] out DocumentSyntax? document)
    {
        try
        {
            document = SyntaxParser.Parse(toml, file, validate: false);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            document = null;
            return false;
        }
    }

    private int LineThatThrows()
    {
        var lines = text.Split('\n');
        for (var count = 1; count < lines.Length; count++)
            if (!TryParse(string.Join('\n', lines[..count]) + "\n", out _)) return count;
        return lines.Length;
    }

    private void ReportSyntaxErrors(DiagnosticsBag diagnostics)
    {
        var lines = text.Split('\n');
        foreach (var diagnostic in diagnostics)
        {
            // One slip makes the parser stumble several times on its line; the first report is the useful one.
            var start = diagnostic.Span.Start;
            if (diagnostic.Kind != DiagnosticMessageKind.Error || !badLines.Add(start.Line)) continue;
            var line = start.Line < lines.Length ? lines[start.Line].Trim() : "";
            // It also stumbles over the empty line after a broken one, on which nobody can see a mistake.
            if (problems.Count > 0 && (line.Length == 0 || line[0] == '#')) continue;
            problems.Add(new(At(start), "", "syntax error: " + Lowered(diagnostic.Message), Hint: SyntaxHint(line)));
        }
    }

    /// <summary>The slips people make most: text, a duration or a size without quotes, and the booleans of other formats.</summary>
    private static string? SyntaxHint(string line)
    {
        var equals = line.IndexOf('=');
        if (equals < 0) return null;
        var value = line.AsSpan(equals + 1).Trim();
        if (value is "yes" or "no" or "on" or "off") return "Write true or false";
        return value.Length > 0 && char.IsAsciiLetterOrDigit(value[0]) && !value.ContainsAny(Quoting)
            ? $"Text, durations and sizes need quotes: {line[..equals].Trim()} = \"{value}\""
            : null;
    }

    private void ReadTable(TableSyntaxBase syntax, TableNode root)
    {
        if (syntax.Name is null) return;
        var origin = At(syntax.Span.Start);
        var names = Names(syntax.Name);
        var path = "";
        var parent = root;
        foreach (var name in names[..^1])
        {
            path = Join(path, name);
            if (Descend(parent, name, origin, path, TableDefinition.Implicit) is not { } next) return;
            parent = next;
        }

        path = Join(path, names[^1]);
        var table = syntax is TableArraySyntax ? AddToTableArray(parent, names[^1], origin, path) : DefineTable(parent, names[^1], origin, path);
        if (table is null) return;
        foreach (var item in syntax.Items) ReadKeyValue(item, table, path);
    }

    private TableNode? DefineTable(TableNode parent, string name, Origin origin, string path)
    {
        switch (parent[name])
        {
            case null:
                var table = new TableNode(origin, TableDefinition.Header);
                parent.Set(name, origin, table);
                return table;
            case TableNode { Definition: TableDefinition.Implicit } existing:
                existing.Definition = TableDefinition.Header;
                return existing;
            case var other:
                ReportDuplicate(origin, path, other);
                // Its keys are still read, so that mistakes in them are reported too.
                return other as TableNode;
        }
    }

    private TableNode? AddToTableArray(TableNode parent, string name, Origin origin, string path)
    {
        if (parent[name] is null) parent.Set(name, origin, new ListNode(origin) { IsTableArray = true });
        if (parent[name] is not ListNode { IsTableArray: true } list)
        {
            ReportDuplicate(origin, path, parent[name]!);
            return null;
        }

        var table = new TableNode(origin, TableDefinition.Header);
        list.Items.Add(table);
        return table;
    }

    private void ReadKeyValue(KeyValueSyntax syntax, TableNode table, string path)
    {
        if (syntax.Key is null || syntax.Value is null || IsOnBadLine(syntax)) return;
        var origin = At(syntax.Key.Span.Start);
        var names = Names(syntax.Key);
        foreach (var name in names[..^1])
        {
            path = Join(path, name);
            if (Descend(table, name, origin, path, TableDefinition.DottedKey) is not { } next) return;
            table = next;
        }

        path = Join(path, names[^1]);
        if (table[names[^1]] is { } existing)
            ReportDuplicate(origin, path, existing);
        else
            table.Set(names[^1], origin, ReadValue(syntax.Value, path));
    }

    private ConfigurationNode ReadValue(ValueSyntax syntax, string path)
    {
        var origin = At(syntax.Span.Start);
        switch (syntax)
        {
            case ArraySyntax array:
                var list = new ListNode(origin);
                foreach (var item in array.Items)
                    if (item.Value is { } value) list.Items.Add(ReadValue(value, $"{path}[{list.Items.Count}]"));
                return list;
            case InlineTableSyntax inline:
                var table = new TableNode(origin);
                foreach (var item in inline.Items)
                    if (item.KeyValue is { } pair) ReadKeyValue(pair, table, path);
                table.Definition = TableDefinition.Inline;
                return table;
            case StringValueSyntax { Value: var text }: return new ValueNode(origin, text ?? "");
            case IntegerValueSyntax { Value: var integer }: return new ValueNode(origin, integer);
            case FloatValueSyntax { Value: var number }: return new ValueNode(origin, number);
            case BooleanValueSyntax { Value: var flag }: return new ValueNode(origin, flag);
            default: return new ValueNode(origin, new TomlDate(syntax.ToString().Trim()));
        }
    }

    /// <summary>One step down a dotted name; the table is made when it is not there. Null after a reported contradiction.</summary>
    private TableNode? Descend(TableNode parent, string name, Origin origin, string path, TableDefinition definition)
    {
        switch (parent[name])
        {
            case null:
                var table = new TableNode(origin, definition);
                parent.Set(name, origin, table);
                return table;
            case TableNode { Definition: TableDefinition.Implicit or TableDefinition.DottedKey } existing:
                return existing;
            // Headers may go below a table with a header of its own; dotted keys may not.
            case TableNode { Definition: TableDefinition.Header } existing when definition == TableDefinition.Implicit:
                return existing;
            case ListNode { IsTableArray: true } list when definition == TableDefinition.Implicit:
                return (TableNode)list.Items[^1];
            case var other:
                ReportDuplicate(origin, path, other);
                return null;
        }
    }

    private void ReportDuplicate(Origin origin, string path, ConfigurationNode first) =>
        problems.Add(new(origin, path, $"is given twice, first at line {first.Origin.Line}", Hint: "Keep one of them"));

    private bool IsOnBadLine(KeyValueSyntax syntax)
    {
        // A value that starts on one line may break on a later one.
        var end = Math.Max(syntax.Span.Start.Line, syntax.Value!.Span.End.Line);
        for (var line = syntax.Span.Start.Line; line <= end; line++)
            if (badLines.Contains(line)) return true;
        return false;
    }

    private Origin At(TextPosition position) => new(file, position.Line + 1, position.Column + 1);

    private static List<string> Names(KeySyntax key)
    {
        List<string> names = [Name(key.Key)];
        foreach (var part in key.DotKeys) names.Add(Name(part.Key));
        return names;
    }

    private static string Name(BareKeyOrStringValueSyntax? part) => part switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? "",
        StringValueSyntax quoted => quoted.Value ?? "",
        _ => "",
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Lowered(string message) => message.Length == 0 ? message : char.ToLowerInvariant(message[0]) + message[1..];
}
