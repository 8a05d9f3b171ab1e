using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using WgMonitor.Collector;
using WgMonitor.Hosting;
using WgMonitor.Notifier;

namespace WgMonitor.Cli.Doctor;

/// <summary>What the configuration alone tells: old spellings, certificates that end, alerts that go nowhere but the log.</summary>
internal static class ConfigurationChecks
{
    private static readonly TimeSpan CertificateWarning = TimeSpan.FromDays(14);

    public static IEnumerable<Check> Of(CheckConfig.Findings found, DateTimeOffset now)
    {
        yield return found.Notices.Count == 0
            ? Check.Good("configuration", $"{found.File ?? "built-in defaults"} is valid")
            : Check.Warning("configuration", $"{found.File} is valid, with old spellings: {string.Join("; ", found.Notices)}");
        foreach (var listener in found.Options.Get<CollectorOptions>().Listen)
        {
            if (listener.Certificate is { } file) yield return Certificate(file, now);
        }
        if (!found.Options.Get<NotifierOptions>().Route.Exists(route => route.Type == RouteType.Webhook))
            yield return Check.Warning("alerts", "alerts go to the log only", "Set a [[notifier.route]] of type \"webhook\".");
    }

    private static Check Certificate(string file, DateTimeOffset now)
    {
        const string Next = "Exchange the file; the collector takes the new one without a restart.";
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            var left = certificate.NotAfter.ToUniversalTime() - now.UtcDateTime;
            var until = string.Create(CultureInfo.InvariantCulture, $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
            if (left <= TimeSpan.Zero) return Check.Bad("certificate", $"{file} ended on {until}", Next);
            return left < CertificateWarning ? Check.Warning("certificate", $"{file} ends on {until}", Next) : Check.Good("certificate", $"{file} holds until {until}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Check.Bad("certificate", $"{file} cannot be read: {exception.Message}", "Name a PEM file with the certificate, readable for this user.");
        }
    }
}
