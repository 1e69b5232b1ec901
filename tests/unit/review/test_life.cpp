#include "daemon/review/life.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <set>
#include <utility>

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
        for (int i = 0; i <= static_cast<int>(Event::reopen); ++i) {
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

TEST_CASE("states are found by the names they print", "[review][life]") {
    for (const State state : all_states) {
        CHECK(review::find_state(review::name(state)) == state);
    }
    CHECK_FALSE(review::find_state("finished").has_value());
}
