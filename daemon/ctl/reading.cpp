#include "daemon/ctl/reading.hpp"

#include "scoring/base/date.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace reviewd::ctl {

namespace json = boost::json;

const json::value& member(const json::value& object, std::string_view name) {
    static const json::value nothing;
    const json::object* const members = object.if_object();
    const json::value* const value = members == nullptr ? nullptr : members->if_contains(name);
    return value == nullptr ? nothing : *value;
}

std::string text(const json::value& object, std::string_view name) {
    const json::value& value = member(object, name);
    if (value.is_string()) {
        return std::string{value.get_string()};
    }
    if (value.is_int64()) {
        return std::to_string(value.get_int64());
    }
    return value.is_double() ? fmt::format("{:g}", value.get_double()) : std::string{};
}

std::int64_t number(const json::value& object, std::string_view name) {
    const json::value& value = member(object, name);
    return value.is_int64() ? value.get_int64() : 0;
}

double real(const json::value& object, std::string_view name) {
    const json::value& value = member(object, name);
    return value.is_double() ? value.get_double() : static_cast<double>(number(object, name));
}

bool is_true(const json::value& object, std::string_view name) {
    const json::value& value = member(object, name);
    return value.is_bool() && value.get_bool();
}

const json::array& list(const json::value& object, std::string_view name) {
    static const json::array nothing;
    const json::array* const array = member(object, name).if_array();
    return array == nullptr ? nothing : *array;
}

ReloadTrouble reload_trouble(const json::value& daemon) {
    const std::string problem = text(daemon, "reload_problem");
    if (problem.empty()) {
        return {};
    }
    // Mistakes in files come with their lines and carets, which `check` shows better.
    const std::size_t end = problem.find('\n');
    const bool is_listing = end != std::string::npos;
    return {
        fmt::format("the last reload failed: {}", problem.substr(0, end)),
        is_listing ? "`reviewctl check` shows all of it; then `reviewctl reload`"
                   : "mend it, then `reviewctl reload`"};
}

std::string limit_words(const json::value& paused) {
    return fmt::format(
        "has its {}; it goes on by itself at {} UTC",
        text(paused, "reason"),
        moment(paused, "until")
    );
}

std::string review_named(const json::value& review) {
    return "review:" + text(review, "id");
}

std::string moment(const json::value& object, std::string_view name) {
    std::string time = text(object, name);
    constexpr std::size_t to_minutes = 16;
    if (time.size() > to_minutes) {
        time.resize(to_minutes);
        time.at(10) = ' ';
    }
    return time;
}

void note_if_cut(const json::value& answer, std::string_view what, const Terminal& terminal) {
    if (is_true(answer, "is_cut")) {
        terminal.note(fmt::format("there are more {} than these; --limit N shows more", what));
    }
}

std::string day_problem(const std::string& written) {
    if (written.empty() || parse_date(written).has_value()) {
        return {};
    }
    return fmt::format("`{}` is no day; write one such as 2026-11-20", written);
}

std::string name_problem(const std::string& written) {
    return written.empty() ? "the name is empty; write one, or leave the option out" : "";
}

} // namespace reviewd::ctl
