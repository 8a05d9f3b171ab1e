using System.Security.Cryptography;
using System.Text;
using WgMonitor.Simulation.Tests.Redis;
using WgMonitor.Streams;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>The product's own scripts, each as it is embedded, or with a rule taken out of it.</summary>
internal sealed class ScriptCatalog
{
    private static readonly Dictionary<string, string> Embedded = Load();
    private static readonly Dictionary<string, string> Names = Embedded.ToDictionary(script => Hash(script.Value), script => script.Key);

    private readonly Dictionary<string, string> texts = new(Embedded);

    public static IReadOnlyDictionary<string, string> Texts => Embedded;

    /// <summary>Takes something out of a script; it must be there.</summary>
    public ScriptCatalog Without(string name, string part, string replacement = "")
    {
        if (!texts[name].Contains(part, StringComparison.Ordinal)) throw new InvalidOperationException($"{name} has no '{part}' any more: adapt the mutation.");
        texts[name] = texts[name].Replace(part, replacement, StringComparison.Ordinal);
        return this;
    }

    public static string NameOf(byte[] hash) => Names[Convert.ToHexStringLower(hash)];

    /// <summary>EVAL name keys key... argument...</summary>
    public object? Evaluate(RedisModel model, string[] command)
    {
        var keys = int.Parse(command[2]);
        return LuaScripts.OfThread.Evaluate(model, texts[command[1]], command[3..(3 + keys)], command[(3 + keys)..]);
    }

    private static Dictionary<string, string> Load()
    {
        var assembly = typeof(StreamKeys).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.EndsWith(".lua", StringComparison.Ordinal)).ToDictionary(name => name, name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            return reader.ReadToEnd();
        });
    }

#pragma warning disable CA5350 // EVALSHA is defined on SHA-1.
    private static string Hash(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
}
