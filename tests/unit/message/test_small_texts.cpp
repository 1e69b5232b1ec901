// Short sentences that people read beside the digest.
#include "daemon/message/answer_page.hpp"
#include "daemon/message/form_mistake.hpp"
#include "daemon/message/render.hpp"
#include "daemon/message/weekly_report.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <tuple>

namespace reviewd::test {
namespace {

using namespace std::chrono_literals;
using message::habits_of;
using std::chrono::days;

constexpr Date friday{2026y / 11 / 27};

TEST_CASE("who passed an account on reads of it, too", "[message][answers]") {
    const auto told = [](const char* language) {
        return message::event_text("not-mine", friday, friday, habits_of(language));
    };
    CHECK(told("en") == "said to be somebody else's on 27 Nov");
    CHECK(told("bn") == "অন্য কারও বলে জানানো হয়েছে, ২৭ নভে");
}

TEST_CASE("a day to come and one too old are told apart", "[message][answers]") {
    const auto told = [](Date day, const char* language) {
        const message::FormMistake mistake{
            message::FormMistake::Kind::held_day_impossible, day, {}};
        return message::mistake_text(mistake, friday, habits_of(language));
    };
    CHECK(told(friday + days{1}, "en") == "28 Nov is still to come.");
    CHECK(told(friday - days{90}, "en") == "29 Aug is too long ago for this review.");
    CHECK(told(friday + days{1}, "bn") == "২৮ নভে এখনো আসেনি।");
    CHECK(told(friday - days{90}, "bn") == "২৯ আগস্ট এই পর্যালোচনার জন্য অনেক আগের।");
    // Of today at least a reader ahead of the owner can speak too early.
    CHECK(told(friday, "en") == "27 Nov is still to come.");
}

TEST_CASE("an appointment is named once", "[message][invitation]") {
    message::Invitation invitation;
    invitation.summary = "Review: Hartley Print";
    invitation.when = "27 Nov 10:30";
    const auto text = [&](const char* language) {
        invitation.habits = habits_of(language);
        return message::render(invitation, message::Templates{}).text;
    };
    CHECK(text("en").starts_with("Appointment: Review: Hartley Print, 27 Nov 10:30.\n"));
    invitation.summary = "পর্যালোচনা: Hartley Print";
    CHECK(text("bn").starts_with("সাক্ষাৎ: পর্যালোচনা: Hartley Print, ২৭ Nov ১০:৩০।\n"));
}

TEST_CASE("a weekly report names one week, and what an overdue review waits for", "[message]") {
    message::WeeklyReport report;
    report.today = friday;
    report.until = friday - days{1};
    report.overdue_count = 2;
    report.overdue = {
        {"Hartley Print", "Ana Costa (ana)", "high", friday - days{7}, friday + days{4}},
        {"Orbis Dental", "Ana Costa (ana2)", "low", friday - days{1}}};
    for (const auto& [language, day, words] :
         {std::tuple{"en", "26 Nov", "due 20 Nov, waits until 1 Dec"},
          std::tuple{"bn", "২৬ নভে", "২০ নভে, ১ ডিসে পর্যন্ত অপেক্ষা"}}) {
        CAPTURE(language);
        report.habits = habits_of(language);
        const message::Rendered rendered = message::render(report, message::Templates{});
        REVIEWD_CHECK_CONTAINS(rendered.subject, day);
        REVIEWD_CHECK_CONTAINS(rendered.text, words);
        REVIEWD_CHECK_CONTAINS(rendered.html, words);
        REVIEWD_CHECK_CONTAINS(
            rendered.payload, R"("due":"2026-11-20","waits_until":"2026-12-01"})"
        );
        REVIEWD_CHECK_CONTAINS(rendered.payload, R"("due":"2026-11-26"})");
    }
}

} // namespace
} // namespace reviewd::test
