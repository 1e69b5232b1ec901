#include "daemon/message/calendar_text.hpp"
#include "daemon/message/mustache.hpp"
#include "daemon/message/render.hpp"
#include "daemon/message/view.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/message/golden.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <vector>

namespace reviewd::test {
namespace {

using message::Rendered;
using message::Section;

const std::vector<std::string>& hostile_texts() {
    static const std::vector<std::string> texts{
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg/onload=alert(1)>",
        "javascript:alert(1)",
        "</title></style></bdi><b>",
        "\xE2\x80\xAEgnp.exe",
        "\xE2\x81\xA6isolated\xE2\x81\xA9",
        "{{7*7}} {{{account}}} {{#items}}{{/items}} {{>x}} {{=<% %>=}}",
        "a\r\nBcc: all@evil.test\r\n\r\nbody",
        "a\xC2\x85"
        "b\xE2\x80\xA8"
        "c\x1b[2J\x07",
        std::string{"nul\0byte", 8},
        "bad \xFF\xC0\x80 utf8",
        std::string(100'000, 'x'),
        "<!-- -->&amp;&lt;",
        "`onclick=alert(1)`"};
    return texts;
}

message::Digest filled_with(const std::string& text) {
    message::Digest digest = manager_digest();
    digest.recipient = text;
    digest.data_as_of = text;
    digest.stale = {text};
    digest.more_this_week = 1;
    for (message::Item& item : digest.items) {
        item.account = item.level = item.owner = text;
        item.causes = {{text, text, text}};
        item.contact = message::Contact{text, text, text, {text}};
        item.last = message::LastTalk{digest.today, text, text, {text}};
        item.reasons = {{1'000, text}};
        item.complaint = message::Complaint{text, text, 3, text};
        item.questions = {text};
        item.offer = item.tip = item.script = item.account_key = text;
        item.attempts = {{digest.today, text}};
        item.answer_url = text;
    }
    return digest;
}

/// The document's tags, attributes and all, as they stand.
std::vector<std::string> tags_of(const std::string& html) {
    std::vector<std::string> tags;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        tags.push_back(html.substr(at, html.find('>', at) - at + 1));
    }
    return tags;
}

void check_harmless(const Rendered& rendered) {
    CHECK(rendered.problems.empty());
    CHECK_FALSE(has_controls(rendered.subject));
    CHECK(display_width(rendered.subject) <= 120);
    for (const std::string& part : {rendered.subject, rendered.text, rendered.html}) {
        CHECK_FALSE(find_invalid_utf8(part).has_value());
        for (const char* control : {"\xE2\x80\xAE", "\xE2\x81\xA6", "\x1b", "\r", "\xC2\x85"}) {
            CHECK(part.find(control) == std::string::npos);
        }
        CHECK(part.find('\0') == std::string::npos);
    }
    for (const std::string& tag : tags_of(rendered.html)) {
        CHECK(tag.find("onerror") == std::string::npos);
        CHECK(tag.find("onload") == std::string::npos);
        CHECK(tag.find("script") == std::string::npos);
        CHECK(tag.find("svg") == std::string::npos);
        CHECK(tag.find("http") == std::string::npos);
    }
    boost::json::error_code error;
    CHECK(boost::json::parse(rendered.payload, error).is_object());
    CHECK_FALSE(error);
}

TEST_CASE("hostile text neither breaks out nor in", "[message][T15]") {
    for (const std::string& text : hostile_texts()) {
        for (const char* language : {"en", "bn"}) {
            CAPTURE(text.substr(0, 60), language);
            message::Digest digest = filled_with(text);
            digest.habits = message::habits_of(language);
            digest.full_items = 9;
            check_harmless(message::render(digest, message::Templates{}));
            digest.full_items = 0;
            check_harmless(message::render(digest, message::Templates{}));
        }
    }
}

TEST_CASE("hostile text adds no line to a message", "[message][T15]") {
    const auto lines = [](const std::string& text) {
        return std::count(text.begin(), text.end(), '\n');
    };
    const Rendered usual = message::render(filled_with("usual"), message::Templates{});
    const Rendered split = message::render(filled_with("a\r\nb\nc"), message::Templates{});
    // Only a script has lines of its own.
    CHECK(lines(split.text) - lines(usual.text) == 2 * 2);
    CHECK(split.subject.find('\n') == std::string::npos);
}

/// What stands around each place of the text in the document's body, but for attributes.
std::vector<std::string> surroundings(const std::string& html, const std::string& text) {
    constexpr std::string_view before = "<bdi>";
    constexpr std::string_view behind = "</bdi>";
    std::vector<std::string> found;
    for (std::size_t at = html.find(text, html.find("<body")); at != std::string::npos;
         at = html.find(text, at + 1)) {
        if (html.rfind('<', at) < html.rfind('>', at)) {
            found.push_back(
                html.substr(at - before.size(), before.size() + text.size() + behind.size())
            );
        }
    }
    return found;
}

TEST_CASE("what is written from right to left moves nothing around it", "[message][T15]") {
    const std::string title = "\xD7\x94\xD7\x9E\xD7\x93\xD7\xA4\xD7\xA1\xD7\xAA";
    const std::string isolated = "<bdi>" + title + "</bdi>";
    for (const char* language : {"en", "bn"}) {
        message::Digest digest = filled_with(title);
        digest.habits = message::habits_of(language);
        digest.data_as_of.clear();
        for (message::Item& item : digest.items) {
            item.causes = {{title, title, "20 Nov"}};
        }
        for (const std::size_t full : {std::size_t{0}, std::size_t{9}}) {
            digest.full_items = full;
            const Rendered rendered = message::render(digest, message::Templates{});
            REVIEWD_CHECK_CONTAINS(
                rendered.html, isolated + ": " + isolated + ", <bdi>20 Nov</bdi>"
            );
            for (const std::string& found : surroundings(rendered.html, title)) {
                CHECK(found == isolated);
            }
        }
        message::AnswerPage page = form_page();
        page.habits = digest.habits;
        page.item = digest.items[0];
        page.company = page.free_review = page.problem = title;
        page.fields[0].text = page.promises[0].text = title;
        std::vector<std::string> problems;
        const std::string html = message::render_page(page, message::Templates{}, problems);
        REVIEWD_CHECK_CONTAINS(html, isolated + ": " + isolated + ", <bdi>20 Nov</bdi>");
        for (const std::string& found : surroundings(html, title)) {
            CHECK(found == isolated);
        }
    }
}

TEST_CASE("in a page from right to left numbers and days stay as they are", "[message][T15]") {
    const message::Templates templates;
    const auto check = [&](const char* kind, const char* language, const std::string& name) {
        const std::string& source = templates.find(kind, "html", language);
        const std::string tag = "{{" + name + "}}";
        for (std::size_t at = source.find(tag); at != std::string::npos;
             at = source.find(tag, at + 1)) {
            const std::size_t begin = source.rfind('<', at);
            const std::string around = source.substr(begin, at + tag.size() + 6 - begin);
            CAPTURE(kind, language, source.substr(begin, 80));
            CHECK((
                around == "<bdi>" + tag + "</bdi>" || around == "<bdi dir=\"ltr\">" + tag + "</bdi>"
            ));
        }
    };
    for (const char* kind : {"digest", "answer"}) {
        for (const char* language : {"en", "bn"}) {
            for (const char* name :
                 {"points",
                  "base",
                  "score",
                  "due",
                  "latest",
                  "day",
                  "appointment",
                  "made_on",
                  "until",
                  "next_day",
                  "data_as_of"}) {
                check(kind, language, name);
            }
        }
    }
    // A sign would change its side.
    const std::string html = message::render(target_digest(), templates).html;
    REVIEWD_CHECK_CONTAINS(html, "<bdi dir=\"ltr\">+45</bdi>");
}

TEST_CASE("data is never read as a template", "[message][T15]") {
    message::Digest digest = target_digest();
    digest.items[0].account = "{{recipient}} {{{recipient}}}";
    const Rendered rendered = message::render(digest, message::Templates{});
    REVIEWD_CHECK_CONTAINS(rendered.text, "{{recipient}} {{{recipient}}}");
    REVIEWD_CHECK_CONTAINS(rendered.html, "{{recipient}} {{{recipient}}}");
    REVIEWD_CHECK_CONTAINS(rendered.subject, "{{recipient}} {{{recipient}}}");
}

TEST_CASE("a word that a mail program would make a link is quoted", "[message][T16]") {
    CHECK(message::shown("www.evil.test/login") == "\"www[.]evil[.]test/login\"");
    CHECK(message::shown("Visit https://evil.test") == "Visit \"https[:]//evil[.]test\"");
    CHECK(message::shown("evil.test/login now") == "\"evil[.]test/login\" now");
    CHECK(message::shown("JavaScript:alert(1)") == "\"JavaScript[:]alert(1)\"");
    CHECK(message::shown("boss@evil.test") == "\"boss@evil[.]test\"");
    CHECK(message::shown("a: x.y/z, www.evil.test; b.") == "a: x.y/z, \"www[.]evil[.]test\"; b.");
    for (const char* usual :
         {"St. Mary's", "Booking.com", "A. B. Smith & Co.", "24/7 Print", "+44 20 7946 0123"}) {
        CHECK(message::shown(usual) == usual);
    }
}

TEST_CASE("every shape of a link is quoted", "[message][T16]") {
    for (const char* word :
         {"http://1.2.3.4/x",
          "1.2.3.4/x",
          "255.255.255.255/",
          "1.2.3.4:8080/x",
          "boss@1.2.3.4",
          "EVIL.TEST/LOGIN",
          "evil.xn--p1ai/x",
          "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/x",
          "a-b.evil.test:80",
          "3.0.evil.test/3.1",
          "x.-y.evil.test/z",
          "evil.test./login",
          "evil.test?a",
          "evil.test#a",
          "<evil.test/login>",
          "(boss@evil.test)",
          "3.0/3.1,evil.test/x",
          "ftp://1",
          "mailto:x",
          "Www.evil"}) {
        CAPTURE(word);
        const std::string shown = message::shown(word);
        CHECK(shown.front() == '"');
        CHECK(shown.back() == '"');
        for (std::size_t at = 0; at < shown.size(); ++at) {
            if (shown[at] == '.' || shown[at] == ':') {
                CHECK(shown.substr(at - 1, 3) == fmt::format("[{}]", shown[at]));
            }
        }
        CHECK(message::shown("see " + std::string{word} + ", ok") == "see " + shown + ", ok");
    }
}

TEST_CASE("numbers, days, prices and short forms stay as they were typed", "[message][T16]") {
    for (const char* usual :
         {"Install 3.0/3.1",
          "Call 27.11./28.11., price 1.5/unit",
          "Firmware 2.1/2.2 fails",
          "1.2.3/1.2.4",
          "1.2.3.4.5/x",
          "300.1.1.1/x",
          "Version 1.2.3.4: fixes",
          "10.30/11.45: two calls",
          "9.30:10.15",
          "1.500,00/Stk.",
          "z.B./d.h. 5.5m/s",
          "v2.1/v2.2",
          "room 3.014@level2",
          "\u09e9.\u09e6/\u09e9.\u09e7",
          "Booking.com: asks for 2.0?",
          "Is it Booking.com? Yes.",
          "Awww. Fine: 3/4"}) {
        CHECK(message::shown(usual) == usual);
    }
}

TEST_CASE("a doubtful word leaves our own words around it alone", "[message][T16]") {
    message::Digest digest = target_digest();
    digest.items[0].causes = {{"complaint", "T-80 Firmware 2.1/2.2 fails", "24 Nov"}};
    digest.items[1].causes = {
        {"complaint", "T-81 www.evil.test/x", "24 Nov"}, {"renewal", "", "1 Jan"}};
    const Rendered rendered = message::render(digest, message::Templates{});
    REVIEWD_CHECK_CONTAINS(
        rendered.text, "high 73: complaint: T-80 Firmware 2.1/2.2 fails, 24 Nov\n"
    );
    REVIEWD_CHECK_CONTAINS(
        rendered.text, ": complaint: T-81 \"www[.]evil[.]test/x\", 24 Nov; renewal, 1 Jan\n"
    );
    message::CalendarText calendar;
    calendar.events.resize(1);
    calendar.events[0].summary = "Review: Smith, Jones; O'Hara <x@y.test>";
    REVIEWD_CHECK_CONTAINS(
        message::to_icalendar(calendar),
        "SUMMARY:Review: Smith\\, Jones\\; O'Hara \"<x@y[.]test>\"\r\n"
    );
}

TEST_CASE("the only web link of a message is ours", "[message][T16]") {
    message::Digest digest = filled_with("www.evil.test/login");
    digest.full_items = 9;
    digest.items[0].answer_url = "https://reviews.example/a/7Kd2?x=1&y=2";
    const Rendered rendered = message::render(digest, message::Templates{});
    CHECK(rendered.html.find("www.evil") == std::string::npos);
    std::size_t links = 0;
    for (const std::string& tag : tags_of(rendered.html)) {
        links += tag.find("href") != std::string::npos ? 1U : 0U;
    }
    CHECK(links == 1);
    REVIEWD_CHECK_CONTAINS(
        rendered.html, "href=\"https://reviews.example/a/7Kd2?x&#61;1&amp;y&#61;2\""
    );
}

TEST_CASE("every line of a review has its link, alone on a line", "[message][T16]") {
    for (const char* language : {"en", "bn"}) {
        for (const Section section :
             {Section::escalated, Section::late, Section::today, Section::invite, Section::week}) {
            message::Digest digest = filled_with("usual");
            digest.habits = message::habits_of(language);
            digest.full_items = 1;
            digest.items[1].section = section;
            digest.items[1].answer_url = "https://reviews.example/a/2";
            CAPTURE(language, static_cast<int>(section));
            const Rendered rendered = message::render(digest, message::Templates{});
            REVIEWD_CHECK_CONTAINS(rendered.text, "\n        https://reviews.example/a/2\n");
            REVIEWD_CHECK_CONTAINS(rendered.html, "<br><a href=\"https://reviews.example/a/2\">");
        }
    }
}

TEST_CASE("only clean web addresses become links", "[message][T16]") {
    CHECK(message::safe_url("https://reviews.example/a/7") == "https://reviews.example/a/7");
    for (const char* url :
         {"javascript:alert(1)",
          "https://a\" onclick=\"x",
          "https://a b",
          "data:text/html,x",
          "//a",
          "https://a<b>",
          "https://\xE2\x80\xAE",
          ""}) {
        CHECK(message::safe_url(url).empty());
    }
}

} // namespace
} // namespace reviewd::test
