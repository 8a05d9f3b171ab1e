using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using WgMonitor.Collector.Listeners;

namespace WgMonitor.Collector.Tls;

/// <summary>How a handshake ended. Disposing it ends the TLS session, with the notice that nothing was cut off.</summary>
/// <param name="Stream">Null when it failed.</param>
/// <param name="HasCertificate">The sender showed a certificate that counts.</param>
/// <param name="CertificateHost">Host it stands for, if any.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="Detail">The same for the log.</param>
internal sealed record TlsResult(SslStream? Stream, bool HasCertificate, byte[]? CertificateHost, CloseReason Failure, string? Detail) : IAsyncDisposable
{
    public static TlsResult Failed(CloseReason reason, string detail) => new(null, false, null, reason, detail);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Stream is null) return;
        try
        {
            await Stream.ShutdownAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The sender is gone; nobody needs the notice.
        }
        await Stream.DisposeAsync();
    }
}

/// <summary>
/// The server's side of TLS 1.2 and newer (RFC 5425). A session is never resumed: every connection shows its certificate to the authorities of today.
/// </summary>
internal sealed class TlsHandshake(TlsFiles files, ListenOptions options, byte[][] domains, TimeProvider time)
{
    /// <summary>A failed handshake is a result, it hurts nobody else.</summary>
    public async Task<TlsResult> AuthenticateAsync(IDuplexPipe transport, CancellationToken cancellationToken)
    {
        var material = files.Current;
        CloseReason? refusal = null;
        var detail = "";
        using var timeout = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var stream = new SslStream(new DuplexPipeStream(transport), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(Options(material, Judge), either.Token);
            var certificate = stream.RemoteCertificate as X509Certificate2;
            var host = certificate is null ? null : ClientCertificateRule.HostOf(certificate, domains);
            return new(stream, certificate is not null, host, default, null);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await stream.DisposeAsync();
            return TlsResult.Failed(CloseReason.TlsHandshakeTimeout, "no handshake in time");
        }
        // Whatever the sender wrote instead of a handshake ends here, mostly as AuthenticationException or IOException. .NET 10 also throws
        // IndexOutOfRangeException, at a ClientHello of no content; a parser of others that meets hostile bytes is given no list of exceptions to keep to.
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await stream.DisposeAsync();
            return TlsResult.Failed(refusal ?? CloseReason.TlsHandshake, refusal is null ? (exception.InnerException ?? exception).Message : detail);
        }

        bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (options.ClientCertificate == ClientCertificateUse.None) return true;
            if (certificate is null && options.ClientCertificate == ClientCertificateUse.Request) return true;
            refusal = certificate is null ? CloseReason.TlsCertificateMissing : ClientCertificateRule.Judge(chain, errors, material.Revoked);
            if (refusal is not null && certificate is not null) detail = $"{SampleRing.Escape(Encoding.UTF8.GetBytes(certificate.Subject))}: {string.Join(", ", chain?.ChainStatus.Select(status => status.Status) ?? [])}";
            return refusal is null;
        }
    }

    private SslServerAuthenticationOptions Options(TlsMaterial material, RemoteCertificateValidationCallback judge) => new()
    {
        ServerCertificateContext = material.Server,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        AllowTlsResume = false,
        ClientCertificateRequired = options.ClientCertificate != ClientCertificateUse.None,
        CertificateChainPolicy = ClientCertificateRule.ChainPolicy(material),
        RemoteCertificateValidationCallback = judge,
    };
}
