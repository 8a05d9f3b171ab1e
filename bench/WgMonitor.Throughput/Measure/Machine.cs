using System.Globalization;
using System.Runtime.InteropServices;

namespace WgMonitor.Throughput.Measure;

/// <summary>On what was measured, and what else ran meanwhile: numbers of two runs can only be compared together with it.</summary>
internal static class Machine
{
    // sysconf(_SC_CLK_TCK), fixed at 100 for user space on every Linux.
    private const double TicksPerSecond = 100;

    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static void Print()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1] ?? RuntimeInformation.ProcessArchitecture.ToString();
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} x {model}, Linux {kernel}, {RuntimeInformation.FrameworkDescription}, load {Load}");
    }

    /// <summary>CPU time of all processes since boot, with what the hypervisor took away.</summary>
    public static double BusySeconds()
    {
        // user nice system idle iowait irq softirq steal, proc(5).
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(long.Parse).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }

    public static double CpuSeconds(int processId) => StatSeconds($"/proc/{processId}/stat");

    /// <summary>CPU time of the threads that compile methods anew while they run, by thread. They end when there is nothing to do, and their time goes with them.</summary>
    public static Dictionary<string, double> CompilerSeconds(int processId)
    {
        var seconds = new Dictionary<string, double>();
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                // Names of threads are cut to 15 bytes.
                if (File.ReadAllText($"{thread}/comm").StartsWith(".NET Tiered Com", StringComparison.Ordinal)) seconds[thread] = StatSeconds($"{thread}/stat");
            }
            catch (IOException)
            {
                // Ended meanwhile.
            }
        }
        return seconds;
    }

    private static double StatSeconds(string path)
    {
        var stat = File.ReadAllText(path);
        // The name in brackets may hold blanks; utime and stime are the 14th and 15th field.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    public static double ResidentMebibytes(int processId) =>
        long.Parse(File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / 1024.0;
}
