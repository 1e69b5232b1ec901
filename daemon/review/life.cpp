#include "daemon/review/life.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace reviewd::review {
namespace {

constexpr std::array<std::string_view, 7> state_names{
    "planned", "invited", "appointment", "done", "missed", "skipped", "cancelled"};

constexpr std::array<std::string_view, 11> event_names{
    "invite",
    "appoint",
    "attempt",
    "move",
    "snooze",
    "reschedule",
    "done",
    "missed",
    "skip",
    "cancel",
    "reopen"};

Error refusal(State state, Event event) {
    if (event == Event::reopen) {
        return fail(
            ErrorCode::conflict,
            fmt::format("the review is {}: only one that is closed can be reopened", name(state))
        );
    }
    if (event == Event::move && state == State::appointment) {
        return fail(
            ErrorCode::conflict,
            "the review has an appointment: only a person can give it another day"
        );
    }
    const std::string_view advice = state == State::cancelled
                                        ? "its account is no longer active"
                                        : "`review reopen` it first if that was a mistake";
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "the review is {} already, so `{}` is too late: {}", name(state), name(event), advice
        )
    );
}

} // namespace

bool is_open(State state) {
    return state == State::planned || state == State::invited || state == State::appointment;
}

Result<State> after(State state, Event event) {
    if (event == Event::reopen) {
        const bool is_closed_by_person =
            state == State::done || state == State::missed || state == State::skipped;
        return is_closed_by_person ? Result<State>{State::planned}
                                   : Result<State>{refusal(state, event)};
    }
    if (!is_open(state)) {
        return refusal(state, event);
    }
    switch (event) {
    case Event::invite:
        return state == State::appointment ? State::appointment : State::invited;
    case Event::appoint:
        return State::appointment;
    case Event::attempt:
    case Event::snooze:
        return state;
    case Event::move:
        if (state == State::appointment) {
            return refusal(state, event);
        }
        return state;
    case Event::reschedule:
        // A new day that nobody agreed with the customer is no appointment any more.
        return state == State::appointment ? State::invited : state;
    case Event::hold:
        return State::done;
    case Event::miss:
        return State::missed;
    case Event::skip:
        return State::skipped;
    case Event::cancel:
        return State::cancelled;
    case Event::reopen:
        break;
    }
    return refusal(state, event);
}

std::string_view name(State state) {
    return state_names[static_cast<std::size_t>(state)];
}

std::string_view name(Event event) {
    return event_names[static_cast<std::size_t>(event)];
}

std::optional<State> find_state(std::string_view name) {
    for (std::size_t i = 0; i < state_names.size(); ++i) {
        if (state_names[i] == name) {
            return static_cast<State>(i);
        }
    }
    return std::nullopt;
}

} // namespace reviewd::review
