using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace WgMonitor.Testing;

/// <summary>How a <see cref="WebhookReceiver"/> treats one request. The request is recorded in any case.</summary>
public abstract record WebhookAnswer
{
    /// <summary>A plain status with an empty body.</summary>
    public sealed record Status(int Code) : WebhookAnswer
    {
        internal override Task GiveAsync(HttpContext context, CancellationToken stopping)
        {
            context.Response.StatusCode = Code;
            return Task.CompletedTask;
        }
    }

    /// <summary>429, or another status, with a Retry-After header: seconds or an HTTP date.</summary>
    public sealed record RetryAfter(string Value, int Code = 429) : WebhookAnswer
    {
        internal override Task GiveAsync(HttpContext context, CancellationToken stopping)
        {
            context.Response.StatusCode = Code;
            context.Response.Headers.RetryAfter = Value;
            return Task.CompletedTask;
        }
    }

    /// <summary>302 to another address.</summary>
    public sealed record Redirect(string Location, int Code = 302) : WebhookAnswer
    {
        internal override Task GiveAsync(HttpContext context, CancellationToken stopping)
        {
            context.Response.StatusCode = Code;
            context.Response.Headers.Location = Location;
            return Task.CompletedTask;
        }
    }

    /// <summary>No answer until the sender gives up.</summary>
    public sealed record Hang : WebhookAnswer
    {
        internal override Task GiveAsync(HttpContext context, CancellationToken stopping) => Task.Delay(Timeout.Infinite, stopping);
    }

    /// <summary>The connection ends by RST, without an answer.</summary>
    public sealed record Reset : WebhookAnswer
    {
        internal override Task GiveAsync(HttpContext context, CancellationToken stopping)
        {
            // Closing with linger zero makes Linux send RST; Abort() of Kestrel alone would end with FIN.
            Socket socket = context.Features.Get<IConnectionSocketFeature>()!.Socket;
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
            return Task.CompletedTask;
        }
    }

    /// <summary>200 and a body of one byte at a time, with a pause after each.</summary>
    public sealed record Drip(int Bytes, TimeSpan Pause) : WebhookAnswer
    {
        internal override async Task GiveAsync(HttpContext context, CancellationToken stopping)
        {
            for (int i = 0; i < Bytes; i++)
            {
                await context.Response.Body.WriteAsync("."u8.ToArray(), stopping);
                await context.Response.Body.FlushAsync(stopping);
                await Task.Delay(Pause, stopping);
            }
        }
    }

    /// <summary>200 and a body of so many bytes, as fast as the sender takes them.</summary>
    public sealed record HugeBody(long Bytes) : WebhookAnswer
    {
        internal override async Task GiveAsync(HttpContext context, CancellationToken stopping)
        {
            byte[] chunk = new byte[64 * 1024];
            for (long left = Bytes; left > 0; left -= chunk.Length)
                await context.Response.Body.WriteAsync(chunk.AsMemory(0, (int)Math.Min(left, chunk.Length)), stopping);
        }
    }

    /// <summary>200.</summary>
    public static WebhookAnswer Ok { get; } = new Status(200);

    internal abstract Task GiveAsync(HttpContext context, CancellationToken stopping);
}
