#pragma once

#include "config/node/reader.hpp"
#include "scoring/cel/environment.hpp"
#include "scoring/rules/rule_set.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reviewd::config {

/// A fact that is filled from a review's answer; checked against the agenda once both are read.
struct AnswerUse {
    std::string question;
    rules::FactType type = rules::FactType::number;
    Node node;
};

/// What the readers of the sections of rules files share while one set of rules is made.
struct RulesContext {
    Report& report;
    rules::RuleSet rules;
    cel::Environment environment{cel::Dialect::rules}; ///< the facts, by slot
    std::map<std::uint32_t, Node> fact_keys;           ///< where each fact was named
    std::set<std::uint32_t> used;                      ///< slots that something reads
    std::vector<AnswerUse> answers;
    std::set<std::string> unused_groups;

    [[nodiscard]] std::vector<std::string> fact_names() const;
    /// Notes that these facts are read.
    void use(const std::vector<std::uint32_t>& slots);
    /// A condition or number over the facts; notes what it reads.
    [[nodiscard]] std::optional<cel::Expression> condition(const Node& node);
    /// Texts by language whose `{{names}}` are facts.
    [[nodiscard]] rules::Texts texts(const Node& node);
};

/// A section of the same name from every rules file that has it.
using Sections = std::vector<Node>;

/// "it was first given in FILE:LINE:COLUMN"
[[nodiscard]] std::string first_given(const Node& node);

/// The readers, in the order in which they must run.
void declare_facts(RulesContext& context, const Sections& sections);
void read_facts(RulesContext& context, const Sections& sections);
void read_products(RulesContext& context, const Sections& sections);
void read_groups(RulesContext& context, const Sections& sections);
void read_rules(RulesContext& context, const Sections& sections);
void warn_of_unused_groups(RulesContext& context, const Sections& groups);
void read_score(RulesContext& context, const Node& node);
void read_levels(RulesContext& context, const Node& node);
void read_keep_level(RulesContext& context, const Node& node);
void read_cadences(RulesContext& context, const Sections& sections);
void read_triggers(RulesContext& context, const Sections& sections);
/// Orders the facts, and warns of those that nothing reads.
void finish_facts(RulesContext& context);

/// Points with at most three decimal places.
[[nodiscard]] std::optional<rules::Points> read_points(const Node& node, Report& report);
/// A length of time longer than nothing, without working days.
[[nodiscard]] std::optional<Period> read_calendar_period(const Node& node, Report& report);

} // namespace reviewd::config
