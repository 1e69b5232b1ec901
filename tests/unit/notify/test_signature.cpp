#include "daemon/notify/plugins/webhook/signature.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace reviewd::test::test_signature {

using reviewd::notify::read_signing_keys;
using reviewd::notify::Secret;
using reviewd::notify::signature;

TEST_CASE("a signature is that of Standard Webhooks", "[notify][webhook]") {
    // Computed with the library `standardwebhooks` 1.1.1 of the specification's own authors.
    const auto keys = read_signing_keys(Secret{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
    CHECK(
        signature(
            keys.value(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

TEST_CASE("two keys sign while one is rotated", "[notify][webhook]") {
    const std::string first = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const std::string second = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5IQ==";
    const auto of = [](const std::string& content) {
        return signature(read_signing_keys(Secret{content}).value(), "id", 1, "body");
    };
    CHECK(of(first + "\n" + second + "\r\n") == of(first) + " " + of(second));
    CHECK(of(first) != of(second));
}

TEST_CASE("what is no signing key is refused and not shown", "[notify][webhook][T35]") {
    for (const char* content :
         {"",
          "\n\n",
          "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          "whsec_",
          "whsec_canary",
          "whsec_Y2FuYXJ5",
          "whsec_====",
          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\ncanary"}) {
        CAPTURE(content);
        const auto keys = read_signing_keys(Secret{content});
        REQUIRE(keys.has_error());
        CHECK(keys.error().message.find("canary") == std::string::npos);
    }
    CHECK(read_signing_keys(Secret{"whsec_" + std::string(88, 'A')}).has_error()); // 66 bytes
}

} // namespace reviewd::test::test_signature
