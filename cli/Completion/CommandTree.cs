using System.CommandLine;
using System.CommandLine.Completions;

namespace WgMonitor.Cli.Completion;

/// <summary>A command with its place in the tree.</summary>
/// <param name="Path">Names from the top, without the program's: empty for the program itself, <c>setup host</c>.</param>
/// <param name="Command">What it takes.</param>
internal sealed record CommandNode(string Path, Command Command)
{
    /// <summary>Its own options; every command has <c>--help</c> besides.</summary>
    public IEnumerable<Option> Options => Command.Options.Where(option => !option.Hidden);

    public IEnumerable<Command> Subcommands => Command.Subcommands;

    /// <summary>What an argument of it may be; empty for anything.</summary>
    public string[] ArgumentWords => [.. Command.Arguments.SelectMany(argument => argument.GetCompletions(CompletionContext.Empty)).Select(item => item.Label)];
}

/// <summary>The commands, as completion and manual need them.</summary>
internal static class CommandTree
{
    /// <summary>All commands, the program first; those too that the first help leaves out to fit on a screen.</summary>
    public static IEnumerable<CommandNode> Of(Command command, string path = "")
    {
        yield return new(path, command);
        foreach (var child in command.Subcommands)
        {
            foreach (var node in Of(child, $"{path} {child.Name}".Trim())) yield return node;
        }
    }

    /// <summary>Words that an option takes; empty for anything.</summary>
    public static string[] Words(Option option) => option.ValueType == typeof(bool) ? [] : [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];

    public static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;

    public static bool TakesPath(Option option) => option.HelpName is "FILE" or "DIR";

    /// <summary>Name and aliases.</summary>
    public static IEnumerable<string> Names(Option option) => [option.Name, .. option.Aliases];
}
