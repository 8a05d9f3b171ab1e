using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace WgMonitor.Notifier.Tests.Channels;

public class WebhookSignatureTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void The_published_vector_of_standard_webhooks_is_reproduced()
    {
        var signature = WebhookSignature.Of(Secret).Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void Two_secrets_give_two_signatures_and_no_secret_gives_none()
    {
        const string other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

        var both = WebhookSignature.Of(Secret, other).Sign("id", 1, "body"u8);

        Assert.Equal($"{WebhookSignature.Of(Secret).Sign("id", 1, "body"u8)} {WebhookSignature.Of(other).Sign("id", 1, "body"u8)}", both);
        Assert.Null(WebhookSignature.Of(null, null).Sign("id", 1, "body"u8));
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_not base64!")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void What_is_no_secret_is_refused(string secret) => Assert.False(WebhookSignature.TryParse(secret, out _));

    [Theory]
    [InlineData(23, false)]
    [InlineData(24, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_secret_has_24_to_64_bytes(int bytes, bool taken) =>
        Assert.Equal(taken, WebhookSignature.TryParse("whsec_" + Convert.ToBase64String(new byte[bytes]), out _));

    /// <summary>RFC 2104 by hand, so that the product's use of the library is compared with the definition.</summary>
    internal static string Expected(string secret, string id, string timestamp, byte[] body)
    {
        var key = new byte[64];
        Convert.FromBase64String(secret["whsec_".Length..]).CopyTo(key, 0);
        byte[] inner = [.. key.Select(octet => (byte)(octet ^ 0x36)), .. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        byte[] outer = [.. key.Select(octet => (byte)(octet ^ 0x5c)), .. SHA256.HashData(inner)];
        return "v1," + Convert.ToBase64String(SHA256.HashData(outer));
    }
}
