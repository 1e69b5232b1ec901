#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::test::test_desk {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor ana{"ana", "socket"};

void prepare(test::World& world) {
    world.open(at(monday, 12));
    world.run(at(monday, 12));
}

/// Messages that remind of a review; managers get their weekly report besides.
std::ptrdiff_t count_reminding(const test::World& world) {
    return std::count_if(world.sent.begin(), world.sent.end(), [](const test::Sent& sent) {
        return !sent.message.reminder_ids.empty();
    });
}

} // namespace

TEST_CASE(
    "done closes a review and plans the next from the day it was held", "[service][desk][I1]"
) {
    test::World world;
    prepare(world);
    const store::Review review = world.open_review("a1");
    service::Outcome outcome;
    outcome.held_on = monday - days{3};
    outcome.answers = {{"satisfaction", "9"}, {"needs", "a second tray"}};
    outcome.note = "went well";
    outcome.promise = "send the prices";
    const auto next = world.service().reviews().done(review.id, outcome, ana, at(monday, 13));
    REQUIRE(next.has_value());
    CHECK(next->id != review.id);
    CHECK(next->kind == "periodic");
    CHECK(next->target == Date{2026y / 12 / 21});
    CHECK(next->latest == Date{2026y / 12 / 31});
    const auto closed = store::Reviews{world.database()}.find(review.id);
    REQUIRE(closed.has_value());
    CHECK(closed->state == store::ReviewState::done);
    CHECK(closed->held_on == monday - days{3});
    // The answer is a fact at once, and the promise opens the next agenda.
    const auto view = world.service().views().review("a1", at(monday, 13));
    REQUIRE(view.has_value());
    CHECK(view->row.review.id == next->id);
    CHECK(view->score.ledger.score.points == 90 * rules::points_scale);
    CHECK(view->score.kept->points == 90 * rules::points_scale);
    REQUIRE(view->promises.size() == 1);
    CHECK(view->promises[0].text == "send the prices");
    CHECK(view->last->id == review.id);
    CHECK(view->last->note == "went well");
    REQUIRE(view->last_answers.size() == 2);
    CHECK(view->last_answers[0].question == "needs");
    // A review that was held shows its own answers once.
    const auto held =
        world.service().views().review(std::to_string(review.id.value), at(monday, 13));
    REQUIRE(held.has_value());
    CHECK(held->answers.size() == 2);
    CHECK(held->last_answers.empty());
    REQUIRE_FALSE(held->history.empty());
    REVIEWD_CHECK_CONTAINS(held->history.back().details, "went well");
    test::check_invariants(world, at(monday, 13));
}

TEST_CASE("what makes no sense is refused and changes nothing", "[service][desk]") {
    test::World world;
    prepare(world);
    const std::string before = world.describe();
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review review = world.open_review("a1");
    const auto refused = [&](const Result<store::Review>& result, const std::string& part) {
        REQUIRE_FALSE(result.has_value());
        REVIEWD_CHECK_CONTAINS(result.error().message, part);
        CHECK(world.describe() == before);
    };
    const TimePoint now = at(monday, 13);
    service::Outcome outcome;
    outcome.answers = {{"needs", "x"}, {"satisfaction", "11"}};
    refused(desk.done(review.id, outcome, ana, now), "from 0 to 10");
    outcome.answers = {{"satisfacton", "5"}};
    refused(desk.done(review.id, outcome, ana, now), "satisfaction");
    outcome.answers = {};
    outcome.held_on = monday + days{1};
    refused(desk.done(review.id, outcome, ana, now), "appoint");
    outcome.held_on = Date{1999y / 1 / 1};
    refused(desk.done(review.id, outcome, ana, now), "planned on 2026-11-23");
    refused(desk.done(review.id, outcome, ana, now), "contact ACCOUNT --on 1999-01-01");
    outcome.held_on.reset();
    outcome.promise_due = monday + days{7};
    refused(desk.done(review.id, outcome, ana, now), "until 2026-11-30, but not what");
    outcome.promise = "send the prices";
    outcome.promise_due = monday - days{1};
    refused(desk.done(review.id, outcome, ana, now), "for 2026-11-22, which was over by then");
    refused(desk.done(ReviewId{999}, {}, ana, now), "999");
    refused(desk.skip(review.id, "  ", ana, now), "reason");
    refused(desk.snooze(review.id, monday, ana, now), "after today");
    refused(desk.snooze(review.id, monday + days{300}, ana, now), "reschedule");
    refused(desk.reschedule(review.id, monday - days{3}, "", ana, now), "is over");
    refused(desk.reschedule(review.id, Date{2026y / 12 / 25}, "", ana, now), "no working day");
    refused(desk.reschedule(review.id, review.latest + days{30}, "", ana, now), "reason");
    refused(desk.attempt(review.id, "maybe", "", ana, now), "no-answer");
    refused(desk.appoint(review.id, {monday - days{1}}, ana, now), "is over");
    refused(desk.appoint(review.id, {review.latest + days{30}}, ana, now), "needs a reason");
    refused(desk.appoint(review.id, {review.latest + days{1}, 10h, " "}, ana, now), "reason");
    refused(desk.reopen(review.id, ana, now), "only one that is closed");
    refused(desk.reopen(review.id, ana, now), "snooze, reschedule, done, missed, skip, contact or");
}

