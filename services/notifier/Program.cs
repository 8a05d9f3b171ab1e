namespace WgMonitor.Notifier;

internal static class Program
{
    private static void Main() { }
}
