namespace WgMonitor.Simulation.Tests.World;

/// <summary>The commit as a program would do it that acknowledges before it applies: the checkpoint and the acknowledgement, and then the writes.</summary>
internal static class CommitInTwo
{
    private const string EmptyArray = "\u00dd\0\0\0\0";

    // EVAL commit.lua keys, lease, checkpoint, stream, written keys..., and nine arguments as in commit.lua.
    public static bool TrySplit(string[] command, out string[] acknowledgement, out string[] effects)
    {
        acknowledgement = effects = [];
        if (command[0] != "EVAL" || command[1] != "commit.lua") return false;
        var keys = int.Parse(command[2]);
        var arguments = command[(3 + keys)..];
        if (arguments[2].Length == 0) return false;
        acknowledgement = ["EVAL", "commit.lua", "3", .. command[3..6], .. arguments[..6], "", EmptyArray, arguments[8]];
        effects = ["EVAL", "commit.lua", command[2], .. command[3..(3 + keys)], .. arguments[..2], "", "", arguments[4], EmptyArray, .. arguments[6..8], ""];
        return true;
    }
}
