namespace WgMonitor.Collector;

/// <summary>What names the host of a line.</summary>
public enum HostFrom
{
    /// <summary>The client certificate where it names a host, else the header.</summary>
    Certificate,

    /// <summary>The HOSTNAME of the syslog header, whatever a certificate says: for a relay that speaks for many hosts.</summary>
    Header,

    /// <summary>The address it came from, whatever the line says.</summary>
    Source,
}
