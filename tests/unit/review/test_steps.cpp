#include "daemon/review/steps.hpp"
#include "tests/support/catch.hpp"

#include <map>

namespace reviewd::test::test_steps {

using namespace reviewd;
using namespace std::chrono_literals;
using review::Calendar;
using review::DueStep;
using review::PastStep;
using review::State;
using review::Step;
using review::StepSubject;
using std::chrono::days;
using Unit = Period::Unit;

namespace {

const review::ReminderTimes times{
    10, 2, {{1, Unit::days}, {3, Unit::days}, {7, Unit::days}, {1, Unit::weeks}}, 5};
const Calendar calendar;
const Date due{2026y / 11 / 27}; // a Friday

/// Every morning of a working day from `from` to `to`: what is sent, with the day.
std::vector<std::pair<Date, DueStep>> mornings(StepSubject subject, Date from, Date to) {
    std::vector<PastStep> past(subject.past.begin(), subject.past.end());
    std::vector<std::pair<Date, DueStep>> sent;
    for (Date day = calendar.next_working(from); day <= to;
         day = calendar.add_working_days(day, 1)) {
        subject.past = past;
        for (const DueStep& step : review::steps_due(subject, times, calendar, day)) {
            sent.emplace_back(day, step);
            past.push_back({step.step, step.repeat, day});
        }
    }
    return sent;
}

} // namespace

TEST_CASE("the steps of a review that nobody answers", "[review][steps]") {
    const auto sent = mornings({due, State::planned, {}, {}}, due - days{30}, due + days{30});
    REQUIRE(sent.size() >= 9);
    CHECK(sent[0] == std::pair{due - days{14}, DueStep{Step::invite, 0, due - days{14}}});
    CHECK(sent[1].second.step == Step::ahead);
    CHECK(sent[1].first == due - days{2});
    CHECK(sent[2].first == due);
    CHECK(sent[2].second.step == Step::on_day);
    // Saturday's and Monday's repeat: one on Monday.
    CHECK(sent[3] == std::pair{due + days{3}, DueStep{Step::overdue, 2, due + days{3}}});
    CHECK(sent[4] == std::pair{due + days{7}, DueStep{Step::overdue, 3, due + days{7}}});
    CHECK(sent[5] == std::pair{due + days{7}, DueStep{Step::escalation, 1, due + days{7}}});
    CHECK(sent[6] == std::pair{due + days{14}, DueStep{Step::overdue, 4, due + days{14}}});
    CHECK(sent[7] == std::pair{due + days{14}, DueStep{Step::escalation, 2, due + days{14}}});
    CHECK(sent[8].second.repeat == 5);
}

TEST_CASE("a call that was missed in the owner's place goes up one stage", "[review][steps]") {
    StepSubject subject{due, State::planned, {}, {}};
    const Date from = due - days{7};
    subject.missed_call = review::MissedCall{2, from};
    const auto escalated_until = [&](Date last) {
        auto sent = mornings(subject, due - days{30}, last);
        std::erase_if(sent, [](const auto& one) { return one.second.step != Step::escalation; });
        return sent;
    };
    const DueStep missed{Step::escalation, 2, from, review::Hearer::stand_in};
    CHECK(escalated_until(from - days{1}).empty());
    CHECK(escalated_until(due) == std::vector{std::pair{from, missed}});
    // Later it is late with its owner, too: the manager below was not told yet.
    const auto all = escalated_until(due + days{30});
    REQUIRE(all.size() > 2);
    CHECK(all[1].second.repeat == 1);
    CHECK(all[2].second.repeat == 3);
    SECTION("while several steps of the owner, who is away, were never planned") {
        const auto steps = review::steps_due(subject, times, calendar, due - days{1});
        CHECK(std::count(steps.begin(), steps.end(), missed) == 1);
        CHECK(review::next_step_day(subject, times, calendar, from - days{3}) == from);
    }
    SECTION("not once a day was agreed with the customer") {
        subject.state = State::appointment;
        CHECK(escalated_until(due).empty());
    }
    SECTION("where there is nobody at that stage") {
        review::ReminderTimes few = times;
        few.managers = 1;
        const auto steps = review::steps_due(subject, few, calendar, from);
        CHECK(std::count(steps.begin(), steps.end(), missed) == 0);
    }
}

TEST_CASE("managers wait for the next try that a failed call brought", "[review][steps]") {
    const PastStep on_day{Step::on_day, 0, due};
    StepSubject subject{due, State::planned, {}, {&on_day, 1}};
    subject.last_attempt = due;
    const auto escalated = [&] {
        for (const auto& [day, step] : mornings(subject, due + days{1}, due + days{90})) {
            if (step.step == Step::escalation) {
                return day;
            }
        }
        return Date{};
    };
    CHECK(escalated() == due + days{7});
    subject.quiet_until = subject.next_try = due + days{28};
    CHECK(escalated() == due + days{35});
    const Date today = due + days{29};
    CHECK(review::next_step_day(subject, times, calendar, today) <= due + days{35});
    SECTION("a silence without a call is none") {
        subject.last_attempt.reset();
        subject.next_try.reset();
        CHECK(escalated() == due + days{31}); // once the owner heard of it
    }
    SECTION("a wish to be silent after the call is none either") {
        subject.next_try.reset();
        CHECK(escalated() == due + days{31});
    }
    SECTION("a call after the silence counts from its own day") {
        subject.last_attempt = due + days{31};
        CHECK(escalated() == due + days{38});
    }
}

TEST_CASE("after an interruption only the latest step is sent", "[review][steps][I9][F20]") {
    for (int downtime = 0; downtime < 90; ++downtime) {
        const PastStep invited{Step::invite, 0, due - days{14}};
        const Date back = calendar.next_working(due - days{13} + days{downtime});
        const auto steps =
            review::steps_due({due, State::planned, {}, {&invited, 1}}, times, calendar, back);
        CAPTURE(to_string(back));
        CHECK(steps.size() <= 1);
        CHECK((steps.empty() || steps.front().step != Step::escalation));
    }
    // Even when the owner had been reminded on the day itself, and a manager's step is due too.
    const PastStep on_day{Step::on_day, 0, due};
    for (int downtime = 8; downtime < 90; ++downtime) {
        const Date back = calendar.next_working(due + days{downtime});
        const auto steps =
            review::steps_due({due, State::planned, {}, {&on_day, 1}}, times, calendar, back);
        CAPTURE(to_string(back));
        REQUIRE(steps.size() == 1);
        CHECK(steps.front().step == Step::overdue);
    }
    const auto after = mornings({due, State::planned, {}, {}}, due + days{60}, due + days{70});
    REQUIRE(after.size() >= 3);
    CHECK(after[0].second.step == Step::overdue);
    CHECK(
        after[1].second
        == DueStep{Step::escalation, 1, calendar.add_working_days(after[0].first, 1)}
    );
    // The next manager only after as many working days as always.
    std::map<int, Date> escalations;
    for (const auto& one :
         mornings({due, State::planned, {}, {}}, due + days{60}, due + days{120})) {
        if (one.second.step == Step::escalation) {
            escalations[one.second.repeat] = one.first;
        }
    }
    REQUIRE(escalations.size() > 2);
    CHECK(calendar.count_working_days(escalations[1], escalations[2]) == 5);
    CHECK(calendar.count_working_days(escalations[2], escalations[3]) == 5);
}

TEST_CASE("no step is sent twice and none too early", "[review][steps][I3][I4]") {
    for (int start = -40; start < 40; ++start) {
        std::map<std::pair<Step, int>, int> count;
        for (const auto& one :
             mornings({due, State::planned, {}, {}}, due + days{start}, due + days{100})) {
            CHECK(one.second.scheduled_for <= one.first);
            CHECK(++count[{one.second.step, one.second.repeat}] == 1);
        }
        CHECK(count.size() > 8);
    }
}

TEST_CASE("an invited customer is not invited again", "[review][steps]") {
    const auto sent = mornings({due, State::invited, {}, {}}, due - days{30}, due);
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].second.step == Step::ahead);
    CHECK(sent[1].second.step == Step::on_day);
}

