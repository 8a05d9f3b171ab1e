using Microsoft.OpenApi;

namespace WgMonitor.Api;

/// <summary>A query parameter that a route does not know is a mistake: left alone, it would look as if it had narrowed the answer.</summary>
internal static class QueryParameters
{
    /// <summary>Answers 400 with the name of the first parameter that is none of <paramref name="known"/>, and lists them in the OpenAPI document.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, params string[] known) => route
        .AddEndpointFilter(async (context, next) =>
        {
            var unknown = context.HttpContext.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase));
            return unknown is null ? await next(context) : TypedResults.Problem(Detail(unknown, known), statusCode: StatusCodes.Status400BadRequest);
        })
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var name in known.Except(operation.Parameters.Select(parameter => parameter.Name)))
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            return Task.CompletedTask;
        });

    private static string Detail(string unknown, string[] known) =>
        $"unknown query parameter '{unknown}': {(known.Length == 0 ? "this route has none" : $"known are {string.Join(", ", known)}")}";
}
