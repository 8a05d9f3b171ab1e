using WgMonitor.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(WgMonitor.Notifier.Tests.SharedRedis))]

namespace WgMonitor.Notifier.Tests;

/// <summary>One redis-server for the tests that keep to their own prefix.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