TEST_CASE("nothing is due for a closed or snoozed review", "[review][steps]") {
    for (const State state : {State::done, State::missed, State::skipped, State::cancelled}) {
        CHECK(review::steps_due({due, state, {}, {}}, times, calendar, due).empty());
        CHECK_FALSE(review::next_step_day({due, state, {}, {}}, times, calendar, due).has_value());
    }
    const StepSubject snoozed{due, State::planned, due + days{4}, {}};
    CHECK(review::steps_due(snoozed, times, calendar, due + days{3}).empty());
    CHECK(review::steps_due(snoozed, times, calendar, due + days{4}).size() == 1);
    CHECK(review::next_step_day(snoozed, times, calendar, due) == due + days{4});
}

TEST_CASE("the next step's day is never later than the step", "[review][steps]") {
    StepSubject subject{due, State::planned, {}, {}};
    std::vector<PastStep> past;
    std::optional<Date> expected = due - days{14};
    for (Date day = due - days{40}; day < due + days{60}; day += days{1}) {
        subject.past = past;
        const auto steps = review::steps_due(subject, times, calendar, day);
        CAPTURE(to_string(day));
        if (!steps.empty()) {
            REQUIRE(expected.has_value());
            CHECK(*expected <= day);
        }
        for (const DueStep& step : steps) {
            past.push_back({step.step, step.repeat, day});
        }
        subject.past = past;
        expected = review::next_step_day(subject, times, calendar, day);
        REQUIRE(expected.has_value());
        CHECK(*expected > day);
    }
    CHECK(past.size() > 10);
}

