using System.CommandLine;
using System.Text;
using WgMonitor.Cli.Completion;

namespace WgMonitor.Cli.Manual;

/// <summary>wgmonitor(1) in the macros of man(7), made from the commands themselves, so that it cannot be out of date.</summary>
internal static class ManualPage
{
    /// <summary>When its words were written last.</summary>
    private const string Date = "2026-11-23";

    public static string Of(RootCommand root)
    {
        var version = typeof(ManualPage).Assembly.GetName().Version?.ToString(3);
        var page = new StringBuilder($"""
            .TH WGMONITOR 1 {Date} "WgMonitor {version}" "User Commands"
            .SH NAME
            wgmonitor \- watch WireGuard peers through the lines that the kernel logs
            .SH SYNOPSIS
            .B wgmonitor
            .I command
            .RI [ options ]
            .SH DESCRIPTION
            The Linux kernel can log what its WireGuard module does.
            WgMonitor receives these lines by syslog, keeps them as an event log in Redis,
            and tells from it who is connected from where, since when, and what changed.
            .SH COMMANDS

            """);
        foreach (var node in CommandTree.Of(root).Where(node => node.Path.Length > 0 && !node.Subcommands.Any())) Describe(page, node);
        page.Append("""
            .SH ENVIRONMENT
            .TP
            .B CONFIG_FILE
            The configuration where no
            .B \-\-config
            is given.
            .TP
            .B WGMONITOR__SECTION__KEY
            Wins over the key of that section in the file.
            .TP
            .B LOG_LEVEL
            trace, debug, info, warning or error.
            .TP
            .B WGMONITOR_DATA_DIR
            The data directory of
            .B wgmonitor up
            where no
            .B \-\-data\-dir
            is given.
            .SH FILES
            .TP
            .I /etc/wgmonitor/config.toml
            The configuration of the packaged services.
            .TP
            .I /usr/share/doc/wgmonitor/config.example.toml
            Every key with its default, unit and range.
            .TP
            .I /var/lib/wgmonitor
            The data of the packaged services.
            .SH EXIT STATUS
            0 for success, 1 for a failure or for what a check found, 78 for a wrong configuration.
            .SH SEE ALSO
            .BR wg (8),
            .BR rsyslogd (8),
            .BR redis\-server (1)

            """);
        return page.ToString();
    }

    private static void Describe(StringBuilder page, CommandNode node)
    {
        var arguments = string.Concat(node.Command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : $" {argument.Name}"));
        page.Append($".SS wgmonitor {Text(node.Path)}{Text(arguments)}\n{Text(node.Command.Description)}\n");
        foreach (var argument in node.Command.Arguments.Where(argument => argument.Description is not null)) page.Append($".TP\n.I {Text(argument.Name)}\n{Text(argument.Description)}\n");
        foreach (var option in node.Options.Where(option => option.Name != "--help"))
        {
            var names = string.Join(", ", CommandTree.Names(option));
            page.Append($".TP\n.B {Text(names)}{(CommandTree.TakesValue(option) ? $" \\fI{Text(option.HelpName ?? "VALUE")}\\fR" : "")}\n{Text(option.Description)}\n");
        }
    }

    /// <summary>A text in which nothing is a macro or an escape, and each hyphen can be searched for and copied.</summary>
    private static string Text(string? text)
    {
        var safe = (text ?? "").Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("\"", "\\(dq", StringComparison.Ordinal);
        return safe.StartsWith('.') || safe.StartsWith('\'') ? "\\&" + safe : safe;
    }
}
