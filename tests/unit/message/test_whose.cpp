// Whose account it is, for readers other than its owner; and that nobody there is known.
#include "daemon/message/render.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/message/golden.hpp"

#include <array>
#include <string>

namespace reviewd::test {
namespace {

using message::Section;

constexpr std::array told_in_place{Section::late, Section::today, Section::invite, Section::week};

message::Digest short_digest(Section section, const char* language) {
    message::Digest digest = target_digest();
    digest.habits = message::habits_of(language);
    digest.full_items = 0;
    digest.items[0].section = section;
    digest.items[0].away_owner = "Jonas Weber";
    return digest;
}

TEST_CASE("a short line says in whose place it is told", "[message]") {
    for (const Section section : told_in_place) {
        CAPTURE(static_cast<int>(section));
        const auto english = message::render(short_digest(section, "en"), message::Templates{});
        REVIEWD_CHECK_CONTAINS(english.text, ", for Jonas Weber, who is away");
        REVIEWD_CHECK_CONTAINS(english.html, ", for <bdi>Jonas Weber</bdi>, who is away");
        const auto bengali = message::render(short_digest(section, "bn"), message::Templates{});
        REVIEWD_CHECK_CONTAINS(bengali.text, ", Jonas Weber-এর হয়ে (ছুটিতে)");
        REVIEWD_CHECK_CONTAINS(bengali.html, ", <bdi>Jonas Weber</bdi>-এর হয়ে (ছুটিতে)");
    }
    const std::string own = message::render(target_digest(), message::Templates{}).text;
    CHECK(own.find("who is away") == std::string::npos);
}

TEST_CASE("the form says whose account it is, and that the owner is away", "[message]") {
    std::vector<std::string> problems;
    message::AnswerPage page = form_page();
    const auto html = [&](const char* language) {
        page.habits = message::habits_of(language);
        return message::render_page(page, message::Templates{}, problems);
    };
    CHECK(html("en").find("<dt>Whose</dt>") == std::string::npos);
    CHECK(html("en").find("who is away") == std::string::npos);
    page.item->owner = "Jonas Weber";
    REVIEWD_CHECK_CONTAINS(html("en"), "<dt>Whose</dt><dd><bdi>Jonas Weber</bdi></dd>");
    REVIEWD_CHECK_CONTAINS(html("bn"), "<dt>কার</dt><dd><bdi>Jonas Weber</bdi></dd>");
    page.item->owner.clear();
    page.item->away_owner = "Jonas Weber";
    REVIEWD_CHECK_CONTAINS(html("en"), "<dt>For</dt><dd><bdi>Jonas Weber</bdi>, who is away</dd>");
    REVIEWD_CHECK_CONTAINS(
        html("bn"), "<dt>কার হয়ে</dt><dd><bdi>Jonas Weber</bdi>, ছুটিতে আছেন</dd>"
    );
    CHECK(problems.empty());
}

TEST_CASE("an account of which nobody is known says so", "[message]") {
    message::Digest digest = target_digest();
    digest.items[0].contact.reset();
    message::AnswerPage page = form_page();
    page.item->contact.reset();
    std::vector<std::string> problems;
    const auto check = [&](const char* language, const std::string& label, const std::string& words
                       ) {
        digest.habits = page.habits = message::habits_of(language);
        const message::Rendered rendered = message::render(digest, message::Templates{});
        REVIEWD_CHECK_CONTAINS(
            rendered.html, ">" + label + "</td><td class=\"cell\">" + words + "</td>"
        );
        REVIEWD_CHECK_CONTAINS(
            message::render_page(page, message::Templates{}, problems),
            "<dt>" + label + "</dt><dd>" + words + "</dd>"
        );
        return rendered.text;
    };
    REVIEWD_CHECK_CONTAINS(check("en", "Call", "No contact known"), "\nCall    No contact known\n");
    REVIEWD_CHECK_CONTAINS(
        check("bn", "ফোন", "কোনো যোগাযোগ জানা নেই"), "\nফোন: কোনো যোগাযোগ জানা নেই\n"
    );
    CHECK(problems.empty());
}

} // namespace
} // namespace reviewd::test
