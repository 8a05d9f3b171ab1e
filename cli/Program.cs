namespace WgMonitor.Cli;

internal static class Program
{
    private static Task<int> Main(string[] args) => WgMonitorCommand.InvokeAsync(args);
}
