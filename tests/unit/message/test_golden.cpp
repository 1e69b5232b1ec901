#include "daemon/message/minimal.hpp"
#include "daemon/message/plain.hpp"
#include "daemon/message/render.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/message/golden.hpp"

#include <array>
#include <string>
#include <vector>

namespace reviewd::test {
namespace {

using message::Rendered;
using message::Section;
using message::Templates;

Rendered render(const message::Digest& digest) {
    return message::render(digest, Templates{});
}

TEST_CASE("a digest says what a call needs, as it was designed", "[message][golden]") {
    const Rendered rendered = render(target_digest());
    CHECK(rendered.problems.empty());
    CHECK(rendered.subject == "Today 2, 1 late: Hartley Print first");
    CHECK(is_golden("target_en.txt", rendered.text));
    CHECK(is_golden("target_en.html", rendered.html));
    CHECK(is_golden("target_en.json", rendered.payload + "\n"));
}

TEST_CASE("the same digest reads well in Bengali", "[message][golden]") {
    message::Digest digest = target_digest();
    digest.habits = message::habits_of("bn");
    digest.items[0].account = "পদ্মা প্রিন্টার্স";
    const Rendered rendered = render(digest);
    CHECK(rendered.problems.empty());
    const std::string counts = "আজ ২, বিলম্বিত ১: প্রথমে ";
    CHECK(rendered.subject == counts + digest.items[0].account);
    CHECK(is_golden("target_bn.txt", rendered.text));
    CHECK(is_golden("target_bn.html", rendered.html));
}

TEST_CASE("an escalation says who, since when, and what was tried", "[message][golden]") {
    const Rendered rendered = render(manager_digest());
    CHECK(rendered.problems.empty());
    CHECK(rendered.subject == "Escalated 2: Hartley Print first");
    CHECK(is_golden("manager_en.txt", rendered.text));
    CHECK(is_golden("manager_en.html", rendered.html));
}

TEST_CASE("an invitation has its script, line by line", "[message][golden]") {
    message::Digest digest = target_digest();
    digest.items.erase(digest.items.begin());
    digest.items[0].section = Section::invite;
    digest.items[0].due = digest.today + std::chrono::days{14};
    digest.items[0].script =
        "We would like to make sure that all runs well.\n\n  May I call on you?\n";
    digest.more_this_week = 0;
    const Rendered rendered = render(digest);
    CHECK(rendered.subject == "Invite 1: Orbis Dental");
    CHECK(is_golden("invite_en.txt", rendered.text));
}

TEST_CASE("the form asks when, how, and which promises are kept", "[message][golden]") {
    std::vector<std::string> problems;
    message::AnswerPage page = form_page();
    CHECK(is_golden("form_en.html", message::render_page(page, Templates{}, problems)));
    page.habits = message::habits_of("bn");
    CHECK(is_golden("form_bn.html", message::render_page(page, Templates{}, problems)));
    CHECK(problems.empty());
}

TEST_CASE("the form knows of the last talk and the contact what the mail knows", "[message]") {
    std::vector<std::string> problems;
    message::AnswerPage page = form_page();
    page.item->last->note = "Asks for A3";
    page.item->contact->phone.clear();
    page.item->contact->email = "jo@example.test";
    const auto html = [&](const char* language) {
        page.habits = message::habits_of(language);
        return message::render_page(page, Templates{}, problems);
    };
    REVIEWD_CHECK_CONTAINS(
        html("en"), "<bdi>review held</bdi>: <bdi>Asks for A3</bdi>. Promised: <b>"
    );
    REVIEWD_CHECK_CONTAINS(html("en"), "<bdi>purchasing</bdi>, <bdi>jo@example.test</bdi></dd>");
    REVIEWD_CHECK_CONTAINS(html("bn"), "</bdi>: <bdi>Asks for A3</bdi>। কথা দেওয়া আছে: <b>");
    REVIEWD_CHECK_CONTAINS(html("bn"), "<bdi>purchasing</bdi>, <bdi>jo@example.test</bdi></dd>");
    // As in the mail, the number is enough where there is one.
    page.item->contact->phone = "+44 20 7946 0123";
    CHECK(html("en").find("jo@example.test") == std::string::npos);
}

TEST_CASE("the form says from where the points are counted, as the mail does", "[message]") {
    std::vector<std::string> problems;
    message::AnswerPage page = form_page();
    REVIEWD_CHECK_CONTAINS(
        message::render_page(page, Templates{}, problems),
        "</bdi><br><bdi dir=\"ltr\">20</bdi> base"
    );
    page.habits = message::habits_of("bn");
    REVIEWD_CHECK_CONTAINS(
        message::render_page(page, Templates{}, problems),
        "</bdi><br><bdi dir=\"ltr\">২০</bdi> ভিত্তি"
    );
}

TEST_CASE("what came last is told in a few words of each language", "[message]") {
    const std::vector<std::array<std::string, 3>> vectors{
        {"done", "review held", "রিভিউ হয়েছে"},
        {"missed", "review missed", "রিভিউ হয়নি"},
        {"contact", "talked", "কথা হয়েছে"},
        {"call", "call", "ফোন"},
        {"visit", "visit", "সাক্ষাৎ"},
        {"feedback", "feedback", "মতামত"},
        {"referral", "referral", "সুপারিশ"},
        {"no-answer", "no answer", "সাড়া নেই"},
        {"hesitated", "hesitated", "দ্বিধা করেছেন"},
        {"declined", "declined", "রাজি হননি"},
        {"by letter", "by letter", "by letter"},
    };
    for (const auto& [outcome, english, bengali] : vectors) {
        CAPTURE(outcome);
        message::Digest digest = target_digest();
        digest.items[0].last->outcome = outcome;
        const Rendered rendered = render(digest);
        REVIEWD_CHECK_CONTAINS(
            rendered.text, "Last    16 Oct, " + english + ". Promised: A3 feeder prices\n"
        );
        REVIEWD_CHECK_CONTAINS(
            rendered.html, "<bdi>16 Oct</bdi>, <bdi>" + english + "</bdi><br>Promised: "
        );
        // Programs get the same word in each language.
        REVIEWD_CHECK_CONTAINS(rendered.payload, "\"outcome\":\"" + outcome + "\"");
        digest.items[0].last->note = "Asks for A3";
        REVIEWD_CHECK_CONTAINS(
            render(digest).text, "Last    16 Oct, " + english + ": Asks for A3. Promised: "
        );
        REVIEWD_CHECK_CONTAINS(render(digest).html, "</bdi>: <bdi>Asks for A3</bdi><br>Promised: ");
        REVIEWD_CHECK_CONTAINS(render(digest).payload, "\"note\":\"Asks for A3\"");
        digest.items[0].last->note.clear();
        digest.items[0].last->promises.clear();
        REVIEWD_CHECK_CONTAINS(render(digest).text, "Last    16 Oct, " + english + ".\n");
        digest.habits = message::habits_of("bn");
        REVIEWD_CHECK_CONTAINS(render(digest).text, "সর্বশেষ: ১৬ অক্টো, " + bengali + "।\n");
        REVIEWD_CHECK_CONTAINS(
            render(digest).html, "<bdi>১৬ অক্টো</bdi>, <bdi>" + bengali + "</bdi></td>"
        );
    }
}

TEST_CASE("subjects count what is there", "[message]") {
    message::Digest digest = target_digest();
    digest.items.erase(digest.items.begin());
    CHECK(render(digest).subject == "Today 1: Orbis Dental first");
    digest.more_this_week = 0;
    CHECK(render(digest).subject == "Today 1: Orbis Dental");
    digest.items[0].section = Section::week;
    CHECK(render(digest).subject == "Soon 1: Orbis Dental");
    digest.items.push_back(target_digest().items[0]);
    digest.items[0].section = Section::escalated;
    CHECK(render(digest).subject == "Escalated 1, today 1, 1 late: Orbis Dental first");
    digest.items.clear();
    CHECK(render(digest).subject == "Nothing due");
}

TEST_CASE("what is late without an item is counted as late, not as still to come", "[message]") {
    message::Digest digest = target_digest();
    digest.items.erase(digest.items.begin());
    digest.more_late = 3;
    Rendered rendered = render(digest);
    CHECK(rendered.subject == "Today 4, 3 late: Orbis Dental first");
    REVIEWD_CHECK_CONTAINS(
        rendered.text, "\n\nLATE    3 more\nSOON    4 more within 7 days.  Data"
    );
    REVIEWD_CHECK_CONTAINS(rendered.html, "<span class=\"late\">Late</span> 3 more</td>");
    REVIEWD_CHECK_CONTAINS(rendered.payload, R"("late":3,"today":1,"invite":0,"week":4)");
    CHECK(message::minimal(digest).subject == "Reviews: 3 late, 1 for today, 4 soon");
    REVIEWD_CHECK_CONTAINS(message::plain_text(digest), "3 more late.\n");
    digest.habits = message::habits_of("bn");
    rendered = render(digest);
    CHECK(rendered.subject == "আজ ৪, বিলম্বিত ৩: প্রথমে Orbis Dental");
    REVIEWD_CHECK_CONTAINS(rendered.text, "\nবিলম্বিত আরও ৩টি।\n");
    REVIEWD_CHECK_CONTAINS(rendered.html, "<span class=\"late\">বিলম্বিত</span> আরও ৩টি</td>");
    digest.more_late = 1;
    digest.more_this_week = 0;
    digest.habits = {};
    CHECK(render(digest).subject == "Today 2, 1 late: Orbis Dental first");
    CHECK(render(digest).text.find("SOON") == std::string::npos);
    // Where no late one has an item, what is first is none of them.
    digest.items[0].section = Section::week;
    CHECK(render(digest).subject == "1 late, soon 1: Orbis Dental first");
    digest.items[0].section = Section::invite;
    CHECK(render(digest).subject == "1 late, invite 1: Orbis Dental first");
    digest.habits = message::habits_of("bn");
    CHECK(render(digest).subject == "বিলম্বিত ১, আমন্ত্রণ ১: প্রথমে Orbis Dental");
}

TEST_CASE("a late account without an item is first before what is for later", "[message]") {
    message::Digest digest = target_digest();
    digest.items.erase(digest.items.begin());
    digest.items[0].section = Section::week;
    digest.more_this_week = 0;
    digest.more_late = 2;
    digest.first_late = "Al Noor www.evil.test";
    CHECK(render(digest).subject == "2 late, soon 1: Al Noor \"www[.]evil[.]test\" first");
    digest.first_late = "Al Noor";
    CHECK(message::plain_subject(digest) == "Reviews 1: Al Noor first");
    REVIEWD_CHECK_CONTAINS(render(digest).text, "\nLATE    Al Noor and 1 more\n");
    REVIEWD_CHECK_CONTAINS(render(digest).html, "Late</span> <bdi>Al Noor</bdi> and 1 more</td>");
    REVIEWD_CHECK_CONTAINS(message::plain_text(digest), "Al Noor and 1 more late.\n");
    digest.habits = message::habits_of("bn");
    CHECK(render(digest).subject == "বিলম্বিত ২, শিগগির ১: প্রথমে Al Noor");
    REVIEWD_CHECK_CONTAINS(render(digest).text, "\nবিলম্বিত Al Noor, আরও ১টি।\n");
    REVIEWD_CHECK_CONTAINS(render(digest).html, "</span> <bdi>Al Noor</bdi>, আরও ১টি</td>");
    digest.more_late = 1;
    REVIEWD_CHECK_CONTAINS(render(digest).text, "\nবিলম্বিত Al Noor।\n");
    digest.habits = {};
    CHECK(render(digest).subject == "1 late, soon 1: Al Noor first");
    REVIEWD_CHECK_CONTAINS(render(digest).text, "\nLATE    Al Noor\n");
    REVIEWD_CHECK_CONTAINS(message::plain_text(digest), "Al Noor late.\n");
    // One that has an item stands above it.
    digest.items[0].section = Section::late;
    CHECK(render(digest).subject == "Today 2, 2 late: Orbis Dental first");
}

TEST_CASE("all that was promised opens the talk, and a note of several lines is one", "[message]") {
    message::Digest digest = target_digest();
    digest.items[0].last->promises = {"A3 feeder prices", "call back\nLATE  forged"};
    digest.items[0].last->note = "Asks for A3.\r\n\nLATE  forged\n";
    digest.items[0].complaint->open_days = 0;
    const Rendered rendered = render(digest);
    REVIEWD_CHECK_CONTAINS(
        rendered.text,
        ": Asks for A3. / LATE  forged. Promised: A3 feeder prices; call back / LATE  forged\n"
    );
    REVIEWD_CHECK_CONTAINS(rendered.text, ", opened today.");
    REVIEWD_CHECK_CONTAINS(rendered.html, ", opened today<br>");
    REVIEWD_CHECK_CONTAINS(
        rendered.html, "<br>Promised: <b><bdi>A3 feeder prices</bdi></b>; <b><bdi>call back"
    );
    REVIEWD_CHECK_CONTAINS(
        rendered.payload, R"("promises":["A3 feeder prices","call back\nLATE  forged"])"
    );
    digest.items[0].last->note = std::string(1000, 'x');
    CHECK(render(digest).text.find(std::string(300, 'x')) == std::string::npos);
}

TEST_CASE("what was promised for today is no review of today", "[message]") {
    message::Digest digest = target_digest();
    digest.items = {digest.items[1], digest.items[1]};
    for (message::Item& item : digest.items) {
        item.section = Section::today;
        item.is_promise = true;
        item.due = day("2027-01-15");
    }
    const auto has = [&](const std::string& text, const std::string& full, const std::string& brief
                     ) {
        REVIEWD_CHECK_CONTAINS(text, full);
        REVIEWD_CHECK_CONTAINS(text, brief);
        CHECK(text.find("TODAY") == std::string::npos);
        CHECK(text.find(">Today<") == std::string::npos);
        CHECK(text.find(">আজ<") == std::string::npos);
    };
    Rendered rendered = render(digest);
    has(rendered.text, "PROMISED (review due 15 Jan 2027)  Orbis", "PROMISED  Orbis Dental");
    has(rendered.html, ">Promised</span>, review due <bdi>15 Jan 2027", ">Promised</span> <b>");
    REVIEWD_CHECK_CONTAINS(rendered.payload, "\"is_promise\":true");
    digest.habits = message::habits_of("bn");
    rendered = render(digest);
    has(rendered.text, "কথা দেওয়া আছে (রিভিউ ১৫ জানু ২০২৭)  Orbis", "কথা দেওয়া আছে  Orbis Dental");
    has(rendered.html, ">কথা দেওয়া আছে</span>, রিভিউ <bdi>১৫", ">কথা দেওয়া আছে</span> <b>");
}

TEST_CASE("what was agreed is told with its hour, by the owner's clock", "[message]") {
    using namespace std::chrono_literals;
    message::Digest digest = target_digest();
    digest.items[1].appointment = message::Appointment{digest.today, 16h + 30min, "Europe/London"};
    Rendered rendered = render(digest);
    REVIEWD_CHECK_CONTAINS(
        rendered.text, "TODAY   Orbis Dental  medium 44, agreed for 16:30: renewal"
    );
    REVIEWD_CHECK_CONTAINS(
        rendered.html, "<bdi dir=\"ltr\">44</bdi>, agreed for <bdi>16:30</bdi>: <bdi>renewal</bdi>"
    );
    REVIEWD_CHECK_CONTAINS(
        rendered.payload,
        R"("appointment":{"day":"2026-11-27","time":"16:30","zone":"Europe/London"})"
    );
    REVIEWD_CHECK_CONTAINS(message::plain_text(digest), "Agreed  16:30\n");
    digest.full_items = 2;
    REVIEWD_CHECK_CONTAINS(render(digest).text, "renewal, 15 Jan\nAgreed  16:30\n");
    REVIEWD_CHECK_CONTAINS(
        render(digest).html, "Agreed</td><td class=\"cell\"><b><bdi>16:30</bdi></b></td>"
    );
    // Whoever stands in for somebody elsewhere has to know by which clock.
    digest.items[1].appointment->is_readers_zone = false;
    REVIEWD_CHECK_CONTAINS(render(digest).text, "Agreed  27 Nov 16:30 (Europe/London)\n");
    digest.items[1].appointment =
        message::Appointment{digest.today + std::chrono::days{3}, 9h + 5min, "Europe/London"};
    digest.items[1].section = Section::week;
    digest.items[1].causes.clear();
    REVIEWD_CHECK_CONTAINS(render(digest).text, "medium 44, agreed for 30 Nov 09:05\n");
    REVIEWD_CHECK_CONTAINS(render(digest).html, "44</bdi>, agreed for <bdi>30 Nov 09:05</bdi><br>");
    digest.habits = message::habits_of("bn");
    REVIEWD_CHECK_CONTAINS(render(digest).text, "৪৪, সাক্ষাৎ ৩০ নভে ০৯:০৫\n");
    REVIEWD_CHECK_CONTAINS(render(digest).html, "৪৪</bdi>, সাক্ষাৎ <bdi>৩০ নভে ০৯:০৫</bdi><br>");
    digest.items[1].appointment->time.reset();
    REVIEWD_CHECK_CONTAINS(render(digest).text, "৪৪, সাক্ষাৎ ৩০ নভে\n");
    CHECK(render(digest).payload.find("\"time\"") == std::string::npos);
}

TEST_CASE("names of every script go through unharmed", "[message]") {
    message::Digest digest = target_digest();
    for (const char* name :
         {"পদ্মা প্রিন্টার্স",
          "مطبعة النور",
          "🚀 Rocket 🧑‍🚀 GmbH",
          "Ünïcödé & Söhne",
          "O'Neil \"Best\""}) {
        digest.items[0].account = name;
        const Rendered rendered = render(digest);
        CHECK(rendered.subject == "Today 2, 1 late: " + std::string{name} + " first");
        CHECK(rendered.problems.empty());
    }
    digest.items[0].account = "مطبعة النور";
    const Rendered rendered = render(digest);
    REVIEWD_CHECK_CONTAINS(rendered.text, "(latest 27 Nov)  مطبعة النور  high 73");
    REVIEWD_CHECK_CONTAINS(rendered.html, "<bdi>مطبعة النور</bdi>");
    REVIEWD_CHECK_CONTAINS(rendered.payload, "مطبعة النور");
}

} // namespace
} // namespace reviewd::test
