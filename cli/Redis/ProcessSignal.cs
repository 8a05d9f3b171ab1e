using System.Runtime.InteropServices;

namespace WgMonitor.Cli.Redis;

/// <summary>kill(2): the runtime itself can only end a process the hard way.</summary>
internal static partial class ProcessSignal
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>Asks it to write its data and end. A process that is gone is no error.</summary>
    public static void Terminate(int processId) => _ = Send(processId, SigTerm);

    /// <summary>Ends it at once.</summary>
    public static void Kill(int processId) => _ = Send(processId, SigKill);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Send(int processId, int signal);
}
