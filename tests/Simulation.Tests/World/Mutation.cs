namespace WgMonitor.Simulation.Tests.World;

/// <summary>A rule that is taken out of the product for a run, to see that the checkers notice.</summary>
public enum Mutation
{
    /// <summary>The product as it is.</summary>
    None,

    /// <summary>A commit asks neither for the lease nor for the checkpoint.</summary>
    NoFence,

    /// <summary>A commit asks for the checkpoint, and not for the lease: who was fenced off by a rebuild goes on.</summary>
    NoLeaseInFence,

    /// <summary>A new owner does not get first what its predecessor had read, and no batch has to begin behind the checkpoint.</summary>
    NoPendingFirst,

    /// <summary>What was read past by somebody else is not noticed: a batch may begin anywhere behind the checkpoint.</summary>
    NoCheckpointRule,

    /// <summary>Checkpoint and acknowledgement are written before the effects.</summary>
    AcknowledgedFirst,

    /// <summary>A commit asks for the lease's owner and not for its epoch: what is late of a former ownership of the same owner goes into a view that a rebuild has replaced.</summary>
    NoEpoch,

    /// <summary>A batch that is sent again is appended again.</summary>
    NoProducerMark,
}

internal static class Mutations
{
    private const string LeaseCheck = "if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'LEASELOST'} end";
    private const string CheckpointCheck = "if checkpoint ~= ARGV[3] then return {'MOVED', checkpoint} end";
    private const string FirstEntryCheck = "if not following or following[1] ~= ARGV[9] then return {'SKIPPED', following and following[1] or ''} end";

    public static ScriptCatalog Scripts(Mutation mutation) => mutation switch
    {
        Mutation.NoFence => new ScriptCatalog().Without("commit.lua", LeaseCheck).Without("commit.lua", CheckpointCheck).Without("commit.lua", FirstEntryCheck),
        Mutation.NoLeaseInFence => new ScriptCatalog().Without("commit.lua", LeaseCheck),
        Mutation.NoPendingFirst => new ScriptCatalog().Without("commit.lua", FirstEntryCheck).Without("open.lua", "redis.call('XGROUP', 'SETID', KEYS[3], ARGV[3], checkpoint)"),
        Mutation.NoCheckpointRule => new ScriptCatalog().Without("commit.lua", FirstEntryCheck),
        Mutation.NoEpoch => new ScriptCatalog().Without("commit.lua", LeaseCheck, "if lease[1] ~= ARGV[1] then return {'LEASELOST'} end"),
        Mutation.NoProducerMark => new ScriptCatalog().Without("append.lua", "if tonumber(ARGV[1]) <= mark then return {'ALREADY', mark} end"),
        _ => new ScriptCatalog(),
    };
}
