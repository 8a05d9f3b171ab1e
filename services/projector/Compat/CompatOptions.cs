using WgMonitor.Hosting;
using WgMonitor.ReadModel;

namespace WgMonitor.Projector.Compat;

/// <summary>Section <c>[compat]</c>: what is kept for readers of wireguard-peer-monitoring, the tool before this one.</summary>
public sealed class CompatOptions : IOptionsRules
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "compat";

    private const int HostCharsMax = 255;

    /// <summary>
    /// Keep the peers of <see cref="LegacyHost"/> as hashes <c>wireguard_peer:N</c> too, as the original does. Default false. Not with a Redis Cluster: the
    /// process ends with 78.
    /// </summary>
    public bool LegacyHashes { get; set; }

    /// <summary>
    /// The host whose peers these are, as in events: their keys hold the kernel's number alone, which several hosts share. Default none; required for
    /// <see cref="LegacyHashes"/>.
    /// </summary>
    public string? LegacyHost { get; set; }

    /// <summary>The host to write for; null for none.</summary>
    internal LegacyHost? ToLegacyHost() => LegacyHashes ? new LegacyHost(LegacyHost!) : null;

    /// <inheritdoc/>
    public IEnumerable<OptionsProblem> Check()
    {
        if (string.IsNullOrEmpty(LegacyHost))
        {
            if (LegacyHashes)
                yield return new("legacy_host", "is missing: the keys wireguard_peer:N hold the kernel's number of a peer alone, which is another peer on another host", "Name the one host whose peers they are");
        }
        else if (!IsHostName(LegacyHost))
        {
            yield return new("legacy_host", "must be a host as /api/v1/hosts shows it: lower case, letters, digits and . - _, or an address");
        }
    }

    private static bool IsHostName(string name) => name.Length <= HostCharsMax && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-' or '_' or ':');
}
