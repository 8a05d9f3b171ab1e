namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>What happens at one moment in the simulated fleet.</summary>
/// <param name="At">Since the beginning of the story.</param>
internal abstract record FleetStep(TimeSpan At);

/// <summary>A kernel prints a line and its host's syslog daemon sends it.</summary>
/// <param name="At">Since the beginning of the story.</param>
/// <param name="Host">Name in the syslog header. A forged line claims another's.</param>
/// <param name="OverTcp">How the host sends; else UDP.</param>
/// <param name="Severity">Of syslog; the facility is the kernel's, 0.</param>
/// <param name="Text">As rsyslog's imklog reads it: <c>[   90.246220] wireguard: wg0: Peer 7 created</c>.</param>
internal sealed record LinePrinted(TimeSpan At, string Host, bool OverTcp, int Severity, string Text) : FleetStep(At);

/// <summary>The next lines begin something that the spectator should know of.</summary>
/// <param name="At">Since the beginning of the story.</param>
/// <param name="Text">A sentence.</param>
internal sealed record Told(TimeSpan At, string Text) : FleetStep(At);
