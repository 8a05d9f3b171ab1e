using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Compose;

/// <summary>What befalls containers while a real rsyslogd sends: each line stands in the log once, and state and alerts are what was sent.</summary>
[Collection(typeof(StackCollection))]
public sealed class FaultTests(Stack stack)
{
    [Fact]
    public async Task Nothing_is_lost_when_every_container_is_killed()
    {
        await stack.ScaleAsync(2);
        await stack.HealthyAsync();
        await using var flow = await LineFlow.StartAsync(stack, "killed");
        await flow.FlowsAsync("nothing happens");

        foreach (var service in (string[])[.. Stack.Services, "redis"])
        {
            foreach (var container in await stack.ContainersAsync(service))
            {
                await Stack.KillAndStartAsync(container);
                await flow.FlowsAsync($"{service} was killed");
            }
            await stack.HealthyAsync();
        }
        // All at once, as when the machine is reset.
        await Docker.RunAsync(["kill", .. await stack.ContainersAsync()]);
        await Docker.RunAsync(["start", .. await stack.ContainersAsync("redis"), .. await stack.ContainersAsync()]);
        await flow.FlowsAsync("all were killed");
        await stack.HealthyAsync();

        await flow.EndAsync();
    }

    [Fact]
    public async Task Nothing_is_lost_when_projectors_and_notifiers_become_one_three_and_one()
    {
        await using var flow = await LineFlow.StartAsync(stack, "scaled");
        foreach (var replicas in (int[])[1, 3, 1])
        {
            await stack.ScaleAsync(replicas);
            Assert.Equal((replicas, replicas), ((await stack.ContainersAsync("projector")).Count, (await stack.ContainersAsync("notifier")).Count));
            await flow.FlowsAsync($"there are {replicas} of each");
            await stack.HealthyAsync();
            await flow.FlowsAsync($"{replicas} of each are healthy");
        }

        await flow.EndAsync();
        await stack.ScaleAsync(2);
    }

    [Fact]
    public async Task Nothing_is_lost_when_redis_restarts_and_is_away()
    {
        await stack.ScaleAsync(2);
        await stack.HealthyAsync();
        await using var flow = await LineFlow.StartAsync(stack, "restarted");
        await flow.FlowsAsync("nothing happens");

        await stack.ComposeAsync("restart", "redis");
        await flow.FlowsAsync("redis was restarted");
        await stack.ComposeAsync("stop", "redis");
        var collector = Assert.Single(await stack.ContainersAsync("collector"));
        await Wait.Until(async () => await Scrape.WaitingEventsAsync(collector) > 5000, "5,000 lines wait in the spool", TimeSpan.FromMinutes(2));
        await stack.ComposeAsync("start", "redis");
        await flow.FlowsAsync("redis was away while 5,000 lines came");
        await stack.HealthyAsync();

        await flow.EndAsync();
    }

    [Fact]
    public async Task Nothing_is_lost_when_services_are_upgraded_one_after_another_and_rolled_back()
    {
        await stack.ScaleAsync(2);
        await stack.BuildAsync(Versions.Next);
        foreach (var service in Stack.Services) await stack.UpgradeAsync(service, Versions.Older);
        await using var flow = await LineFlow.StartAsync(stack, "upgraded");
        await flow.FlowsAsync($"all are {Versions.Older}");

        foreach (var (index, service) in Stack.Services.Index())
        {
            await stack.UpgradeAsync(service, Versions.Next);
            foreach (var (other, name) in Stack.Services.Index()) await Versions.RunAsync(stack, name, other <= index ? Versions.Next : Versions.Older);
            await flow.FlowsAsync($"{service} is {Versions.Next}");
        }
        // One of them back, beside newer ones, and then all.
        foreach (var service in (string[])["projector", "collector", "notifier", "api"])
        {
            await stack.UpgradeAsync(service, Versions.Older);
            await Versions.RunAsync(stack, service, Versions.Older);
            await flow.FlowsAsync($"{service} is {Versions.Older} again");
        }
        await flow.EndAsync();
        if (Versions.Older == Versions.Current) return;
        foreach (var service in Stack.Services) await stack.UpgradeAsync(service, Versions.Current);
    }
}
