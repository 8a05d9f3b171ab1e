using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WgMonitor.Cli.Redis;

/// <summary>How far a redis-server has come.</summary>
internal enum RedisState
{
    /// <summary>Nobody answers.</summary>
    Silent,

    /// <summary>It answers but reads its data still.</summary>
    Loading,

    /// <summary>It serves.</summary>
    Ready,
}

/// <summary>Asks a redis-server for its state with one PING on a new connection.</summary>
/// <remarks>By hand and not through the client library: that one hides LOADING behind its own retries.</remarks>
internal static class RedisProbe
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    public static async Task<RedisState> AskAsync(EndPoint endPoint, string? password, TimeProvider time, CancellationToken stop)
    {
        using var expired = new CancellationTokenSource(AnswerLimit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, expired.Token);
        try
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
            await socket.ConnectAsync(endPoint, limit.Token);
            await using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            if (password is not null)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {password}\r\n"), limit.Token);
                if (await reader.ReadLineAsync(limit.Token) != "+OK") return RedisState.Silent;
            }

            await stream.WriteAsync("PING\r\n"u8.ToArray(), limit.Token);
            var answer = await reader.ReadLineAsync(limit.Token);
            return answer == "+PONG" ? RedisState.Ready : answer?.StartsWith("-LOADING", StringComparison.Ordinal) == true ? RedisState.Loading : RedisState.Silent;
        }
        catch (Exception exception) when (exception is SocketException or IOException || (exception is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return RedisState.Silent;
        }
    }
}
