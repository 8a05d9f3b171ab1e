namespace WgMonitor.Streams;

/// <summary>For callers of the Redis client that only want to know whether trying again later may help.</summary>
public static class RedisAway
{
    /// <summary>True for what the client throws while Redis is away, refuses, or fails over; false for bugs and cancellation.</summary>
    public static bool Is(Exception exception) => RedisWeather.TryRead(exception, out _);
}
