namespace WgMonitor.Testing;

/// <summary>The three forwarding layouts built into rsyslog.</summary>
public enum SyslogTemplate
{
    /// <summary>RFC 3164 header and time: <c>&lt;7&gt;Nov 22 12:57:54 vpn-01 kernel: [   90.246220] wireguard: ...</c>, rsyslog's default.</summary>
    TraditionalForward,

    /// <summary>The 3164 layout with an RFC 3339 time: <c>&lt;7&gt;2026-11-22T12:57:54.627314+00:00 vpn-01 kernel: ...</c>.</summary>
    Forward,

    /// <summary>RFC 5424: <c>&lt;7&gt;1 2026-11-22T12:57:54.627314+00:00 vpn-01 kernel - - - [   90.246220] ...</c> and a line feed.</summary>
    SyslogProtocol23,
}

/// <summary>Names of <see cref="SyslogTemplate"/> in rsyslog's configuration and in the corpus' file names.</summary>
public static class SyslogTemplateNames
{
    extension(SyslogTemplate template)
    {
        /// <summary>For example <c>RSYSLOG_SyslogProtocol23Format</c>.</summary>
        public string RsyslogName => $"RSYSLOG_{template}Format";
    }
}
