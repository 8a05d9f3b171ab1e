using System.Globalization;
using System.Runtime.CompilerServices;

namespace WgMonitor.Testing;

/// <summary>Seeds of random tests: printed, so that a failure can be repeated, and overridden by WGMONITOR_TEST_SEED.</summary>
public static class Seed
{
    public const string Variable = "WGMONITOR_TEST_SEED";

    /// <summary>Chooses a seed (or takes the variable's) and prints it with the test's name.</summary>
    /// <exception cref="FormatException">The variable is not a whole number.</exception>
    public static int Print([CallerMemberName] string test = "")
    {
        string? given = Environment.GetEnvironmentVariable(Variable);
        int seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        Console.WriteLine($"{test}: seed {seed} (repeat with {Variable}={seed})");
        return seed;
    }
}
