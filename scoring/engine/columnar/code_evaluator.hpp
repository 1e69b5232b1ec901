#pragma once

#include "scoring/engine/columnar/reads.hpp"
#include "scoring/rules/rule_set.hpp"

#include <optional>
#include <string>

namespace reviewd::engine::columnar {

/// For each code of a column, whether a condition is true and whether it is false; neither where it
/// is unknown or an error.
struct CodeTruth {
    std::vector<std::uint8_t> yes; ///< 1 or 0
    std::vector<std::uint8_t> no;
};

/// What a rule says for each code of the only column it reads.
struct CodePoints {
    std::vector<rules::Points> points; ///< 0 where it did not fire
    std::vector<std::uint8_t> is_judged;
};

/// Evaluates expressions that read one coded column once for each value of its dictionary.
class CodeEvaluator {
public:
    explicit CodeEvaluator(const FactColumns& columns);

    /// The expression whose nodes are evaluated from now on.
    void begin(const cel::Expression& expression);

    /// Nothing when the interpreter needs more steps for it than it may spend on a part of an
    /// expression.
    /// @pre the node reads no varying column but the slot's, which is coded
    [[nodiscard]] std::optional<CodeTruth> truth(const cel::Node& node, std::uint32_t slot);
    [[nodiscard]] std::optional<std::vector<cel::Value>> values(
        const cel::Node& node, std::uint32_t slot
    );
    /// The value of a node that reads no varying column.
    [[nodiscard]] std::optional<cel::Value> value(const cel::Node& node);

    /// Exact for any rule that reads only the slot.
    [[nodiscard]] CodePoints judge(const rules::Rule& rule, std::uint32_t slot);
    /// The same for a rule that reads no varying column; one element.
    [[nodiscard]] CodePoints judge_constant(const rules::Rule& rule) const;

    /// Whether the column's texts and lists are short enough that no expression over them can run
    /// out of steps unless a single call does.
    [[nodiscard]] bool is_light(std::uint32_t slot);

    [[nodiscard]] const FactColumns& columns() const { return columns_; }
    [[nodiscard]] ReadFinder& reads() { return reads_; }

private:
    [[nodiscard]] std::optional<CodeTruth> compared(const cel::Node& node, std::uint32_t slot);
    [[nodiscard]] std::optional<CodeTruth> contained(const cel::Node& node, std::uint32_t slot);
    [[nodiscard]] std::optional<CodeTruth> combined(const cel::Node& node, std::uint32_t slot);
    [[nodiscard]] std::optional<CodeTruth> interpreted(const cel::Node& node, std::uint32_t slot);
    [[nodiscard]] CodeTruth known(std::uint32_t slot) const;
    [[nodiscard]] cel::Expression part(const cel::Node& node) const;

    const FactColumns& columns_;
    ReadFinder reads_;
    FactRow row_; ///< constant columns' values; others are unknown but while one is tried
    std::vector<std::int8_t> lightness_; ///< by slot; -1: not looked at yet
    const cel::Expression* expression_ = nullptr;
    std::size_t parts_left_ = 0;
};

} // namespace reviewd::engine::columnar
