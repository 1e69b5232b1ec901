#include "daemon/control/arguments.hpp"

#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace reviewd::control {

namespace {

namespace json = boost::json;

std::string to_text(const json::value& value) {
    return std::string{value.get_string()};
}

} // namespace

const json::value* Arguments::find(std::string_view name) {
    asked_.emplace(name);
    const json::value* const value = values_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

void Arguments::expected(std::string_view name, std::string_view what) {
    if (!problem_) {
        problem_ = fail(ErrorCode::usage, fmt::format("the argument `{}` must be {}", name, what));
    }
}

std::string Arguments::text(std::string_view name) {
    std::string value = text_or_empty(name);
    if (value.empty()) {
        expected(name, "given, as text");
    }
    return value;
}

std::string Arguments::text_or_empty(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string() || find_invalid_utf8(to_text(*value))) {
        expected(name, "text in UTF-8");
        return {};
    }
    return to_text(*value);
}

std::vector<std::string> Arguments::texts(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr) {
        return {};
    }
    std::vector<std::string> texts;
    const json::array* const array = value->if_array();
    if (array == nullptr) {
        expected(name, "a list of texts");
        return {};
    }
    for (const json::value& element : *array) {
        if (!element.is_string()) {
            expected(name, "a list of texts");
            return {};
        }
        texts.push_back(to_text(element));
    }
    return texts;
}

std::map<std::string, std::string> Arguments::text_map(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr) {
        return {};
    }
    std::map<std::string, std::string> texts;
    const json::object* const object = value->if_object();
    if (object == nullptr) {
        expected(name, "an object of texts");
        return {};
    }
    for (const json::key_value_pair& member : *object) {
        if (!member.value().is_string()) {
            expected(name, "an object of texts");
            return {};
        }
        texts.emplace(std::string{member.key()}, to_text(member.value()));
    }
    return texts;
}

std::optional<Date> Arguments::date(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_string()) {
        if (const Result<Date> date = parse_date(to_text(*value))) {
            return *date;
        }
    }
    expected(name, "a day such as 2026-11-20");
    return std::nullopt;
}

Date Arguments::required_date(std::string_view name) {
    const std::optional<Date> day = date(name);
    if (!day) {
        expected(name, "given, as a day such as 2026-11-20");
    }
    return day.value_or(Date{});
}

std::optional<std::int64_t> Arguments::integer(
    std::string_view name, std::int64_t smallest, std::int64_t largest
) {
    const json::value* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    const std::int64_t* const number = value->if_int64();
    if (number == nullptr || *number < smallest || *number > largest) {
        expected(name, fmt::format("a whole number from {} to {}", smallest, largest));
        return std::nullopt;
    }
    return *number;
}

std::vector<std::int64_t> Arguments::integers(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr) {
        return {};
    }
    std::vector<std::int64_t> numbers;
    const json::array* const array = value->if_array();
    if (array == nullptr) {
        expected(name, "a list of whole numbers");
        return {};
    }
    for (const json::value& element : *array) {
        if (!element.is_int64()) {
            expected(name, "a list of whole numbers");
            return {};
        }
        numbers.push_back(element.get_int64());
    }
    return numbers;
}

bool Arguments::flag(std::string_view name) {
    const json::value* const value = find(name);
    if (value == nullptr) {
        return false;
    }
    if (!value->is_bool()) {
        expected(name, "true or false");
        return false;
    }
    return value->get_bool();
}

std::optional<Error> Arguments::problem() const {
    if (problem_) {
        return problem_;
    }
    for (const json::key_value_pair& member : values_) {
        const std::string name{member.key()};
        if (asked_.find(name) == asked_.end()) {
            const std::vector<std::string> known(asked_.begin(), asked_.end());
            const std::string hint = did_you_mean(name, known);
            return fail(
                ErrorCode::usage,
                fmt::format(
                    "the command has no argument `{}`{}", name, hint.empty() ? "" : "; " + hint
                )
            );
        }
    }
    return std::nullopt;
}

} // namespace reviewd::control
