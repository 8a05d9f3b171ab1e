using System.Globalization;
using System.Text.RegularExpressions;

namespace WgMonitor.Cli.Setup;

/// <summary>Where VPN servers send to. The host is a name or an address without brackets, and safe in every file that it is put into.</summary>
internal readonly partial record struct CollectorAddress(string Host, int Port)
{
    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c>, <c>[IPV6]</c> or <c>[IPV6]:PORT</c>; without a port, the transport's usual one.</summary>
    /// <exception cref="CannotStartException">It is none of these.</exception>
    public static CollectorAddress Parse(string text, string transport)
    {
        var match = Form().Match(text);
        var port = match.Groups["port"] is { Success: true, ValueSpan: var digits } ? int.Parse(digits, CultureInfo.InvariantCulture) : UsualPort(transport);
        if (!match.Success || port is < 1 or > 65535) throw new CannotStartException($"--collector must be HOST, HOST:PORT or [IPV6]:PORT, not \"{text}\".");
        return new(match.Groups["name"].Value + match.Groups["v6"].Value, port);
    }

    private static int UsualPort(string transport) => transport switch
    {
        "tls" => 6514,
        "relp" or "relp-tls" => 2514,
        _ => 9999,
    };

    [GeneratedRegex(@"^(?:(?<name>[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?)|\[(?<v6>[0-9A-Fa-f:.]{2,45})\])(:(?<port>[0-9]{1,5}))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
