using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace WgMonitor.Throughput.Generate;

/// <summary>Sends recorded lines over one connection as fast as they are taken: <c>tcp</c>, <c>tls</c> (octet-counted) or <c>relp</c> with the window of rsyslog.</summary>
internal static class StreamGenerator
{
    private const int Window = 128;
    private const int WriteBytes = 32 << 10;

    public static async Task SendAsync(string protocol, int port, long count, string authorityPath)
    {
        var lines = RecordedLines.Load();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        Stream stream = client.GetStream();
        if (protocol == "tls") stream = await SecureAsync(stream, authorityPath);
        await using var owned = stream;
        var start = Stopwatch.GetTimestamp();
        if (protocol == "relp") await SendRelpAsync(stream, lines, count);
        else await SendCountedAsync(stream, lines, count);
        // Unread session tickets would make the close a reset, and what the kernel has not sent yet would be lost.
        if (stream is SslStream secure)
        {
            await secure.ShutdownAsync();
            while (await secure.ReadAsync(new byte[WriteBytes]) > 0)
            {
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent {count} {Stopwatch.GetElapsedTime(start).TotalSeconds}"));
    }

    private static async Task<Stream> SecureAsync(Stream stream, string authorityPath)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(authorityPath);
        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = trust });
        return secure;
    }

    private static async Task SendCountedAsync(Stream stream, RecordedLines lines, long count)
    {
        using var block = new MemoryStream();
        for (long index = 0; index < count; index++)
        {
            var line = lines[index];
            block.Write(Encoding.ASCII.GetBytes($"{line.Length} "));
            block.Write(line.Span);
            if (block.Length < WriteBytes && index + 1 < count) continue;
            await stream.WriteAsync(block.GetBuffer().AsMemory(0, (int)block.Length));
            block.SetLength(0);
        }
    }

    private static async Task SendRelpAsync(Stream stream, RecordedLines lines, long count)
    {
        var answers = new byte[WriteBytes];
        await stream.WriteAsync("1 open 30 relp_version=0\ncommands=syslog\n"u8.ToArray());
        for (var lineFeeds = 0; lineFeeds < 4;) lineFeeds += answers.AsSpan(0, await stream.ReadAsync(answers)).Count((byte)'\n');
        using var block = new MemoryStream();
        for (long sent = 0, acknowledged = 0; acknowledged < count;)
        {
            for (; sent < count && sent - acknowledged < Window; sent++)
            {
                var line = lines[sent];
                block.Write(Encoding.ASCII.GetBytes($"{sent + 2} syslog {line.Length} "));
                block.Write(line.Span);
                block.WriteByte((byte)'\n');
            }
            if (block.Length > 0) await stream.WriteAsync(block.GetBuffer().AsMemory(0, (int)block.Length));
            block.SetLength(0);
            acknowledged += answers.AsSpan(0, await stream.ReadAsync(answers)).Count((byte)'\n');
        }
    }
}