TEST_CASE(
    "a review noted late was held after the last one, and not too long ago", "[service][desk]"
) {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const TimePoint now = at(monday, 13);
    const store::Review first = world.open_review("a1"); // high: at the latest after six weeks
    service::Outcome outcome;
    outcome.held_on = monday - days{50};
    const auto old = desk.done(first.id, outcome, ana, now);
    REQUIRE_FALSE(old.has_value());
    CHECK(old.error().code == ErrorCode::usage);
    REVIEWD_CHECK_CONTAINS(old.error().message, "the next one would be late since 2026-11-13");
    outcome.held_on = monday - days{35};
    const auto next = desk.done(first.id, outcome, ana, now);
    REQUIRE(next.has_value());
    CHECK(next->latest == monday + days{7});
    outcome.held_on = monday - days{36};
    const auto before = desk.done(next->id, outcome, ana, now);
    REQUIRE_FALSE(before.has_value());
    REVIEWD_CHECK_CONTAINS(before.error().message, "which was held on 2026-10-19");
    CHECK(world.open_review("a1").id == next->id);
    // However late it is noted: after it was planned it may have been held.
    outcome.held_on = monday;
    CHECK(desk.done(next->id, outcome, ana, at(monday + days{90}, 13)).has_value());
}

TEST_CASE("a talk of long ago makes nobody late who was never reviewed", "[service][desk]") {
    test::World world;
    prepare(world);
    const store::Review before = world.open_review("a6");
    REQUIRE(before.kind == "first");
    const auto after = world.service().accounts().contact(
        before.account, {Date{1999y / 1 / 1}, "at the fair"}, ana, at(monday, 13)
    );
    REQUIRE(after.has_value());
    CHECK(after->id == before.id);
    CHECK(after->latest == before.latest);
    CHECK(after->due > monday);
    world.run(at(monday + days{1}, 12));
    CHECK(world.open_review("a6").latest == before.latest);
    test::check_invariants(world, at(monday + days{1}, 12));
}

TEST_CASE("a closed review takes no more outcomes", "[service][desk]") {
    test::World world;
    prepare(world);
    const store::Review review = world.open_review("a1");
    REQUIRE(world.service().reviews().done(review.id, {}, ana, at(monday, 13)).has_value());
    const auto again = world.service().reviews().done(review.id, {}, ana, at(monday, 13));
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code == ErrorCode::conflict);
    REVIEWD_CHECK_CONTAINS(again.error().message, "done already");
}

TEST_CASE("skipped counts from today, missed is tried again soon", "[service][desk]") {
    test::World world;
    prepare(world);
    const auto skipped = world.service().reviews().skip(
        world.open_review("a5").id, "merging with another firm", ana, at(monday, 13)
    );
    REQUIRE(skipped.has_value());
    CHECK(skipped->target == Date{2027y / 10 / 25});
    const auto missed =
        world.service().reviews().missed(world.open_review("a6").id, "", ana, at(monday, 13));
    REQUIRE(missed.has_value());
    CHECK(missed->due == Date{2026y / 12 / 7});
    // Neither moves with the next day's plan.
    world.run_through(at(monday + days{1}, 0), at(monday + days{2}, 0));
    CHECK(world.open_review("a5").due == skipped->due);
    CHECK(world.open_review("a6").due == missed->due);
    test::check_invariants(world, at(monday + days{2}, 0));
}

