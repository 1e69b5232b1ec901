#include "daemon/review/life.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace reviewd::review {
namespace {

constexpr std::array<std::string_view, 7> state_names{
    "planned", "invited", "appointment", "done", "missed", "skipped", "cancelled"};

constexpr std::array<std::string_view, event_count> event_names{
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
    "reopen",
    "contact",
    "reassign"};

/// Nothing where the event cannot happen.
std::optional<State> next_state(State state, Event event) {
    if (event == Event::reopen) {
        const bool is_closed_by_person =
            state == State::done || state == State::missed || state == State::skipped;
        return is_closed_by_person ? std::optional{State::planned} : std::nullopt;
    }
    if (!is_open(state)) {
        return std::nullopt;
    }
    const bool is_agreed = state == State::appointment;
    switch (event) {
    case Event::invite:
        return is_agreed ? state : State::invited;
    case Event::appoint:
        return State::appointment;
    case Event::attempt:
    case Event::snooze:
    case Event::reassign:
        return state;
    case Event::move:
        return is_agreed ? std::nullopt : std::optional{state};
    case Event::reschedule:
        // A new day that nobody agreed with the customer is no appointment any more.
        return is_agreed ? State::invited : state;
    case Event::hold:
        return State::done;
    case Event::miss:
        return State::missed;
    case Event::skip:
        return State::skipped;
    case Event::cancel:
        return State::cancelled;
    case Event::contact:
        // Whoever was invited was spoken to now; a day that was agreed stands.
        return is_agreed ? state : State::planned;
    case Event::reopen:
        break;
    }
    return std::nullopt;
}

/// "invite, appoint or done": what a person can do; empty when nothing can happen any more.
std::string possible_text(State state) {
    std::vector<Event> possible = possible_events(state);
    const auto is_of_the_plan = [](Event event) {
        return event == Event::move || event == Event::cancel;
    };
    possible.erase(
        std::remove_if(possible.begin(), possible.end(), is_of_the_plan), possible.end()
    );
    std::string text;
    for (std::size_t i = 0; i < possible.size(); ++i) {
        const std::string_view between = i == 0 ? "" : i + 1 == possible.size() ? " or " : ", ";
        text += fmt::format("{}{}", between, name(possible[i]));
    }
    return text;
}

Error refusal(State state, Event event) {
    if (event == Event::reopen && state == State::cancelled) {
        return fail(
            ErrorCode::conflict,
            "the review is cancelled: its account was given up or has another review, and nothing "
            "can be done with this one"
        );
    }
    if (event == Event::reopen) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "the review is {}: only one that is closed can be reopened, by its own number; "
                "possible now: {}",
                name(state),
                possible_text(state)
            )
        );
    }
    if (event == Event::move && state == State::appointment) {
        return fail(
            ErrorCode::conflict,
            "the review has an appointment: only a person can give it another day (`reschedule`)"
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

std::vector<Event> possible_events(State state) {
    std::vector<Event> possible;
    for (int i = 0; i < event_count; ++i) {
        const auto event = static_cast<Event>(i);
        if (next_state(state, event)) {
            possible.push_back(event);
        }
    }
    return possible;
}

bool is_open(State state) {
    return state == State::planned || state == State::invited || state == State::appointment;
}

Result<State> after(State state, Event event) {
    const std::optional<State> next = next_state(state, event);
    return next ? Result<State>{*next} : Result<State>{refusal(state, event)};
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
