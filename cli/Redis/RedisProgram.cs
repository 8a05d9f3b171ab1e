using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace WgMonitor.Cli.Redis;

/// <summary>The redis-server of this machine (Valkey's server does as well) and how it is started.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Name"><c>redis-server</c> or <c>valkey-server</c>.</param>
/// <param name="Version">As it prints it.</param>
/// <param name="Wrapper">Programs and arguments in front of it on the command line; empty where the machine has none of them.</param>
internal sealed partial record RedisProgram(string Path, string Name, Version Version, IReadOnlyList<string> Wrapper)
{
    private static readonly Version VersionMin = new(7, 0);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private static readonly string[] Names = ["redis-server", "valkey-server"];

    /// <summary>
    /// What ties the server to us, best first; both programs are part of util-linux and replace themselves by the next, so the process stays the one
    /// we started. setsid: a Ctrl-C at the terminal goes to us alone, and Redis ends after the services have drained. setpriv: the kernel sends
    /// Redis SIGTERM, on which it writes its data and ends, when we are killed.
    /// </summary>
    private static readonly string[][] Wrappers = [["setsid", "setpriv", "--pdeathsig", "TERM"], ["setsid"], []];

    /// <summary>True when the server ends with us even if we are killed.</summary>
    public bool IsTied => Wrapper.Contains("--pdeathsig");

    /// <summary>Finds the server on PATH and asks its version.</summary>
    /// <exception cref="CannotStartException">There is none, or it is too old.</exception>
    public static async Task<RedisProgram> FindAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var folders = environment.TryGetValue("PATH", out var path) ? path.Split(':', StringSplitOptions.RemoveEmptyEntries) : [];
        var file = Names.SelectMany(name => folders.Select(folder => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new CannotStartException(
                "redis-server was not found; install it with: apt-get install redis-server (Debian, Ubuntu), dnf install redis (Fedora) or "
                + "apk add redis (Alpine), or point [redis] url at one.");
        foreach (var wrapper in Wrappers)
        {
            if (await AskVersionAsync(file, wrapper, cancellationToken) is not { } version) continue;
            if (version < VersionMin)
                throw new CannotStartException($"{file} is version {version}, but Redis 7.0 or newer (or Valkey) is needed: install a newer one, or point [redis] url at one.");
            return new(file, System.IO.Path.GetFileName(file), version, wrapper);
        }

        throw new CannotStartException($"{file} does not run: it printed no version. Install it anew, or point [redis] url at another one.");
    }

    /// <summary>Null when the command does not run or prints none: the next wrapper is tried.</summary>
    private static async Task<Version?> AskVersionAsync(string file, string[] wrapper, CancellationToken cancellationToken)
    {
        string[] command = [.. wrapper, file, "--version"];
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(AnswerLimit);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var match = VersionText().Match(output);
            return match.Success
                ? new(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture))
                : null;
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary><c>Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 …</c>.</summary>
    [GeneratedRegex(@"\bv=([0-9]{1,5})\.([0-9]{1,5})\.([0-9]{1,5})", RegexOptions.CultureInvariant)]
    private static partial Regex VersionText();
}
