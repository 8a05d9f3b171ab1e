namespace WgMonitor.Peers;

/// <summary>A peer on one host. The kernel's number restarts with the epoch, so neither half alone names anybody.</summary>
/// <param name="Epoch">Load of the module as counted by the fold, 1 for the first one seen.</param>
/// <param name="Number">The kernel's number of the peer within that load.</param>
public readonly record struct PeerId(int Epoch, ulong Number);
