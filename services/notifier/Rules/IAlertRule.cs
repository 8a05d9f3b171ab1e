using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.ReadModel;

namespace WgMonitor.Notifier;

/// <summary>Decides which findings are worth an alert. Pure: the same finding makes the same alert, also in a replay.</summary>
internal interface IAlertRule
{
    /// <summary>Part of every alert's id, and the metric label.</summary>
    string Name { get; }

    /// <summary>An alert that is <see cref="AlertRecord.Unproven"/> is counted and goes nowhere.</summary>
    bool SuppressesUnproven { get; }

    /// <summary>An alert, or null if the finding is none of this rule's.</summary>
    /// <param name="finding">What the fold concluded.</param>
    /// <param name="header">Of the event it concluded it from.</param>
    AlertRecord? Judge(HostFinding finding, in EventHeader header);
}
