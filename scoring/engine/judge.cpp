#include "scoring/engine/judge.hpp"

#include "scoring/cel/comparison.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace reviewd::engine {
namespace {

using Verdict = LedgerLine::Verdict;

Judgement obstructed_by(cel::Value obstacle) {
    return {Verdict::cannot_be_judged, 0, std::move(obstacle)};
}

/// An unknown or an error as it is, anything else as an error that says what was expected.
Judgement unexpected(cel::Value value, std::string_view expected) {
    if (!value.is_plain()) {
        return obstructed_by(std::move(value));
    }
    const std::string found = value.is_null() ? "nothing" : cel::to_string(value);
    return obstructed_by(cel::Value::error(fmt::format("{}, found {}", expected, found)));
}

} // namespace

std::optional<rules::Points> to_points(double points) {
    const double thousandths = points * static_cast<double>(rules::points_scale);
    if (!(std::fabs(thousandths) <= static_cast<double>(largest_points))) {
        return std::nullopt;
    }
    return std::llround(thousandths);
}

Judgement judge(const rules::Rule& rule, std::span<const cel::Value> facts) {
    if (rule.when) {
        cel::Value answer = cel::evaluate(*rule.when, facts);
        const bool* holds = answer.get_if<bool>();
        if (holds == nullptr) {
            return unexpected(std::move(answer), "the condition must be yes or no");
        }
        if (!*holds) {
            return {};
        }
    }
    if (const rules::Points* constant = std::get_if<rules::Points>(&rule.points)) {
        return {Verdict::fired, *constant, {}};
    }
    cel::Value value = cel::evaluate(std::get<cel::Expression>(rule.points), facts);
    const std::optional<double> number = cel::number_of(value);
    if (!number) {
        return unexpected(std::move(value), "the points must be a number");
    }
    const std::optional<rules::Points> points = to_points(*number);
    if (!points) {
        return unexpected(
            std::move(value), "the points must be a number between -1,000,000 and 1,000,000"
        );
    }
    return {Verdict::fired, *points, {}};
}

} // namespace reviewd::engine
