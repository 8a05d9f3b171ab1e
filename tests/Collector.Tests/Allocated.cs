using Xunit;

namespace WgMonitor.Collector.Tests;

/// <summary>What a thread allocated while it worked off many lines.</summary>
internal static class Allocated
{
    /// <summary>
    /// The smallest object takes 24 bytes, so whatever is allocated a line is 24 times the number of lines. The runtime itself takes some kilobytes on the thread now
    /// and then, for code it compiles anew while other tests keep it busy.
    /// </summary>
    public static void NothingALine(long bytes, int lines) => Assert.True(bytes < lines, $"{bytes} bytes were allocated for {lines} lines");
}
