namespace WgMonitor.Projector;

internal static class Program
{
    private static void Main() { }
}
