using System.CommandLine;

namespace WgMonitor.Cli.Setup;

/// <summary><c>wgmonitor setup host</c>: prints what belongs on a VPN server. It never changes anything itself.</summary>
internal static class SetupCommand
{
    public static Command Create() => new("setup", "Print what other machines need.") { Host() };

    private static Command Host()
    {
        var collector = new Option<string>("--collector") { Description = "Where the collector listens; without a port the transport's usual one", HelpName = "HOST[:PORT]", Required = true };
        var transport = Word("--transport", "udp, tcp, tls, relp or relp-tls: the further right, the less is lost and the more is proved", "tcp", ["udp", "tcp", "tls", "relp", "relp-tls"]);
        var daemon = Word("--daemon", "rsyslog, syslog-ng or journald (a host without a syslog daemon)", "rsyslog", ["rsyslog", "syslog-ng", "journald"]);
        var mute = new Option<bool>("--mute") { Description = "Also silence the lines that any stranger on the network can cause" };
        var undo = new Option<bool>("--undo") { Description = "Print how to take all of it back" };
        var write = new Option<string?>("--write") { Description = "Write the files under this directory instead, by their paths on the server, for your configuration management", HelpName = "DIR" };
        var command = new Command("host", "Print a shell script for a VPN server that lets its kernel tell of WireGuard and sends that on. Review it, then run it there as root.")
        {
            collector, transport, daemon, mute, undo, write,
        };
        command.SetAction(parsed =>
        {
            var streams = parsed.InvocationConfiguration;
            try
            {
                var target = CollectorAddress.Parse(parsed.GetRequiredValue(collector), parsed.GetRequiredValue(transport));
                var plan = HostPlan.Of(target, parsed.GetRequiredValue(transport), parsed.GetRequiredValue(daemon), parsed.GetValue(mute));
                if (parsed.GetValue(write) is { } directory) Write(plan, directory, streams.Output);
                else streams.Output.Write(parsed.GetValue(undo) ? HostScript.Undo(plan) : HostScript.Apply(plan));
                return 0;
            }
            catch (Exception exception) when (exception is CannotStartException or IOException or UnauthorizedAccessException)
            {
                streams.Error.WriteLine(exception.Message);
                return 1;
            }
        });
        return command;
    }

    private static Option<string> Word(string name, string description, string standard, string[] words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "WORD", DefaultValueFactory = _ => standard };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    private static void Write(IReadOnlyList<HostStep> plan, string directory, TextWriter output)
    {
        foreach (var step in plan)
        {
            var path = Path.Join(Path.GetFullPath(directory), step.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, step.Content);
            output.WriteLine(path);
        }
    }
}
