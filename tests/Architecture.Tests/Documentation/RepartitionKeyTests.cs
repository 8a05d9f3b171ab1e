using System.Text.RegularExpressions;
using WgMonitor.Projector.Repartition;
using Xunit;

namespace WgMonitor.Architecture.Tests.Documentation;

/// <summary><c>wgmonitor repartition</c> refuses keys that it does not know; it knows every key of a partition that is documented.</summary>
public sealed partial class RepartitionKeyTests
{
    [Fact]
    public void Every_documented_key_of_a_partition_is_known()
    {
        var keys = Key().Matches(Repository.Read("docs/redis.md")).Select(row => row.Groups[1].Value.Replace("gG:", "g1:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Matches(PartitionKeyScan.Known(), key));
    }

    [GeneratedRegex(@"^\| `wgmonitor:\{pN\}:([^`]*)` \| (?!channel)", RegexOptions.Multiline)]
    private static partial Regex Key();
}
