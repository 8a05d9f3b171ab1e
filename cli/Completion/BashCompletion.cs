using System.Text;

namespace WgMonitor.Cli.Completion;

/// <summary>For bash 4 and newer, with or without the package bash-completion.</summary>
internal static class BashCompletion
{
    public static string Of(IReadOnlyList<CommandNode> commands)
    {
        var script = new StringBuilder("""
            # bash completion for wgmonitor, printed by `wgmonitor completion bash`.
            _wgmonitor() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path="" word
                for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                    case "${path:+$path }$word" in

            """);
        script.Append($"            {string.Join('|', commands.Skip(1).Select(node => $"\"{node.Path}\""))}) path=\"${{path:+$path }}$word\" ;;\n");
        script.Append("        esac\n    done\n    case \"$path:$prev\" in\n");
        foreach (var node in commands)
        {
            foreach (var option in node.Options.Where(CommandTree.TakesValue))
            {
                var pattern = string.Join('|', CommandTree.Names(option).Select(name => $"\"{node.Path}:{name}\""));
                var reply = CommandTree.TakesPath(option) ? "compgen -f -- \"$cur\"" : $"compgen -W \"{string.Join(' ', CommandTree.Words(option))}\" -- \"$cur\"";
                script.Append($"        {pattern}) mapfile -t COMPREPLY < <({reply}); return ;;\n");
            }
        }

        script.Append("    esac\n    local words=\"\"\n    case \"$path\" in\n");
        foreach (var node in commands)
        {
            string[] words = [.. node.Subcommands.Select(command => command.Name), .. node.ArgumentWords, .. node.Options.Select(option => option.Name), .. node.Path.Length > 0 ? ["--help"] : Array.Empty<string>()];
            script.Append($"        \"{node.Path}\") words=\"{string.Join(' ', words.Distinct())}\" ;;\n");
        }

        script.Append("""
                esac
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
            }
            complete -o default -F _wgmonitor wgmonitor

            """);
        return script.ToString();
    }
}
