namespace WgMonitor.Api;

internal static class Program
{
    private static void Main() { }
}
