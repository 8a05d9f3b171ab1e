namespace WgMonitor.Collector;

internal static class Program
{
    private static void Main() { }
}
