using WgMonitor.Events;

namespace WgMonitor.Peers;

/// <summary>Life of devices, and lines that name a device but no peer.</summary>
internal static class InterfaceRule
{
    public static void Apply(ref FoldStep step, InterfaceEvent e)
    {
        switch (e)
        {
            case InterfaceCreated:
                Created(ref step, e.Interface);
                break;
            case InterfaceDestroyed:
                Destroyed(ref step, e.Interface);
                break;
            case InterfaceRenamed line:
                Renamed(ref step, line);
                break;
            case NamespaceExiting:
                if (Find(ref step, e.Interface) is { } exiting) Set(ref step, exiting with { NamespaceExitingAt = step.At });
                break;
            default:
                Troubled(ref step, e);
                break;
        }
    }

    /// <summary>The device of a line, noted if it is new; null beyond the bound.</summary>
    public static InterfaceState? Find(ref FoldStep step, string name)
    {
        if (step.Interfaces.TryGetValue(name, out var known)) return known;
        if (step.Interfaces.Count >= step.Limits.InterfacesMax) return null;
        var appeared = new InterfaceState(name, 0, 1, 0, default);
        Set(ref step, appeared);
        return appeared;
    }

    private static void Created(ref FoldStep step, string name)
    {
        // A line that comes twice would look like a second device of the name; it has the time of the first.
        if (step.Interfaces.TryGetValue(name, out var known) && known.CreatedAt == step.At) return;
        var instances = known is { CreatedAt: > 0 } ? known.Instances + 1 : 1;
        if (known is null && step.Interfaces.Count >= step.Limits.InterfacesMax) return;
        Set(ref step, new InterfaceState(name, step.At, instances, 0, known?.Trouble ?? default));
    }

    private static void Destroyed(ref FoldStep step, string name)
    {
        if (step.Interfaces.TryGetValue(name, out var known))
        {
            if (known.Instances > 1)
            {
                // Another namespace has a device of that name: whose peers these are is not known. Each printed its own end before.
                Set(ref step, known with { Instances = known.Instances - 1 });
                return;
            }
            step.Interfaces = step.Interfaces.Remove(name);
        }
        PeerRule.EndAllOf(ref step, name);
        step.Found(new InterfaceChanged(step.Host, step.At, step.Cause, name, null, Destroyed: true));
    }

    /// <summary>Any network device may be renamed; only one that WireGuard lines named concerns us.</summary>
    private static void Renamed(ref FoldStep step, InterfaceRenamed e)
    {
        if (!step.Interfaces.TryGetValue(e.OldName, out var known) || e.OldName == e.Interface) return;
        step.Interfaces = step.Interfaces.Remove(e.OldName);
        Set(ref step, known with { Name = e.Interface });
        PeerRule.MoveAllOf(ref step, e.OldName, e.Interface);
        step.Found(new InterfaceChanged(step.Host, step.At, step.Cause, e.OldName, e.Interface, Destroyed: false));
    }

    private static void Troubled(ref FoldStep step, InterfaceEvent e)
    {
        step.Trouble = step.Trouble.With(e.Kind, e.Header.Repeat);
        if (Find(ref step, e.Interface) is not { } found) return;
        var trouble = found.Trouble.With(e.Kind, e.Header.Repeat);
        if (trouble != found.Trouble) Set(ref step, found with { Trouble = trouble });
    }

    private static void Set(ref FoldStep step, InterfaceState state) => step.Interfaces = step.Interfaces.SetItem(state.Name, state);
}
