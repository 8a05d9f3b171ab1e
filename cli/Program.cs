namespace WgMonitor.Cli;

internal static class Program
{
    private static void Main() { }
}
