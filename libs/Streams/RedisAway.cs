namespace WgMonitor.Streams;

/// <summary>For callers of the Redis client that only want to know whether trying again later may help.</summary>
public static class RedisAway
{
    /// <summary>True for what the client throws while Redis is away, refuses, or fails over; false for bugs and cancellation.</summary>
    public static bool Is(Exception exception) => RedisWeather.TryRead(exception, out _);

    /// <summary>True when the user of the connection may not do what was asked: trying again does not help.</summary>
    public static bool IsForbidden(Exception exception) => RedisWeather.TryRead(exception, out var weather) && weather.Reason == "noperm";
}
