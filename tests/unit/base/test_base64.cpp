#include "scoring/base/base64.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <string>
#include <string_view>

namespace reviewd::test::test_base64 {

namespace {

struct Pair {
    std::string_view bytes;
    std::string_view text;    ///< base64
    std::string_view address; ///< base64url
};

using namespace std::string_view_literals;

/// The vectors of RFC 4648, section 10, and bytes with the digits that differ.
constexpr std::array pairs{
    Pair{"", "", ""},
    Pair{"f", "Zg==", "Zg"},
    Pair{"fo", "Zm8=", "Zm8"},
    Pair{"foo", "Zm9v", "Zm9v"},
    Pair{"foob", "Zm9vYg==", "Zm9vYg"},
    Pair{"fooba", "Zm9vYmE=", "Zm9vYmE"},
    Pair{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    Pair{"\x14\xfb\x9c\x03\xd9\x7e"sv, "FPucA9l+", "FPucA9l-"},
    Pair{"\xff\xff\xbe"sv, "//++", "__--"},
    Pair{"\0\0\0"sv, "AAAA", "AAAA"},
    Pair{"\0user\0word"sv, "AHVzZXIAd29yZA==", "AHVzZXIAd29yZA"},
};

} // namespace

TEST_CASE("base64 is written and read as RFC 4648 says", "[base][base64]") {
    for (const Pair& pair : pairs) {
        INFO(pair.text);
        CHECK(encode_base64(pair.bytes) == pair.text);
        CHECK(decode_base64(pair.text) == std::string{pair.bytes});
        const std::size_t end = pair.text.find('=');
        CHECK(decode_base64(pair.text.substr(0, end)) == std::string{pair.bytes});
        CHECK(encode_base64url(pair.bytes) == pair.address);
        CHECK(decode_base64url(pair.address) == std::string{pair.bytes});
    }
}

TEST_CASE("what is no base64 is not read", "[base][base64]") {
    for (const std::string_view text :
         {"A",
          "AAAAA",
          "=",
          "====",
          "A===",
          "Zg=",
          "Zm9v=",
          "Zm9v====",
          "Zg==Zg==",
          "Zm 9",
          "Zm9\n",
          "FPucA9l-",
          "Zm\xc3\xa9"}) {
        INFO(text);
        CHECK_FALSE(decode_base64(text).has_value());
    }
    CHECK(decode_base64("Zh==") == "f"); // what is left over of the last digit
}

TEST_CASE("base64url has one text for one sequence of bytes", "[base][base64]") {
    for (const std::string_view text : {"Zg==", "Zh", "Zm9", "A", "FPucA9l+", "Zm9v=", "Zm 9"}) {
        INFO(text);
        CHECK_FALSE(decode_base64url(text).has_value());
    }
}

} // namespace reviewd::test::test_base64
