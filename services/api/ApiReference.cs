using Scalar.AspNetCore;

namespace WgMonitor.Api;

/// <summary>The page that describes the API and tries it out. It loads nothing from elsewhere and tells nobody anything: of itself the page counts its use, and sends what is asked of its assistant, to its maker.</summary>
internal static class ApiReference
{
    private const string Path = "/reference";

    // The page is a script that puts itself together; all that it may talk to is this server.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void Map(WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(Path)) context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            return next(context);
        });
        app.MapScalarApiReference(Path, options => options.WithTitle("WgMonitor API")
            .DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton().DisableDefaultFonts());
    }
}