TEST_CASE(
    "what a former owner and their manager heard is said to the present ones", "[review][steps]"
) {
    using review::Hearer;
    const std::vector<PastStep> past{
        {Step::invite, 0, due - days{14}, Hearer::former},
        {Step::on_day, 0, due, Hearer::former},
        {Step::escalation, 1, due + days{7}, Hearer::former}};
    const auto sent = mornings({due, State::planned, {}, past}, due + days{10}, due + days{30});
    REQUIRE(sent.size() >= 3);
    CHECK(sent[0].second.step == Step::overdue);
    // Whoever gets it late has the usual time, and their managers are told one by one.
    std::vector<std::pair<Date, int>> managers;
    for (const auto& [day, step] : sent) {
        if (step.step == Step::escalation) {
            managers.emplace_back(day, step.repeat);
        }
    }
    REQUIRE(managers.size() >= 2);
    CHECK(managers[0] == std::pair{calendar.add_working_days(sent[0].first, 5), 1});
    CHECK(managers[1] == std::pair{calendar.add_working_days(managers[0].first, 5), 2});
    // The one who is at the same stage above both is not told again.
    const std::vector<PastStep> same{
        {Step::on_day, 0, due, Hearer::former},
        {Step::escalation, 1, due + days{7}, Hearer::stand_in}};
    for (const auto& [day, step] :
         mornings({due, State::planned, {}, same}, due + days{10}, due + days{30})) {
        CHECK((step.step != Step::escalation || step.repeat >= 2));
    }
}

TEST_CASE(
    "a step was told too early when it comes up later by the present day", "[review][steps]"
) {
    const Date moved = due + days{28};
    const auto is_too_early = [&](Step step, Date today, Date now_due, State state) {
        const PastStep past{step, 0, today};
        return review::is_told_too_early({now_due, state, {}, {&past, 1}}, times, calendar, today);
    };
    for (const Step step : {Step::invite, Step::ahead, Step::on_day}) {
        CHECK(is_too_early(step, due, moved, State::planned));
        CHECK_FALSE(is_too_early(step, due, due, State::planned));
    }
    // Its day to invite has passed by either: the next step names the day.
    CHECK_FALSE(is_too_early(Step::invite, due - days{10}, due + days{3}, State::planned));
    const std::vector<PastStep> both{
        {Step::invite, 0, due - days{14}}, {Step::ahead, 0, due - days{2}}};
    const auto is_anew = [&](Date day) {
        const StepSubject subject{day, State::planned, {}, both};
        return review::is_told_too_early(subject, times, calendar, due - days{2});
    };
    CHECK_FALSE(is_anew(due + days{3}));
    CHECK(is_anew(moved));
    CHECK(is_too_early(Step::ahead, due - days{2}, due + days{3}, State::planned));
    CHECK_FALSE(is_too_early(Step::invite, due, moved, State::invited)); // that is done with
    CHECK_FALSE(review::is_told_too_early({moved, State::planned, {}, {}}, times, calendar, due));
}

