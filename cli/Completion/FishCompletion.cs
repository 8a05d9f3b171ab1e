using System.CommandLine;
using System.Text;

namespace WgMonitor.Cli.Completion;

/// <summary>For fish 3 and newer: a file <c>wgmonitor.fish</c> in its completions directory.</summary>
internal static class FishCompletion
{
    public static string Of(IReadOnlyList<CommandNode> commands)
    {
        var script = new StringBuilder("# fish completion for wgmonitor, printed by `wgmonitor completion fish`.\ncomplete -c wgmonitor -f\n");
        foreach (var node in commands)
        {
            var condition = Condition(node);
            foreach (var child in node.Subcommands) script.Append($"complete -c wgmonitor -n {condition} -a {child.Name} -d {Quoted(child.Description)}\n");
            if (node.ArgumentWords.Length > 0) script.Append($"complete -c wgmonitor -n {condition} -a {Quoted(string.Join(' ', node.ArgumentWords))}\n");
            else if (node.Command.Arguments.Count > 0) script.Append($"complete -c wgmonitor -n {condition} -F\n");
            foreach (var option in node.Options) script.Append($"complete -c wgmonitor -n {condition} {Option(option)} -d {Quoted(option.Description)}\n");
        }

        return script.ToString();
    }

    private static string Condition(CommandNode node)
    {
        if (node.Path.Length == 0) return "__fish_use_subcommand";
        var seen = string.Join("; and ", node.Path.Split(' ').Select(name => $"__fish_seen_subcommand_from {name}"));
        var children = node.Subcommands.Select(command => command.Name).ToArray();
        return Quoted(children.Length == 0 ? seen : $"{seen}; and not __fish_seen_subcommand_from {string.Join(' ', children)}");
    }

    private static string Option(Option option)
    {
        var names = string.Join(' ', CommandTree.Names(option).Where(name => name is not "-?").Distinct().Where(name => !name.StartsWith('/')).Select(name => name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}"));
        if (!CommandTree.TakesValue(option)) return names;
        if (CommandTree.TakesPath(option)) return $"{names} -rF";
        var words = CommandTree.Words(option);
        return words.Length > 0 ? $"{names} -xa {Quoted(string.Join(' ', words))}" : $"{names} -x";
    }

    private static string Quoted(string? text) => $"'{(text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
