using System.CommandLine;

namespace WgMonitor.Cli.Manual;

/// <summary><c>wgmonitor manual</c>: the manual page, for packages; <c>wgmonitor manual | man -l -</c> shows it.</summary>
internal static class ManualCommand
{
    public static Command Create(RootCommand root)
    {
        var command = new Command("manual", "Print the manual page; to read it: wgmonitor manual | man -l -") { Hidden = true };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(ManualPage.Of(root)));
        return command;
    }
}