TEST_CASE("a calling is said once, on its own day, to whom it is for", "[review][steps]") {
    using review::Calling;
    using review::Hearer;
    const Date far = due + days{300};
    const std::vector<Calling> callings{
        {5, due, Hearer::owner},
        {7, due + days{10}, Hearer::owner},
        {8, due + days{1}, Hearer::stand_in}};
    StepSubject subject{far, State::planned, {}, {}};
    subject.callings = callings;
    // The owner hears of 5 at once and of 7 in its own time; what a stand-in hears waits for no
    // working day of the owner.
    CHECK(
        review::steps_due(subject, times, calendar, due)
        == std::vector{DueStep{Step::trigger, 5, due, Hearer::owner}}
    );
    CHECK(review::next_step_day(subject, times, calendar, due - days{1}) == due);
    const std::vector<PastStep> told{{Step::trigger, 5, due}};
    subject.past = told;
    CHECK(
        review::steps_due(subject, times, calendar, due + days{1})
        == std::vector{DueStep{Step::trigger, 8, due + days{1}, Hearer::stand_in}}
    );
    const std::vector<PastStep> both{
        {Step::trigger, 5, due}, {Step::trigger, 8, due + days{1}, Hearer::stand_in}};
    subject.past = both;
    CHECK(review::steps_due(subject, times, calendar, due + days{2}).empty());
    CHECK(review::next_step_day(subject, times, calendar, due + days{2}) == due + days{10});
    CHECK(review::steps_due(subject, times, calendar, due + days{10}).size() == 1);
    // What came up after the morning's message is in none yet, and is said on the next one.
    const std::vector<Calling> later{{5, due, Hearer::owner}, {6, due, Hearer::owner}};
    StepSubject again{far, State::planned, {}, told};
    again.callings = later;
    CHECK(
        review::steps_due(again, times, calendar, due + days{3})
        == std::vector{DueStep{Step::trigger, 6, due, Hearer::owner}}
    );
    // A failed or snoozed review is silent, but not about what happened.
    subject.quiet_until = due + days{20};
    CHECK(review::steps_due(subject, times, calendar, due + days{10}).size() == 1);
}

TEST_CASE("what the owner heard before they went is said to who stands in", "[review][steps]") {
    using review::Calling;
    using review::Hearer;
    const std::vector<Calling> callings{
        {5, due, Hearer::owner}, {5, due + days{1}, Hearer::stand_in}};
    StepSubject subject{due + days{300}, State::planned, {}, {}};
    subject.callings = callings;
    std::vector<PastStep> past{{Step::on_day, 0, due}, {Step::trigger, 5, due}};
    subject.past = past;
    CHECK(review::steps_due(subject, times, calendar, due).empty());
    CHECK(review::next_step_day(subject, times, calendar, due) == due + days{1});
    CHECK(
        review::steps_due(subject, times, calendar, due + days{1})
        == std::vector{DueStep{Step::trigger, 5, due + days{1}, Hearer::stand_in}}
    );
    // Said to whoever has to call, it is said: to the owner who comes back as well.
    past = {{Step::trigger, 5, due + days{1}, Hearer::stand_in}};
    subject.past = past;
    CHECK(review::steps_due(subject, times, calendar, due + days{9}).empty());
    // Said to a former owner, or to who stood in for them, it is said to nobody who has to call.
    past = {
        {Step::on_day, 0, due, Hearer::former}, {Step::trigger, 5, due + days{1}, Hearer::former}};
    subject.past = past;
    CHECK(review::steps_due(subject, times, calendar, due + days{9}).size() == 2);
}

TEST_CASE("a promise is told to its owner once, whatever else is", "[review][steps]") {
    using review::Calling;
    using review::Hearer;
    const std::vector<Calling> callings{{7, due, Hearer::owner, Step::promise}};
    StepSubject subject{due + days{300}, State::planned, {}, {}};
    subject.callings = callings;
    CHECK(review::next_step_day(subject, times, calendar, due - days{20}) == due);
    CHECK(
        review::steps_due(subject, times, calendar, due)
        == std::vector{DueStep{Step::promise, 7, due, Hearer::owner}}
    );
    const auto is_told_by = [&](const PastStep& step) {
        const std::vector<PastStep> past{step};
        return review::is_said(callings.front(), past);
    };
    CHECK(is_told_by({Step::promise, 7, due}));
    CHECK(is_told_by({Step::promise, 8, due}));
    CHECK_FALSE(is_told_by({Step::promise, 6, due}));
    CHECK(is_told_by({Step::trigger, 99, due}));
    CHECK(is_told_by({Step::ahead, 0, due}));
    CHECK_FALSE(is_told_by({Step::ahead, 0, due - days{1}}));
    CHECK_FALSE(is_told_by({Step::escalation, 1, due}));
    CHECK_FALSE(is_told_by({Step::promise, 7, due, Hearer::former}));
    CHECK_FALSE(is_told_by({Step::trigger, 99, due, Hearer::stand_in}));
    // What came up later on the day of such a message was not in it.
    const Calling trigger{99, due, Hearer::owner};
    const auto tells = [&](Date day) {
        const std::vector<PastStep> past{{Step::promise, 100, day}};
        return review::is_said(trigger, past);
    };
    CHECK_FALSE(tells(due));
    CHECK(tells(due + days{1}));
}

} // namespace reviewd::test::test_steps
