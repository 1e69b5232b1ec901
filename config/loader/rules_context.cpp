#include "config/loader/rules_context.hpp"

#include "config/loader/expression_reader.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reviewd::config {
namespace {

constexpr double largest_points = 1'000'000;

} // namespace

std::vector<std::string> RulesContext::fact_names() const {
    std::vector<std::string> names;
    for (const rules::Fact& fact : rules.facts.facts) {
        names.push_back(fact.name);
    }
    return names;
}

void RulesContext::use(const std::vector<std::uint32_t>& slots) {
    used.insert(slots.begin(), slots.end());
}

std::optional<cel::Expression> RulesContext::condition(const Node& node) {
    std::optional<cel::Expression> expression =
        read_expression(node, environment, Wanted::condition, report);
    if (expression) {
        use(expression->slots());
    }
    return expression;
}

rules::Texts RulesContext::texts(const Node& node) {
    for_each_tag(node, [&](const Node& scalar, const TemplateTag& tag) {
        if (const auto slot = rules.facts.slot_of(tag.name)) {
            used.insert(*slot);
        } else if (tag.name != ".") { // the value of the section it stands in
            report.error_in_text(
                scalar,
                tag.offset,
                fmt::format("`{}` is no fact", cut_to_width(tag.name, 60)),
                did_you_mean(tag.name, fact_names())
            );
        }
    });
    return read_templates(node, report);
}

std::string first_given(const Node& node) {
    const SourcePosition place = node.position();
    return fmt::format(
        "it was first given in {}:{}:{}", place.file_name(), place.line, place.column
    );
}

std::optional<rules::Points> read_points(const Node& node, Report& report) {
    const std::optional<double> value = read_number(node, report);
    if (!value) {
        return std::nullopt;
    }
    const double thousandths = *value * static_cast<double>(rules::points_scale);
    if (std::abs(*value) > largest_points
        || std::abs(thousandths - std::round(thousandths)) > 1e-6) {
        report.error(
            node,
            fmt::format("expected points, found {}", described(node)),
            "points are at most a million and have at most three decimal places"
        );
        return std::nullopt;
    }
    return static_cast<rules::Points>(std::llround(thousandths));
}

std::optional<Period> read_calendar_period(const Node& node, Report& report) {
    const std::optional<Period> period = read_period(node, report);
    if (period && (period->count == 0 || period->unit == Period::Unit::working_days)) {
        report.error(
            node,
            fmt::format("`{}` cannot be used here", to_string(*period)),
            "write days, weeks, months or years, and more than none"
        );
        return std::nullopt;
    }
    return period;
}

} // namespace reviewd::config
