using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WgMonitor.Collector.Tls;

/// <summary>Full paths of the PEM files of a TLS listener; null where there is none.</summary>
/// <param name="Certificate">Certificate of the server and those between it and its authority.</param>
/// <param name="Key">Its private key; may be the same file.</param>
/// <param name="ClientCa">Authorities of client certificates.</param>
/// <param name="ClientCrl">Lists of revoked client certificates.</param>
internal sealed record TlsPaths(string Certificate, string Key, string? ClientCa, string? ClientCrl)
{
    public IEnumerable<string> All => new[] { Certificate, Key, ClientCa, ClientCrl }.OfType<string>().Distinct();
}

/// <summary>What the files of a TLS listener held at one moment.</summary>
/// <param name="Server">For new handshakes.</param>
/// <param name="ClientAuthorities">Trusted for client certificates, and nothing else is.</param>
/// <param name="Revoked">Client certificates that count no more.</param>
internal sealed record TlsMaterial(SslStreamCertificateContext Server, X509Certificate2Collection ClientAuthorities, RevocationLists Revoked);

/// <summary>
/// The files of a TLS listener, read again when they change, so that certificates are exchanged without a restart: new connections use the new ones, old
/// connections live on. Files that cannot be used leave the old ones in use, and the log says so.
/// </summary>
internal sealed class TlsFiles
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly TlsPaths paths;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private TlsMaterial material;
    private string seen;
    private long looked;

    /// <summary>Reads the files.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file holds no such thing.</exception>
    public TlsFiles(TlsPaths paths, TimeProvider time, ILogger logger)
    {
        this.paths = paths;
        this.time = time;
        this.logger = logger;
        seen = Fingerprint();
        looked = time.GetTimestamp();
        material = Read();
    }

    /// <summary>For a new connection. Looks for changed files, once a second at most.</summary>
    public TlsMaterial Current
    {
        get
        {
            lock (gate)
            {
                if (time.GetElapsedTime(looked) < LookInterval) return material;
                looked = time.GetTimestamp();
                var now = Fingerprint();
                if (now == seen) return material;
                seen = now;
                try
                {
                    material = Read();
                    CollectorLog.TlsFilesRead(logger, paths.Certificate, material.Server.TargetCertificate.NotAfter);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    CollectorLog.TlsFilesUnusable(logger, paths.Certificate, exception.Message);
                }
                return material;
            }
        }
    }

    private TlsMaterial Read()
    {
        using var certificate = ReadCertificate();
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(paths.Certificate);
        var authorities = new X509Certificate2Collection();
        if (paths.ClientCa is { } clientCa)
        {
            authorities.ImportFromPemFile(clientCa);
            if (authorities.Count == 0) throw new CryptographicException($"{clientCa} holds no certificate.");
        }
        var revoked = paths.ClientCrl is { } crl ? RevocationLists.Read(File.ReadAllText(crl)) : RevocationLists.None;
        // The copy lives as long as connections use it.
        var server = SslStreamCertificateContext.Create(new X509Certificate2(certificate), chain, offline: true);
        return new(server, authorities, revoked);
    }

    private X509Certificate2 ReadCertificate()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(paths.Certificate, paths.Key);
        }
        catch (ArgumentException exception)
        {
            throw new CryptographicException("the key is not that of the certificate", exception);
        }
    }

    /// <summary>Changes with every file; a missing file has one too.</summary>
    private string Fingerprint() => string.Join('|', paths.All.Select(path =>
    {
        var file = new FileInfo(path);
        // Secrets of containers are links that are turned to another folder.
        var target = file.Exists && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } real ? real : file;
        return target.Exists ? $"{target.FullName} {target.LastWriteTimeUtc.Ticks} {target.Length}" : "";
    }));
}
