using System.Globalization;

namespace WgMonitor.Api.History;

/// <summary>A peer's id in a path: <c>host/epoch/number</c>, or <c>host/number</c> for the host's running epoch; slashes may be encoded.</summary>
/// <param name="Host">Lower case.</param>
/// <param name="Epoch">Null when not given.</param>
/// <param name="Number">The kernel's number.</param>
internal readonly record struct PeerPath(string Host, int? Epoch, ulong Number)
{
    public static bool TryParse(string text, out PeerPath path, out string problem)
    {
        path = default;
        problem = "";
        var parts = Uri.UnescapeDataString(text).Split('/');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || !ulong.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            problem = $"'{text}' is no peer id: host/epoch/number or host/number";
            return false;
        }
        var epoch = 0;
        if (parts.Length == 3 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out epoch)) epoch = -1;
        path = new(parts[0].ToLowerInvariant(), parts.Length == 3 ? epoch : null, number);
        return true;
    }
}
