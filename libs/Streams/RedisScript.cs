using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace WgMonitor.Streams;

/// <summary>
/// A Lua script of this library, called by its hash. Redis forgets scripts at a restart, a failover and <c>SCRIPT FLUSH</c>; the call then repeats with the
/// whole text, which Redis remembers again.
/// </summary>
internal sealed class RedisScript
{
    private readonly string text;
    private readonly byte[] hash;

    private RedisScript(string text)
    {
        this.text = text;
#pragma warning disable CA5350 // SHA-1 is what EVALSHA is defined on; nothing is protected by it.
        hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public static RedisScript Append { get; } = Load("append.lua");
    public static RedisScript Ceiling { get; } = Load("ceiling.lua");
    public static RedisScript Commit { get; } = Load("commit.lua");
    public static RedisScript Extent { get; } = Load("extent.lua");
    public static RedisScript Lease { get; } = Load("lease.lua");
    public static RedisScript Members { get; } = Load("members.lua");
    public static RedisScript Open { get; } = Load("open.lua");
    public static RedisScript Park { get; } = Load("park.lua");
    public static RedisScript Status { get; } = Load("status.lua");
    public static RedisScript Trim { get; } = Load("trim.lua");
    public static RedisScript Topology { get; } = Load("topology.lua");

    /// <param name="database">Connection.</param>
    /// <param name="keys">All keys it touches.</param>
    /// <param name="values">Its arguments.</param>
    /// <param name="flags">While a primary fails over, a replica that answers in its place may be behind: only what decides nothing may ask one.</param>
    public async Task<RedisResult> EvaluateAsync(IDatabaseAsync database, RedisKey[] keys, RedisValue[] values, CommandFlags flags = CommandFlags.DemandMaster)
    {
        try
        {
            return await database.ScriptEvaluateAsync(hash, keys, values, flags).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.NoScript)
        {
            return await database.ScriptEvaluateAsync(text, keys, values, flags).ConfigureAwait(false);
        }
    }

    private static RedisScript Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"Script {name} is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return new RedisScript(reader.ReadToEnd());
    }
}
