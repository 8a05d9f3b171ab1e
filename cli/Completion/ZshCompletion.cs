using System.Text;

namespace WgMonitor.Cli.Completion;

/// <summary>For zsh: a file <c>_wgmonitor</c> in a directory of <c>fpath</c>.</summary>
internal static class ZshCompletion
{
    public static string Of(IReadOnlyList<CommandNode> commands)
    {
        var script = new StringBuilder("""
            #compdef wgmonitor
            # zsh completion for wgmonitor, printed by `wgmonitor completion zsh`.
            _wgmonitor() {
                local prev=${words[CURRENT-1]} place="" word
                local -a items
                for word in "${(@)words[2,CURRENT-1]}"; do
                    case "${place:+$place }$word" in

            """);
        script.Append($"            {string.Join('|', commands.Skip(1).Select(node => Quoted(node.Path)))}) place=\"${{place:+$place }}$word\" ;;\n");
        script.Append("        esac\n    done\n    case \"$place:$prev\" in\n");
        foreach (var node in commands)
        {
            foreach (var option in node.Options.Where(CommandTree.TakesValue))
            {
                var pattern = string.Join('|', CommandTree.Names(option).Select(name => Quoted($"{node.Path}:{name}")));
                var words = CommandTree.Words(option);
                var action = CommandTree.TakesPath(option) ? "_files" : words.Length > 0 ? $"compadd -- {string.Join(' ', words.Select(Quoted))}" : $"_message {Quoted(option.HelpName ?? "value")}";
                script.Append($"        {pattern}) {action}; return ;;\n");
            }
        }

        script.Append("    esac\n    case \"$place\" in\n");
        foreach (var node in commands)
        {
            var items = node.Subcommands.Select(command => (command.Name, Description: command.Description ?? "")).Concat(node.ArgumentWords.Select(word => (Name: word, Description: "")))
                .Concat(node.Options.Select(option => (option.Name, Description: option.Description ?? "")));
            script.Append($"        {Quoted(node.Path)}) items=({string.Join(' ', items.Select(item => Quoted($"{item.Name}:{item.Description}")))}) ;;\n");
        }

        script.Append("""
                esac
                _describe -o wgmonitor items || _files
            }
            _wgmonitor "$@"

            """);
        return script.ToString();
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
