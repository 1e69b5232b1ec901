#pragma once

#include "config/loader/template_tags.hpp"
#include "config/node/reader.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/rules/rule_set.hpp"

#include <functional>
#include <optional>
#include <string>

namespace reviewd::config {

/// What an expression must come to.
enum class Wanted { condition, number, anything };

/// Compiles the expression that a scalar holds. Its problems are reported at their exact places;
/// where YAML took a part of it away, the hint says so and what to write.
[[nodiscard]] std::optional<cel::Expression> read_expression(
    const Node& node, const cel::Environment& environment, Wanted wanted, Report& report
);

/// Texts by language: `{ en: "…", bn: "…" }`, or one text, which counts as English.
[[nodiscard]] rules::Texts read_language_texts(const Node& node, Report& report);

/// The scalars of such texts, whatever their language.
[[nodiscard]] std::vector<Node> language_scalars(const Node& node);

/// Calls `look` for each tag in such texts, with the scalar that it stands in.
void for_each_tag(
    const Node& node, const std::function<void(const Node& scalar, const TemplateTag& tag)>& look
);

/// As read_language_texts, of templates: what a message could not fill is an error.
[[nodiscard]] rules::Texts read_templates(const Node& node, Report& report);

} // namespace reviewd::config