TEST_CASE("a day that a person chose stays, and its steps begin anew", "[service][desk]") {
    test::World world;
    prepare(world);
    const store::Review review = world.open_review("a1");
    const Date chosen = review.latest + days{35};
    const auto moved = world.service().reviews().reschedule(
        review.id,
        review::Calendar{}.next_working(chosen),
        "they are on holiday",
        ana,
        at(monday, 13)
    );
    REQUIRE(moved.has_value());
    CHECK(moved->occurrence == 2);
    world.run_through(at(monday, 14), at(monday + days{7}, 0));
    CHECK(world.open_review("a1").due == moved->due);
    const auto agreed = world.service().reviews().appoint(
        review.id, {monday + days{12}, 10h}, ana, at(monday + days{7}, 9)
    );
    REQUIRE(agreed.has_value());
    CHECK(agreed->state == store::ReviewState::appointment);
    CHECK(agreed->due == monday + days{12}); // a Saturday, as agreed
    CHECK(agreed->appointment == at(monday + days{12}, 10));
    world.run_through(at(monday + days{7}, 12), at(monday + days{9}, 0));
    CHECK(world.open_review("a1").due == monday + days{12});
}

TEST_CASE("snooze and attempts are quiet for a while", "[service][desk]") {
    test::World world;
    world.write_accounts({{"a1", "ana", 42'000}});
    prepare(world);
    const store::Review review = world.open_review("a1");
    world.sent.clear();
    REQUIRE(world.service()
                .reviews()
                .attempt(review.id, "no-answer", "", ana, at(monday, 13))
                .has_value());
    world.run_through(at(monday, 14), at(monday + days{2}, 0));
    CHECK(count_reminding(world) == 0);
    const auto snoozed =
        world.service().reviews().snooze(review.id, monday + days{9}, ana, at(monday + days{2}, 0));
    REQUIRE(snoozed.has_value());
    CHECK(snoozed->due == review.due);
    world.run_through(at(monday + days{2}, 1), at(monday + days{9}, 7));
    CHECK(count_reminding(world) == 0);
    world.run_through(at(monday + days{9}, 7), at(monday + days{10}, 0));
    CHECK(count_reminding(world) == 1);
    const auto view = world.service().views().review("a1", at(monday + days{9}, 7));
    CHECK(view->attempts.size() == 1);
}

TEST_CASE("reopen undoes an outcome", "[service][desk]") {
    test::World world;
    prepare(world);
    const store::Review review = world.open_review("a1");
    const auto next = world.service().reviews().done(review.id, {}, ana, at(monday, 13));
    REQUIRE(next.has_value());
    const auto again = world.service().reviews().reopen(review.id, ana, at(monday, 14));
    REQUIRE(again.has_value());
    CHECK(again->id == review.id);
    CHECK(again->occurrence == 2);
    CHECK(world.open_review("a1").id == review.id);
    CHECK(store::Reviews{world.database()}.find(next->id)->state == store::ReviewState::cancelled);
    test::check_invariants(world, at(monday, 14));
}

TEST_CASE("a snooze ends by the latest day, or where that has come soon", "[service][desk][I5]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review review = world.open_review("a1");
    const auto refused = [&](Date until, TimePoint now, const std::string& part) {
        const auto snoozed = desk.snooze(review.id, until, ana, now);
        REQUIRE_FALSE(snoozed.has_value());
        CHECK(snoozed.error().code == ErrorCode::usage);
        REVIEWD_CHECK_CONTAINS(snoozed.error().message, part);
    };
    const std::string last = to_string(review.latest);
    refused(review.latest + days{1}, at(monday, 13), "wait until " + last + " at the latest");
    CHECK(desk.snooze(review.id, review.latest, ana, at(monday, 13)).has_value());
    const Date friday{2027y / 1 / 29};
    REQUIRE(review.latest < friday);
    refused(friday + days{5}, at(friday, 13), "until 2027-02-02 at the latest");
    CHECK(desk.snooze(review.id, friday + days{4}, ana, at(friday, 13)).has_value());
}

TEST_CASE("a snooze ends by the day that was agreed", "[service][desk]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId review = world.open_review("a1").id;
    const Date tuesday = monday + days{8};
    REQUIRE(desk.appoint(review, {tuesday, 10h}, ana, at(monday, 13)).has_value());
    const auto late = desk.snooze(review, tuesday + days{1}, ana, at(monday, 14));
    REQUIRE_FALSE(late.has_value());
    REVIEWD_CHECK_CONTAINS(late.error().message, "an appointment on 2026-12-01 stands");
    REVIEWD_CHECK_CONTAINS(late.error().message, "`review reschedule`");
    REVIEWD_CHECK_CONTAINS(late.error().message, "`review missed`");
    CHECK(desk.snooze(review, tuesday, ana, at(monday, 14)).has_value());
}

TEST_CASE("the next try comes by the latest day, the newest one decides", "[service][desk][I5]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review review = world.open_review("a1");
    const auto next_try = [&](const char* result, TimePoint now) {
        const auto tried = desk.attempt(review.id, result, "", ana, now);
        REQUIRE(tried.has_value());
        return tried->quiet_until.value();
    };
    const Date before{2026y / 12 / 14};
    CHECK(next_try("declined", at(before, 9)) == review.latest);
    CHECK(next_try("no-answer", at(before, 10)) == before + days{2});
    // Behind it nobody is silent for longer than after the shortest of them.
    const Date friday{2027y / 1 / 29};
    REQUIRE(review.latest < friday);
    CHECK(next_try("declined", at(friday, 9)) == friday + days{4});
    CHECK(desk.attempt(review.id, "hesitated", "", ana, at(friday, 9))->due == review.due);
    // And nobody waits beyond what was agreed.
    const Date day = friday + days{7};
    const service::ReviewDesk::Appointment agreed{day, 10h, "they like it"};
    REQUIRE(desk.appoint(review.id, agreed, ana, at(friday, 9)).has_value());
    CHECK(next_try("declined", at(friday, 10)) == day);
}

TEST_CASE(
    "whoever waits for a next try is told once the level asks for it", "[service][desk][I12]"
) {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review review = world.open_review("a4");
    const Date late = review.due + days{2}; // no plan moves it any more
    REQUIRE(desk.snooze(review.id, review.latest, ana, at(late, 10)).has_value());
    world.put_account({"a4", "ana", 42'000});
    world.import(at(late, 12));
    const store::Review raised = world.open_review("a4");
    REQUIRE(raised.level == "high");
    REQUIRE(raised.latest < review.latest);
    CHECK(raised.due == review.due);
    CHECK(raised.quiet_until == raised.latest);
    REQUIRE(raised.next_step.has_value());
    CHECK(*raised.next_step <= std::max(raised.latest, late + days{3}));
}

TEST_CASE("a review that waits for its next try shows it until then", "[service][desk]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId review = world.open_review("a1").id;
    const auto shown = [&](TimePoint now) {
        return world.service().views().review(std::to_string(review.value), now)->row;
    };
    const auto tried = desk.attempt(review, "no-answer", "", ana, at(monday, 13));
    REQUIRE(tried.has_value());
    CHECK(shown(at(monday, 13)).next_try == monday + days{2});
    CHECK(shown(at(monday, 13)).review.quiet_until == monday + days{2});
    CHECK_FALSE(shown(at(monday + days{2}, 13)).next_try.has_value());
    CHECK_FALSE(shown(at(monday + days{2}, 13)).review.quiet_until.has_value());
    REQUIRE(desk.snooze(review, monday + days{3}, ana, at(monday, 14)).has_value());
    CHECK_FALSE(shown(at(monday, 14)).next_try.has_value());
    CHECK(shown(at(monday, 14)).review.quiet_until == monday + days{3});
    REQUIRE(desk.done(review, {}, ana, at(monday, 15)).has_value());
    CHECK_FALSE(shown(at(monday, 15)).review.quiet_until.has_value());
}

TEST_CASE("nobody has missed an appointment that is to come", "[service][desk]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId review = world.open_review("a1").id;
    const Date tuesday = monday + days{8};
    const auto refused = [&](TimePoint now, const std::string& agreed) {
        const auto missed = desk.missed(review, "", ana, now);
        REQUIRE_FALSE(missed.has_value());
        CHECK(missed.error().code == ErrorCode::usage);
        REVIEWD_CHECK_CONTAINS(missed.error().message, agreed + " is still to come");
        REVIEWD_CHECK_CONTAINS(missed.error().message, "`review reschedule`");
    };
    REQUIRE(desk.appoint(review, {tuesday}, ana, at(monday, 13)).has_value());
    refused(at(tuesday - days{1}, 20), "2026-12-01");
    REQUIRE(desk.appoint(review, {tuesday, 10h}, ana, at(monday, 13)).has_value());
    refused(at(tuesday, 9), "2026-12-01 10:00");
    CHECK(desk.missed(review, "", ana, at(tuesday, 11)).has_value());
}

TEST_CASE("reopen brings back what was agreed and is still to come", "[service][desk][I6]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review before = world.open_review("a1");
    const Date tuesday = monday + days{8};
    const auto reopened = [&](TimePoint now) {
        REQUIRE(desk.done(before.id, {}, ana, now).has_value());
        const auto again = desk.reopen(before.id, ana, now);
        REQUIRE(again.has_value());
        test::check_invariants(world, now);
        return *again;
    };
    REQUIRE(desk.invite(before.id, ana, at(monday, 13)).has_value());
    CHECK(reopened(at(monday, 13)).state == store::ReviewState::invited);
    REQUIRE(desk.appoint(before.id, {tuesday}, ana, at(monday, 14)).has_value());
    const store::Review whole_day = reopened(at(monday, 14));
    CHECK(whole_day.state == store::ReviewState::appointment);
    CHECK(whole_day.due == tuesday);
    CHECK_FALSE(whole_day.appointment.has_value());
    const auto agreed = desk.appoint(before.id, {tuesday, 10h}, ana, at(monday, 14));
    REQUIRE(agreed.has_value());
    const store::Review timed = reopened(at(monday, 15));
    CHECK(timed.state == store::ReviewState::appointment);
    CHECK(timed.appointment == agreed->appointment);
    CHECK(reopened(at(monday, 16)).appointment == agreed->appointment); // time and again
    // Of what is over the customer knows at least.
    const store::Review over = reopened(at(tuesday + days{1}, 13));
    CHECK(over.state == store::ReviewState::invited);
    CHECK_FALSE(over.appointment.has_value());
    CHECK(over.due == tuesday); // as late as it was
    CHECK(over.next_step == tuesday + days{1});
    REQUIRE(desk.reschedule(before.id, tuesday + days{2}, "", ana, at(tuesday + days{1}, 14))
                .has_value());
    CHECK(reopened(at(tuesday + days{1}, 15)).state == store::ReviewState::invited);
}

TEST_CASE("a late review that is reopened is as late as it was", "[service][desk][I6]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review before = world.open_review("a1");
    const Date later = before.due + days{20};
    REQUIRE(desk.done(before.id, {}, ana, at(later, 13)).has_value());
    const auto again = desk.reopen(before.id, ana, at(later, 13));
    REQUIRE(again.has_value());
    CHECK(again->due == before.due);
    CHECK(again->state == store::ReviewState::planned);
    const auto view = world.service().views().review("a1", at(later, 13));
    CHECK(view->row.days_late == 20);
    world.run(at(later, 14));
    CHECK(world.open_review("a1").due == before.due);
}

TEST_CASE("reopen leaves alone what was agreed for the next review", "[service][desk]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const ReviewId first = world.open_review("a1").id;
    REQUIRE(desk.done(first, {}, ana, at(monday, 13)).has_value());
    const ReviewId next = world.open_review("a1").id;
    REQUIRE(desk.appoint(next, {monday + days{8}, 10h}, ana, at(monday, 14)).has_value());
    const auto refused = desk.reopen(first, ana, at(monday, 15));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::conflict);
    REVIEWD_CHECK_CONTAINS(refused.error().message, "has an appointment on 2026-12-01 10:00");
    CHECK(world.open_review("a1").id == next);
    CHECK(world.open_review("a1").state == store::ReviewState::appointment);
}

TEST_CASE("a reopened review is moved like others that no person chose", "[service][desk]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const store::Review before = world.open_review("a1");
    REQUIRE_FALSE(before.is_chosen);
    REQUIRE(desk.done(before.id, {}, ana, at(monday, 13)).has_value());
    REQUIRE(desk.reopen(before.id, ana, at(monday, 14)).has_value());
    world.run(at(monday, 14));
    CHECK(world.open_review("a1").due == before.due);
    CHECK_FALSE(world.open_review("a1").is_chosen);
}

TEST_CASE("an appointment on a full day is seen", "[service][desk]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const Date tuesday = monday + days{8};
    const auto appoint = [&](const char* account) {
        const auto agreed =
            desk.appoint(world.open_review(account).id, {tuesday}, ana, at(monday, 13));
        REQUIRE(agreed.has_value());
        return desk.is_day_full(*agreed);
    };
    CHECK_FALSE(appoint("a8")); // Farah has room for one a day
    CHECK(appoint("a7"));
}

TEST_CASE("reopen takes back what the report brought", "[service][desk]") {
    test::World world;
    prepare(world);
    service::ReviewDesk& desk = world.service().reviews();
    const auto show = [&](TimePoint now) {
        return world.service().views().review("a5", now).value();
    };
    service::Outcome first;
    first.promise = "a visit";
    first.held_on = monday - days{3};
    REQUIRE(desk.done(world.open_review("a5").id, first, ana, at(monday, 12)).has_value());
    const service::ReviewView before = show(at(monday, 13));
    REQUIRE(before.promises.size() == 1);
    service::Outcome outcome;
    outcome.answers = {{"satisfaction", "9"}, {"needs", "a feeder"}};
    outcome.recommendation = "the service";
    outcome.promise = "send the prices";
    outcome.promise_due = monday + days{7};
    outcome.kept_promises = {before.promises.front().id};
    outcome.note = "went well";
    const ReviewId review = world.open_review("a5").id;
    for (int time = 0; time < 2; ++time) {
        REQUIRE(desk.done(review, outcome, ana, at(monday, 13)).has_value());
        world.run(at(monday, 13));
        const service::ReviewView done = show(at(monday, 13));
        CHECK(done.row.points == before.row.points + 25'000);
        REQUIRE(done.promises.size() == 1);
        CHECK(done.promises.front().text == "send the prices");
        CHECK(
            world.service()
                .views()
                .review(std::to_string(review.value), at(monday, 13))
                ->answers.size()
            == 3
        );
        REQUIRE(desk.reopen(review, ana, at(monday, 14)).has_value());
        const service::ReviewView again = show(at(monday, 14));
        CHECK(again.row.review.id == review);
        CHECK(again.row.points == before.row.points); // at once, not with the next pass
        CHECK(again.row.review.level == before.row.review.level);
        CHECK(again.row.review.note.empty());
        CHECK(again.answers.empty());
        REQUIRE(again.promises.size() == 1);
        CHECK(again.promises.front().text == "a visit");
        CHECK(again.last->id == before.last->id);
        const std::string& told = again.history.back().details;
        for (const char* part :
             {"satisfaction: 9",
              "needs: ",
              "the service",
              "send the prices",
              "a visit",
              "went well"}) {
            REVIEWD_CHECK_CONTAINS(told, part);
        }
        world.run(at(monday, 14));
        CHECK(show(at(monday, 14)).row.points == before.row.points);
        test::check_invariants(world, at(monday, 14));
    }
}

TEST_CASE("a promise is kept beside reviews", "[service][desk]") {
    test::World world;
    prepare(world);
    service::Outcome outcome;
    outcome.promise = "send the prices";
    outcome.promise_due = monday + days{7};
    const ReviewId review = world.open_review("a1").id;
    REQUIRE(world.service().reviews().done(review, outcome, ana, at(monday, 13)).has_value());
    store::Outcomes outcomes{world.database()};
    const AccountId account = world.account("a1").id;
    const std::int64_t promise = outcomes.open_promises(account).front().id;
    const auto due = [&](const std::string& owner, Date until) {
        return world.service().views().promises_due(owner, until, at(monday, 13))->size();
    };
    CHECK(due("", monday + days{6}) == 0);
    CHECK(due("", monday + days{7}) == 1);
    CHECK(due("ana", monday + days{7}) == 1);
    CHECK(due("farah", monday + days{7}) == 0);
    CHECK(due("none", monday + days{7}) == 0);
    const auto of_today = [&](Date today) {
        return world.service().views().promises_due("ana", std::nullopt, at(today, 7))->size();
    };
    CHECK(of_today(monday + days{6}) == 0);
    CHECK(of_today(monday + days{7}) == 1);
    const auto keep = [&](std::int64_t number) {
        return world.service().accounts().contact(
            account, {std::nullopt, "sent them", {number}}, ana, at(monday, 14)
        );
    };
    const auto other = keep(promise + 1);
    REQUIRE(other.has_error());
    REVIEWD_CHECK_CONTAINS(other.error().message, fmt::format("open: {}", promise));
    CHECK(outcomes.contacts(account).empty());
    REQUIRE(keep(promise).has_value());
    CHECK(outcomes.open_promises(account).empty());
    CHECK(due("", monday + days{7}) == 0);
    REVIEWD_CHECK_CONTAINS(keep(promise).error().message, "it has none");
    // It was not that review that kept it.
    REQUIRE(world.service().reviews().reopen(review, ana, at(monday, 15)).has_value());
    CHECK(outcomes.open_promises(account).empty());
}

TEST_CASE("the next review keeps its day when the level falls before it", "[service][desk][I6]") {
    test::World world;
    prepare(world);
    const auto next =
        world.service().reviews().done(world.open_review("a2").id, {}, ana, at(monday, 13));
    REQUIRE(next.has_value());
    REQUIRE(next->due == Date{2026y / 12 / 23});
    world.put_account({"a2", "ana", 10});
    world.import(at(monday, 14));
    const store::Review after = world.open_review("a2");
    CHECK(after.level == "low");
    CHECK(after.due == next->due);
    CHECK(after.latest == Date{2027y / 11 / 23});
}

TEST_CASE("an appointment is shown on its owner's clock", "[service][desk]") {
    test::World world;
    const Date friday{2026y / 11 / 20};
    const Date tuesday{2026y / 11 / 24};
    world.open(at(friday, 12));
    world.run(at(friday, 12));
    const ReviewId review = world.open_review("a8").id; // Farah's, in Dhaka
    const service::Actor farah{"farah", "socket"};
    const auto shown = [&] {
        const auto view = world.service().views().review("a8", at(friday, 13));
        REQUIRE(view.has_value());
        return view->row;
    };
    CHECK(shown().appointment_local.empty());
    service::ReviewDesk& desk = world.service().reviews();
    REQUIRE(desk.appoint(review, {tuesday, 10h + 30min}, farah, at(friday, 13)).has_value());
    CHECK(shown().appointment_local == "2026-11-24 10:30");
    CHECK(shown().is_due_on_working_day);
    REQUIRE(desk.appoint(review, {tuesday, {}}, farah, at(friday, 13)).has_value());
    CHECK(shown().appointment_local == "2026-11-24");
    // What was agreed stands on any day, and it is said that this one is free.
    const Date saturday{2026y / 11 / 28};
    REQUIRE(desk.appoint(review, {saturday, {}}, farah, at(friday, 13)).has_value());
    CHECK(shown().appointment_local == "2026-11-28");
    CHECK_FALSE(shown().is_due_on_working_day);
}

TEST_CASE("what was taken back before it was sent is still to say", "[service][desk]") {
    test::World world;
    prepare(world);
    const store::Review review = world.open_review("a1");
    world.run_through(at(monday, 13), at(review.due, 5));
    world.sent.clear();
    world.answer = [](const service::SendOrder&, TimePoint) {
        notify::Outcome later;
        later.verdict = notify::Verdict::temporary;
        return later;
    };
    world.run_through(at(review.due, 5), at(review.due, 8));
    CHECK(count_reminding(world) == 0);
    service::ReviewDesk& desk = world.service().reviews();
    const auto agreed = desk.appoint(review.id, {review.due, 15h}, ana, at(review.due, 8));
    REQUIRE(agreed.has_value());
    CHECK(agreed->next_step == review.due);
}

} // namespace reviewd::test::test_desk
