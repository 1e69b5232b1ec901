#include "daemon/links/link_keys.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

#include <filesystem>

using namespace reviewd;
using links::LinkKeys;
using links::TokenFault;

namespace {

const TimePoint now{std::chrono::hours{500'000}};

notify::Secret secret(char c) {
    return notify::Secret{std::string(40, c)};
}

store::LinkGrant grant() {
    return {
        "L0123456789abcdef0",
        "answer",
        ReviewId{1234},
        7,
        2,
        PersonId{31},
        now + std::chrono::hours{24}};
}

bool is_unknown(const LinkKeys::Checked& checked) {
    return !checked.grant && checked.fault == TokenFault::unknown;
}

} // namespace

TEST_CASE("a token says what it was signed for", "[links][T21]") {
    const LinkKeys keys{secret('a'), std::nullopt};
    const std::string token = keys.sign(grant());
    CHECK(token.size() <= 80);
    CHECK(token == keys.sign(grant()));
    const auto checked = keys.check(token, "answer", now);
    REQUIRE(checked.grant);
    CHECK(checked.grant->review == ReviewId{1234});
    CHECK(checked.grant->review_version == 7);
    CHECK(checked.grant->occurrence == 2);
    CHECK(checked.grant->person == PersonId{31});
    CHECK(checked.grant->expires == grant().expires);
    store::LinkGrant other = grant();
    other.placeholder = "Lffff0";
    CHECK(keys.sign(other) != token);
}

TEST_CASE("a token with any bit altered is not ours", "[links][T21]") {
    const LinkKeys keys{secret('a'), std::nullopt};
    const std::string token = keys.sign(grant());
    for (std::size_t at = 0; at < token.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string altered = token;
            altered[at] = static_cast<char>(
                static_cast<unsigned char>(altered[at]) ^ (1U << static_cast<unsigned>(bit))
            );
            INFO("byte " << at << " bit " << bit);
            CHECK(is_unknown(keys.check(altered, "answer", now)));
        }
    }
    CHECK(is_unknown(keys.check(token.substr(0, token.size() - 1), "answer", now)));
    CHECK(is_unknown(keys.check(token + "A", "answer", now)));
    CHECK(is_unknown(keys.check("", "answer", now)));
    CHECK(is_unknown(keys.check(std::string(100'000, 'A'), "answer", now)));
}

TEST_CASE("a token is good for its purpose and its time only", "[links][T21]") {
    const LinkKeys keys{secret('a'), std::nullopt};
    const std::string token = keys.sign(grant());
    CHECK(is_unknown(keys.check(token, "calendar", now)));
    const auto late = keys.check(token, "answer", grant().expires);
    CHECK_FALSE(late.grant);
    CHECK(late.fault == TokenFault::expired);
    CHECK(late.person == PersonId{31});
    CHECK_FALSE(keys.check(token + "A", "answer", now).person);
    CHECK(keys.check(token, "answer", grant().expires - std::chrono::minutes{1}).grant);
}

TEST_CASE("two keys are good while one takes the other's place", "[links][T21]") {
    const LinkKeys before{secret('a'), std::nullopt};
    const LinkKeys during{secret('b'), secret('a')};
    const LinkKeys after{secret('b'), std::nullopt};
    const std::string old = before.sign(grant());
    CHECK(during.check(old, "answer", now).grant);
    CHECK(is_unknown(after.check(old, "answer", now)));
    CHECK(after.check(during.sign(grant()), "answer", now).grant);
    CHECK(is_unknown(before.check(during.sign(grant()), "answer", now)));
}

TEST_CASE("secrets are read from files that only the service may read", "[links][T20]") {
    const test::TemporaryDirectory directory;
    config::LinkSettings settings;
    settings.secret_file = directory.write("key", std::string(64, 'k') + "\n").string();
    std::filesystem::permissions(settings.secret_file, std::filesystem::perms::owner_read);
    CHECK(links::read_link_keys(settings, "").has_value());
    settings.secret_file = directory.write("short", "abc").string();
    std::filesystem::permissions(settings.secret_file, std::filesystem::perms::owner_read);
    const auto tiny = links::read_link_keys(settings, "");
    REQUIRE_FALSE(tiny.has_value());
    REVIEWD_CHECK_CONTAINS(tiny.error().message, "too short");
    CHECK(tiny.error().message.find("abc") == std::string::npos);
    settings.secret_file.clear();
    settings.secret_credential = "link-key";
    CHECK_FALSE(links::read_link_keys(settings, "").has_value());
    CHECK_FALSE(links::read_link_keys(settings, directory.path().string()).has_value());
}
