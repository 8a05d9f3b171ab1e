namespace WgMonitor.Cli.Demo.Fleet;

/// <summary>What a peer of the fleet is, which decides how it behaves.</summary>
internal enum PeerNature
{
    /// <summary>Changes its network now and then.</summary>
    Phone,

    /// <summary>Stays where it is.</summary>
    Site,

    /// <summary>Stays where it is and has no IPv4.</summary>
    V6Only,

    /// <summary>Is configured and never answers.</summary>
    Dead,
}

/// <summary>One peer of a simulated host, as its kernel knows it.</summary>
internal sealed class SimulatedPeer(PeerNature nature, int number, string endpoint)
{
    public PeerNature Nature => nature;

    /// <summary>The kernel's, one host-wide counter; another one after a reboot.</summary>
    public int Number { get; set; } = number;

    /// <summary>As the kernel prints it.</summary>
    public string Endpoint { get; set; } = endpoint;

    /// <summary>The session in use; null before the first handshake since boot.</summary>
    public long? Keypair { get; set; }

    /// <summary>The session before, which a rekey destroys; null while there is none.</summary>
    public long? KeypairBefore { get; set; }
}
