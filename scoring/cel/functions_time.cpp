#include "scoring/cel/implementations.hpp"
#include "scoring/cel/timestamp.hpp"

#include <fmt/format.h>

#include <chrono>

namespace reviewd::cel::calendar {
namespace {

/// The civil time that a clock of the zone shows.
struct LocalTime {
    std::chrono::year_month_day date;
    std::int64_t second_of_day;
    std::int32_t nanoseconds;
};

/// What each accessor takes out of the local time.
using Part = std::int64_t (*)(const LocalTime& time);

/// The local time of arguments (timestamp) or (timestamp, zone); otherwise `problem` says what is
/// wrong.
std::optional<LocalTime> local_time(std::string_view name, Arguments arguments, Value& problem) {
    const auto* moment = arguments.empty() ? nullptr : arguments[0]->get_if<Timestamp>();
    const auto* zone = arguments.size() == 2 ? arguments[1]->get_if<std::string>() : nullptr;
    if (moment == nullptr || arguments.size() > 2 || (arguments.size() == 2 && zone == nullptr)) {
        problem = no_overload(name, arguments);
        return std::nullopt;
    }
    std::int64_t offset = 0;
    if (zone != nullptr) {
        const std::optional<std::int64_t> found = utc_offset_seconds(*moment, *zone);
        if (!found) {
            problem = Value::error(
                fmt::format("there is no time zone {}", to_string(Value::of(zone->substr(0, 64))))
            );
            return std::nullopt;
        }
        offset = *found;
    }
    const std::chrono::sys_seconds shown{std::chrono::seconds{moment->seconds + offset}};
    const auto day = std::chrono::floor<std::chrono::days>(shown);
    return LocalTime{std::chrono::year_month_day{day}, (shown - day).count(), moment->nanoseconds};
}

Value part_of(std::string_view name, Arguments arguments, Evaluation& evaluation, Part part) {
    evaluation.budget.spend(arguments.size() == 2 ? 20 : 0);
    Value problem;
    const std::optional<LocalTime> time = local_time(name, arguments, problem);
    return time ? Value::of(part(*time)) : problem;
}

const Duration* only_duration(Arguments arguments) {
    return arguments.size() == 1 ? arguments[0]->get_if<Duration>() : nullptr;
}

} // namespace

Value full_year(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return static_cast<std::int64_t>(static_cast<int>(time.date.year()));
    });
}

Value month(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return std::int64_t{static_cast<unsigned>(time.date.month())} - 1;
    });
}

Value date(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return std::int64_t{static_cast<unsigned>(time.date.day())};
    });
}

Value day_of_month(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return std::int64_t{static_cast<unsigned>(time.date.day())} - 1;
    });
}

Value day_of_week(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return std::int64_t{std::chrono::weekday{std::chrono::sys_days{time.date}}.c_encoding()};
    });
}

Value day_of_year(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        const std::chrono::sys_days first{time.date.year() / std::chrono::January / 1};
        return std::int64_t{(std::chrono::sys_days{time.date} - first).count()};
    });
}

Value hours(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (const Duration* length = only_duration(arguments)) {
        return Value::of(length->seconds / 3600);
    }
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return time.second_of_day / 3600;
    });
}

Value minutes(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (const Duration* length = only_duration(arguments)) {
        return Value::of(length->seconds / 60);
    }
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return time.second_of_day / 60 % 60;
    });
}

Value seconds(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (const Duration* length = only_duration(arguments)) {
        return Value::of(length->seconds);
    }
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return time.second_of_day % 60;
    });
}

Value milliseconds(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (const Duration* length = only_duration(arguments)) {
        return Value::of(std::int64_t{length->nanoseconds / 1'000'000});
    }
    return part_of(name, arguments, evaluation, [](const LocalTime& time) {
        return std::int64_t{time.nanoseconds / 1'000'000};
    });
}

} // namespace reviewd::cel::calendar
