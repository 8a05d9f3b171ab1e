using System.Text;
using WgMonitor.Events;

namespace WgMonitor.Collector.Trust;

/// <summary>
/// The addresses whose lines are looked at. A filter, not a proof: over UDP anybody can write any address on a datagram.
/// </summary>
/// <param name="networks">Each a network with its length; none: everybody.</param>
internal sealed class SourceAllowList(IEnumerable<(InternetAddress Network, int PrefixLength)> networks)
{
    private readonly (InternetAddress Network, int PrefixLength)[] networks = [.. networks];

    /// <summary>Networks in a list at most: each is compared with every line's source.</summary>
    public const int NetworksMax = 256;

    /// <summary>Nothing is listed: everybody is allowed.</summary>
    public bool IsEmpty => networks.Length == 0;

    /// <summary>Of texts that <see cref="TryParse"/> takes.</summary>
    public static SourceAllowList Of(IEnumerable<string> texts) =>
        new(texts.Select(text => TryParse(text, out var network, out _) ? network : throw new ArgumentException($"'{text}' is no network", nameof(texts))));

    /// <summary>True for a source in one of the networks, and for any where the list is empty.</summary>
    public bool Allows(InternetAddress source)
    {
        if (networks.Length == 0) return true;
        foreach (var (network, prefixLength) in networks)
        {
            if (network.IsV4 == source.IsV4 && source.Network(prefixLength) == network) return true;
        }
        return false;
    }

    /// <summary>An address, or a network as <c>192.0.2.0/24</c> or <c>2001:db8::/32</c>. Bits behind the length are a mistake, not rounded: most often a digit is wrong.</summary>
    public static bool TryParse(string text, out (InternetAddress Network, int PrefixLength) network, out string expected)
    {
        network = default;
        expected = "an address or a network like \"192.0.2.0/24\" or \"2001:db8::/32\"";
        var slash = text.IndexOf('/');
        if (!InternetAddress.TryParse(Encoding.UTF8.GetBytes(slash < 0 ? text : text[..slash]), out var address)) return false;
        var bits = address.IsV4 ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!DecimalText.TryParse(Encoding.UTF8.GetBytes(text[(slash + 1)..]), out length) || length < 0 || length > bits)) return false;
        expected = $"a network; did you mean \"{address.Network(length)}/{length}\"";
        network = (address, length);
        return address.Network(length) == address;
    }
}
