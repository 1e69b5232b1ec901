#pragma once

#include "config/loader/rules_reader.hpp"
#include "config/loader/settings.hpp"

namespace reviewd::config {

/// Reads `agenda.yaml`.
/// @param environment the facts, for the questions' conditions
/// @param levels names of the rules' levels
[[nodiscard]] Agenda read_agenda(
    const Node& root,
    const cel::Environment& environment,
    const std::vector<std::string>& levels,
    Report& report
);

/// Reports facts that wait for the answer of a question that is not asked, or of another kind.
void check_answers(const std::vector<AnswerUse>& answers, const Agenda& agenda, Report& report);

} // namespace reviewd::config
