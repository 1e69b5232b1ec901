#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

using namespace reviewd;

TEST_CASE("malformed UTF-8 is found at its first byte", "[base][text]") {
    CHECK_FALSE(find_invalid_utf8("plain, Ünïcode, বাংলা, العربية, 🙂"));
    CHECK(find_invalid_utf8("ab\xff") == 2U);
    CHECK(find_invalid_utf8("a\xc3") == 1U);            // cut off
    CHECK(find_invalid_utf8("\xc0\x80") == 0U);         // overlong NUL
    CHECK(find_invalid_utf8("\xed\xa0\x80") == 0U);     // surrogate
    CHECK(find_invalid_utf8("\xf4\x90\x80\x80") == 0U); // beyond U+10FFFF
    CHECK(find_invalid_utf8("\x80") == 0U);
}

TEST_CASE("width counts the columns of a terminal", "[base][text]") {
    CHECK(display_width("Hartley") == 7);
    CHECK(display_width("日本") == 4);
    CHECK(display_width("e\u0301") == 1);
    CHECK(display_width("🙂") == 2);
    CHECK(display_width("") == 0);
}

TEST_CASE("a cut never splits a character and says that it cut", "[base][text]") {
    CHECK(cut_to_width("Hartley Print", 13) == "Hartley Print");
    CHECK(cut_to_width("Hartley Print", 8) == "Hartley…");
    CHECK(cut_to_width("日本語", 4) == "日…");
    CHECK(cut_to_width("abc", 0).empty());
    for (std::size_t columns = 0; columns < 12; ++columns) {
        const std::string cut = cut_to_width("a日e\u0301🙂বাংলা xyz", columns);
        CHECK(display_width(cut) <= columns);
        CHECK_FALSE(find_invalid_utf8(cut));
    }
}

TEST_CASE("what could move a terminal's cursor is shown as an escape", "[base][text]") {
    CHECK(escape_controls("a\nb\tc\x1b[31m") == "a\\nb\\tc\\x1b[31m");
    CHECK(escape_controls("x\u202Ey") == "x\\u202ey");
    CHECK(escape_controls("\xff") == "\\xff");
    CHECK(escape_controls("Ünï বাংলা 🙂") == "Ünï বাংলা 🙂");
    CHECK(has_controls("a\rb"));
    CHECK(has_controls("a\u2028b"));
    CHECK_FALSE(has_controls("a\tb ü"));
}

TEST_CASE("a slip of the keyboard finds the word that was meant", "[base][text]") {
    const std::vector<std::string> names{"budget", "products_owned", "spend_12m", "vip"};
    CHECK(closest_match("budgte", names) == "budget");
    CHECK(closest_match("product_owned", names) == "products_owned");
    CHECK(closest_match("ProductsOwned", names) == "products_owned");
    CHECK_FALSE(closest_match("satisfaction", names));
    CHECK(did_you_mean("bugdet", names) == "did you mean `budget`?");
    CHECK(did_you_mean("zzzz", names).empty());
}

TEST_CASE("white space is trimmed from both ends", "[base][text]") {
    CHECK(trim(" \t a b \r\n") == "a b");
    CHECK(trim("   ").empty());
    CHECK(trim("").empty());
}

TEST_CASE("a command that is copied holds nothing that a shell reads otherwise", "[base][text]") {
    CHECK(shell_word("mei.lin@home-2", "KEY") == "mei.lin@home-2");
    for (const std::string_view hostile :
         {"", "-f", "a b", "$(id)", "`id`", "a;b", "a'b", "a\nb", "*", "~", "m\xC3\xBCller"}) {
        CAPTURE(hostile);
        CHECK(shell_word(hostile, "KEY") == "KEY");
    }
}
