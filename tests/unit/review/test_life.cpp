#include "daemon/review/life.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

namespace reviewd::test::test_life {

using namespace reviewd;
using review::Event;
using review::State;

namespace {

constexpr std::array all_states{
    State::planned,
    State::invited,
    State::appointment,
    State::done,
    State::missed,
    State::skipped,
    State::cancelled};

} // namespace

TEST_CASE("a review goes from planned to done", "[review][life]") {
    const State invited = review::after(State::planned, Event::invite).value();
    CHECK(invited == State::invited);
    const State agreed = review::after(invited, Event::appoint).value();
    CHECK(agreed == State::appointment);
    CHECK(review::after(agreed, Event::invite).value() == State::appointment);
    CHECK(review::after(agreed, Event::hold).value() == State::done);
    CHECK(review::after(agreed, Event::reschedule).value() == State::invited);
    CHECK(review::after(State::planned, Event::reschedule).value() == State::planned);
    CHECK(review::after(State::planned, Event::attempt).value() == State::planned);
    CHECK(review::after(State::planned, Event::cancel).value() == State::cancelled);
}

TEST_CASE("nothing but reopening happens to a closed review", "[review][life]") {
    for (const State state : all_states) {
        for (int i = 0; i < review::event_count; ++i) {
            const Event event = static_cast<Event>(i);
            const Result<State> next = review::after(state, event);
            CAPTURE(review::name(state), review::name(event));
            if (event == Event::reopen) {
                const bool can = !review::is_open(state) && state != State::cancelled;
                CHECK(next.has_value() == can);
                CHECK((!can || *next == State::planned));
            } else if (!review::is_open(state)) {
                REQUIRE_FALSE(next.has_value());
                CHECK(next.error().code == ErrorCode::conflict);
                REVIEWD_CHECK_CONTAINS(next.error().message, std::string{review::name(state)});
            } else {
                const bool is_refused = state == State::appointment && event == Event::move;
                CHECK(next.has_value() == !is_refused);
            }
        }
    }
}

TEST_CASE("each event in each state does what the table says", "[review][life]") {
    std::istringstream table{test::read_file(test::source_path("tests/data/review/life.txt"))};
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(table, line);) {
        if (!line.empty() && line.front() != '#') {
            std::istringstream words{line};
            rows.emplace_back(
                std::istream_iterator<std::string>{words}, std::istream_iterator<std::string>{}
            );
        }
    }
    REQUIRE(rows.size() == 1 + all_states.size());
    REQUIRE(rows[0].size() == 1 + review::event_count);
    for (std::size_t row = 1; row < rows.size(); ++row) {
        const State before = review::find_state(rows[row][0]).value();
        std::set<std::string> possible;
        for (int i = 0; i < review::event_count; ++i) {
            const auto event = static_cast<Event>(i);
            const auto column = static_cast<std::size_t>(i) + 1;
            CAPTURE(rows[row][0], review::name(event));
            CHECK(rows[0][column] == review::name(event));
            const Result<State> next = review::after(before, event);
            const std::string shown = next.has_value() ? std::string{review::name(*next)} : "-";
            CHECK(shown == rows[row].at(column));
            if (next.has_value()) {
                possible.emplace(review::name(event));
            }
        }
        // What cannot happen is refused with what can.
        for (int i = 0; i < review::event_count; ++i) {
            const Result<State> next = review::after(before, static_cast<Event>(i));
            if (next.has_value() || before == State::cancelled) {
                continue;
            }
            const bool names_one =
                std::any_of(possible.begin(), possible.end(), [&](const std::string& event) {
                    return next.error().message.find(event) != std::string::npos;
                });
            CHECK(names_one);
        }
    }
}

TEST_CASE("states are found by the names they print", "[review][life]") {
    for (const State state : all_states) {
        CHECK(review::find_state(review::name(state)) == state);
    }
    CHECK_FALSE(review::find_state("finished").has_value());
}

} // namespace reviewd::test::test_life
