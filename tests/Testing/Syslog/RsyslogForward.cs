namespace WgMonitor.Testing;

/// <summary>How a <see cref="RsyslogServer"/> forwards: rsyslog's own configuration without target, port and template.</summary>
/// <param name="Global">Statements in front.</param>
/// <param name="Action">Parameters of the action.</param>
public sealed record RsyslogForward(string Global, string Action)
{
    // A receiver that is away is tried again at once and for ever.
    private const string Retry = """action.resumeRetryCount="-1" action.resumeInterval="1" """;

    public static RsyslogForward Udp { get; } = new("", """type="omfwd" protocol="udp" """);

    /// <summary>Each line ends with LF, rsyslog's default.</summary>
    public static RsyslogForward TcpLines { get; } = new("", $"""type="omfwd" protocol="tcp" TCP_Framing="traditional" {Retry}""");

    public static RsyslogForward TcpCounted { get; } = new("", $"""type="omfwd" protocol="tcp" TCP_Framing="octet-counted" {Retry}""");

    public static RsyslogForward Relp { get; } = new("""module(load="omrelp")""", $"""type="omrelp" {Retry}""");

    /// <summary>The same, while the receiver is away keeping lines on disk, in its own work directory. In order: several workers, the default, would mix lines.</summary>
    public RsyslogForward WithDiskQueue() =>
        this with { Global = "main_queue(queue.workerThreads=\"1\")\n" + Global, Action = Action + """queue.type="Disk" queue.filename="forward" queue.maxDiskSpace="4g" queue.saveOnShutdown="on" queue.timeoutEnqueue="600000" """ };

    /// <summary>RFC 5425 with a client certificate, by GnuTLS.</summary>
    /// <param name="authority">PEM file of who signed the receiver's certificate.</param>
    /// <param name="certificate">PEM file of the sender's own.</param>
    /// <param name="key">PEM file of its key.</param>
    public static RsyslogForward Tls(string authority, string certificate, string key) => new(
        "",
        $"""
        type="omfwd" protocol="tcp" TCP_Framing="octet-counted" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"
        StreamDriver.CAFile="{authority}" StreamDriver.CertFile="{certificate}" StreamDriver.KeyFile="{key}" {Retry}
        """);

    /// <summary>RELP over TLS with a client certificate; the files as in <see cref="Tls"/>.</summary>
    public static RsyslogForward RelpTls(string authority, string certificate, string key) => new(
        """module(load="omrelp")""",
        $"""type="omrelp" tls="on" tls.caCert="{authority}" tls.myCert="{certificate}" tls.myPrivKey="{key}" tls.authMode="certvalid" {Retry}""");
}
