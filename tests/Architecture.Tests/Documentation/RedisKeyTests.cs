using System.Reflection;
using System.Text.RegularExpressions;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using Xunit;

namespace WgMonitor.Architecture.Tests.Documentation;

/// <summary><c>docs/redis.md</c> lists every Redis key that a class of keys makes, and no other.</summary>
public sealed partial class RedisKeyTests
{
    /// <summary>Not keys: parts of them, and the way other libraries make theirs.</summary>
    private static readonly string[] Parts = ["Prefix", "InPartition", "Tag", "Slot", "ToString"];

    [Fact]
    public void Every_key_is_listed()
    {
        var listed = Row().Matches(Repository.Read("docs/redis.md")).Select(match => match.Groups[1].Value).ToHashSet();
        var made = ProductAssemblies.Types.Where(type => type is { IsPublic: true, IsClass: true } && type.Name.EndsWith("Keys", StringComparison.Ordinal)).SelectMany(KeysOf)
            .Concat(ProductAssemblies.Types.SelectMany(KeysBesideOthers)).ToHashSet();

        Assert.NotEmpty(made);
        Assert.Empty(made.Except(listed).Order().Select(key => $"docs/redis.md lacks {key}"));
        Assert.Empty(listed.Except(made).Order().Select(key => $"docs/redis.md has {key}, which nobody makes"));
    }

    [Fact]
    public void Every_field_of_peers_hosts_and_collectors_is_explained_in_order()
    {
        var document = Repository.Read("docs/redis.md");

        Assert.Equal(PeerStateHash.FieldNames, FieldsUnder(document, "## Fields of a peer"));
        Assert.Equal(HostStateHash.FieldNames, FieldsUnder(document, "## Fields of a host"));
        Assert.Equal(CollectorStatusHash.FieldNames, FieldsUnder(document, "## Fields of a collector"));
        Assert.Equal(LegacyPeerHash.FieldNames, FieldsUnder(document, "## Hashes of the original tool"));
    }

    private static IEnumerable<string> FieldsUnder(string document, string heading)
    {
        var section = document[document.IndexOf(heading, StringComparison.Ordinal)..];
        var next = section.IndexOf("\n## ", StringComparison.Ordinal);
        return Field().Matches(next < 0 ? section : section[..next]).Select(match => match.Groups[1].Value);
    }

    /// <summary>A key that one class alone uses, made by a static method from the keys of the log and a partition.</summary>
    private static IEnumerable<string> KeysBesideOthers(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(method => method.ReturnType == typeof(string) && method.GetParameters() is [{ } first, ..] && first.ParameterType == typeof(StreamKeys))
            .Select(method => Shown((string)method.Invoke(null, [new StreamKeys("wgmonitor"), .. method.GetParameters().Skip(1).Select(Sample)])!));

    /// <summary>The class is made for one prefix, directly or by a static method for every kind of user it knows.</summary>
    private static IEnumerable<string> KeysOf(Type type)
    {
        var stream = new StreamKeys("wgmonitor");
        var factories = type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(method => method.ReturnType == type);
        if (type == typeof(StreamKeys)) return KeysOf(stream);
        if (type.GetConstructor([typeof(StreamKeys)]) is { } constructor) return KeysOf(constructor.Invoke([stream]));
        object[] instances = [.. factories.Select(factory => factory.Invoke(null, [stream, .. factory.GetParameters().Skip(1).Select(Sample)])!)];
        Assert.True(instances.Length > 0, $"Nobody can make {type} from the keys of the log alone: give it a static method for that.");
        return instances.SelectMany(KeysOf);
    }

    private static IEnumerable<string> KeysOf(object keys)
    {
        const BindingFlags own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var properties = keys.GetType().GetProperties(own).Where(property => property.PropertyType == typeof(string)).Select(property => (property.Name, Key: (string)property.GetValue(keys)!));
        var methods = keys.GetType().GetMethods(own).Where(method => !method.IsSpecialName && method.ReturnType == typeof(string))
            .Select(method => (method.Name, Key: (string)method.Invoke(keys, [.. method.GetParameters().Select(Sample)])!));
        return properties.Concat(methods).Where(pair => !Parts.Contains(pair.Name))
            .Select(pair => Shown(pair.Key));
    }

    private static string Shown(string key) => key.Replace("{p3}", "{pN}", StringComparison.Ordinal).Replace("}:g3:", "}:gG:", StringComparison.Ordinal).Replace("HOST/0/0", "HOST/EPOCH/NUMBER", StringComparison.Ordinal);

    /// <summary>A word in capitals for what varies.</summary>
    private static object Sample(ParameterInfo parameter) => parameter.ParameterType switch
    {
        var type when type == typeof(int) => 3,
        var type when type == typeof(string) => parameter.Name!.ToUpperInvariant(),
        var type when type.IsValueType => Activator.CreateInstance(type)!,
        var type => throw new NotSupportedException($"Give {nameof(Sample)} a {type} for {parameter.Member.DeclaringType}.{parameter.Member.Name}."),
    };

    [GeneratedRegex(@"^\| `(wgmonitor[^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Field();
}
