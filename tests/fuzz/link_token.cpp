// Tokens of the links in messages: nobody makes one without the secret, not out of one that is
// good.
#include "daemon/links/link_keys.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <array>
#include <string>

namespace {

using namespace reviewd;
using fuzz::require;
using links::LinkKeys;
using links::TokenFault;

const TimePoint now{std::chrono::hours{500'000}};

const LinkKeys& keys() {
    static const LinkKeys both{
        notify::Secret{std::string(40, 'a')}, notify::Secret{std::string(40, 'b')}};
    return both;
}

void require_unknown(std::string_view token) {
    for (const char* purpose : {"answer", "calendar"}) {
        const LinkKeys::Checked checked = keys().check(token, purpose, now);
        require(!checked.grant, "a token that nobody signed grants nothing");
        require(checked.fault == TokenFault::unknown, "it is not ours");
        require(!checked.person, "and says nothing of anybody");
    }
}

std::int64_t take_number(fuzz::Input& input) {
    std::int64_t number = 0;
    for (std::size_t bytes = input.below(8); bytes > 0; --bytes) {
        number = number * 256 + static_cast<std::int64_t>(input.below(256));
    }
    return number;
}

store::LinkGrant take_grant(fuzz::Input& input) {
    store::LinkGrant grant;
    grant.purpose = input.below(2) == 0 ? "answer" : "calendar";
    grant.review = ReviewId{take_number(input)};
    grant.review_version = static_cast<int>(take_number(input) % 1'000'000);
    grant.occurrence = static_cast<int>(take_number(input) % 1'000'000);
    grant.person = PersonId{take_number(input)};
    grant.expires = now + std::chrono::minutes{1 + take_number(input) % 1'000'000};
    grant.placeholder = std::string{input.part_behind('\n')};
    return grant;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    require_unknown(input.rest());
    const std::size_t place = input.below(256);
    const auto bit = static_cast<unsigned>(input.below(8));
    const store::LinkGrant grant = take_grant(input);
    std::string token = keys().sign(grant);
    require(token.size() <= 80, "a token is short");
    const LinkKeys::Checked checked = keys().check(token, grant.purpose, now);
    store::LinkGrant expected = grant;
    expected.placeholder.clear();
    require(checked.grant == expected, "a token says what it was signed for");
    require(
        !keys().check(token, grant.purpose, grant.expires).grant,
        "and nothing when its time is over"
    );
    char& character = token[place % token.size()];
    character = static_cast<char>(static_cast<unsigned char>(character) ^ (1U << bit));
    require_unknown(token);
    require_unknown(token.substr(0, place % token.size()));
    return 0;
}
