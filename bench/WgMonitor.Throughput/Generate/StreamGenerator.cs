using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace WgMonitor.Throughput.Generate;

/// <summary>Sends recorded lines over connections as fast as they are taken: <c>tcp</c>, <c>tls</c> (octet-counted) or <c>relp</c> with the window of rsyslog.</summary>
internal static class StreamGenerator
{
    private const int Window = 128;
    private const int WriteBytes = 32 << 10;

    /// <summary>Sends <paramref name="count"/> lines in all over so many connections at once.</summary>
    public static async Task SendAsync(string protocol, int port, long count, int connections, string authorityPath)
    {
        var lines = RecordedLines.Load();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(n => SendAsync(protocol, port, n * (count / connections), count / connections, lines, authorityPath)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent {count} {Stopwatch.GetElapsedTime(start).TotalSeconds}"));
    }

    private static async Task SendAsync(string protocol, int port, long first, long count, RecordedLines lines, string authorityPath)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        Stream stream = client.GetStream();
        if (protocol == "tls") stream = await SecureAsync(stream, authorityPath);
        await using var owned = stream;
        if (protocol == "relp") await SendRelpAsync(stream, lines, first, count);
        else await SendCountedAsync(stream, lines, first, count);
        // Unread session tickets would make the close a reset, and what the kernel has not sent yet would be lost.
        if (stream is SslStream secure)
        {
            await secure.ShutdownAsync();
            while (await secure.ReadAsync(new byte[WriteBytes]) > 0)
            {
            }
        }
    }

    private static async Task<Stream> SecureAsync(Stream stream, string authorityPath)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(authorityPath);
        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = trust });
        return secure;
    }

    private static async Task SendCountedAsync(Stream stream, RecordedLines lines, long first, long count)
    {
        using var block = new MemoryStream();
        for (long index = 0; index < count; index++)
        {
            var line = lines[first + index];
            block.Write(Encoding.ASCII.GetBytes($"{line.Length} "));
            block.Write(line.Span);
            if (block.Length < WriteBytes && index + 1 < count) continue;
            await stream.WriteAsync(block.GetBuffer().AsMemory(0, (int)block.Length));
            block.SetLength(0);
        }
    }

    private static async Task SendRelpAsync(Stream stream, RecordedLines lines, long first, long count)
    {
        var answers = new byte[WriteBytes];
        await stream.WriteAsync("1 open 30 relp_version=0\ncommands=syslog\n"u8.ToArray());
        for (var lineFeeds = 0; lineFeeds < 4;) lineFeeds += answers.AsSpan(0, await stream.ReadAsync(answers)).Count((byte)'\n');
        using var block = new MemoryStream();
        for (long sent = 0, acknowledged = 0; acknowledged < count;)
        {
            for (; sent < count && sent - acknowledged < Window; sent++)
            {
                var line = lines[first + sent];
                block.Write(Encoding.ASCII.GetBytes($"{sent + 2} syslog {line.Length} "));
                block.Write(line.Span);
                block.WriteByte((byte)'\n');
            }
            if (block.Length > 0) await stream.WriteAsync(block.GetBuffer().AsMemory(0, (int)block.Length));
            block.SetLength(0);
            acknowledged += answers.AsSpan(0, await stream.ReadAsync(answers)).Count((byte)'\n');
        }
        // Without a goodbye the next connection's lines would be compared with these.
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{count + 2} close 0\n"));
        while (await stream.ReadAsync(answers) > 0)
        {
        }
    }
}
