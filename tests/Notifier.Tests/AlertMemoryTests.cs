using StackExchange.Redis;
using WgMonitor.ReadModel;
using WgMonitor.Streams;
using Xunit;

namespace WgMonitor.Notifier.Tests;

public class AlertMemoryTests(SharedRedis shared)
{
    private static readonly AlertRecord Alert = Samples.Alert(cause: new StreamId(1763820629200, 1));

    private static Task<IReadOnlyList<AlertRecord>> UnknownAsync(NotifierLogFixture log) => new AlertMemory(log.Connection, log.AlertKeys, 0).UnknownAsync([Alert, Alert], default);

    [Fact]
    public async Task An_alert_that_was_raised_is_known_and_another_is_new_once()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);

        Assert.Equal([Alert.Id], (await UnknownAsync(log)).Select(alert => alert.Id));

        await log.Database.HashSetAsync(log.AlertKeys.Alert(0, Alert.Id), [.. AlertCodec.Encode(Alert).Select(field => new HashEntry(field.Name, field.Value))]);
        Assert.Empty(await UnknownAsync(log));
    }

    /// <summary>Redis came back without the alert, and a delivery that had been under way wrote down its result.</summary>
    [Fact]
    public async Task What_became_of_a_delivery_does_not_stand_for_an_alert_that_redis_lost()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await log.Database.HashSetAsync(log.AlertKeys.Alert(0, Alert.Id), [new("ops:state", "delivered"), new("ops:attempts", 1)]);

        Assert.Equal([Alert.Id], (await UnknownAsync(log)).Select(alert => alert.Id));
    }

    [Fact]
    public async Task A_key_of_another_type_stops_nothing()
    {
        var log = await NotifierLogFixture.CreateAsync(shared.Server);
        await log.Database.StringSetAsync(log.AlertKeys.Alert(0, Alert.Id), "x");

        Assert.Empty(await UnknownAsync(log));
    }
}
