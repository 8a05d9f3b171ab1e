using System.CommandLine;

namespace WgMonitor.Cli.Completion;

/// <summary><c>wgmonitor completion SHELL</c>: a script that completes commands, options and words without starting the program.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, Func<IReadOnlyList<CommandNode>, string>> Shells = new()
    {
        ["bash"] = BashCompletion.Of,
        ["zsh"] = ZshCompletion.Of,
        ["fish"] = FishCompletion.Of,
    };

    public static Command Create(RootCommand root)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong([.. Shells.Keys]);
        var command = new Command("completion", "Print a completion script, for bash: source <(wgmonitor completion bash)") { shell };
        command.Hidden = true;
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(Shells[parsed.GetRequiredValue(shell)]([.. CommandTree.Of(root)])));
        return command;
    }
}
