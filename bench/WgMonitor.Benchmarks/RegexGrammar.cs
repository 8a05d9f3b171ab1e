using System.Text;
using System.Text.RegularExpressions;
using WgMonitor.Testing;

namespace WgMonitor.Benchmarks;

/// <summary>
/// The same grammar as a set of compiled regular expressions, one a mainline row of the grammar table, tried one after the other behind one expression for
/// the header: what a straightforward program does, and the yardstick of the parser.
/// </summary>
internal sealed class RegexGrammar
{
    private const string Endpoint = @"(\(einval\)|\[[0-9a-f:.]+\]:\d+/\d+%\d+|\d+\.\d+\.\d+\.\d+:\d+)";
    private const string Address = "([0-9a-f:.]+)";

    private static readonly Regex Header = new(
        @"^<(\d{1,3})>(?:1 (\S+) (\S+) kernel - - - +|(\w{3} [ \d]\d \d\d:\d\d:\d\d|\S+) (\S+) kernel: +)(?:\[ *(\d+)\.(\d{6})\] )?wireguard: (.*)$",
        RegexOptions.Compiled | RegexOptions.CultureInvariant);

    private readonly Regex[] rows =
    [
        .. File.ReadLines(Corpus.MessagesFile).Skip(1)
            .Select(line => line.Split('\t'))
            .Where(cells => cells[10] == "wireguard:" && cells[11] == "mainline")
            .Select(cells => new Regex(Pattern(cells[4]), RegexOptions.Compiled | RegexOptions.CultureInvariant)),
    ];

    public int Count => rows.Length;

    /// <summary>Number of the row that matches, -1 for none. The values of the line are taken out too: to have them is what parsing is for.</summary>
    public int Match(ReadOnlySpan<byte> datagram)
    {
        var header = Header.Match(Encoding.UTF8.GetString(datagram).TrimEnd('\n'));
        if (!header.Success) return -1;
        var text = header.Groups[8].Value;
        for (var row = 0; row < rows.Length; row++)
        {
            var match = rows[row].Match(text);
            if (!match.Success) continue;
            for (var group = 1; group < match.Groups.Count; group++)
            {
                if (!ulong.TryParse(match.Groups[group].ValueSpan, out var number)) LastText = match.Groups[group].Value;
                else LastNumber = number;
            }
            return row;
        }
        return -1;
    }

    /// <summary>Of the last match; kept so that the work cannot be optimised away.</summary>
    public string LastText { get; private set; } = "";

    /// <inheritdoc cref="LastText"/>
    public ulong LastNumber { get; private set; }

    private static string Pattern(string format) => "^" + Regex.Replace(Regex.Escape(format), "%(pISpfsc|pISc|pI4|pI6|llu|zu|u|d|s)", placeholder => placeholder.Groups[1].Value switch
    {
        "pISpfsc" => Endpoint,
        "pISc" or "pI4" or "pI6" => Address,
        "s" => @"(\S+)",
        "d" => @"(-?\d+)",
        _ => @"(\d+)",
    }) + "$";
}
