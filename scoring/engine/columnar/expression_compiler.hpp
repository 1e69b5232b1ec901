#pragma once

#include "scoring/engine/columnar/code_evaluator.hpp"
#include "scoring/engine/columnar/number.hpp"

#include <string>

namespace reviewd::engine::columnar {

/// Turns checked expressions into instructions. What it cannot do gives nothing, and `reason` says
/// why.
class ExpressionCompiler {
public:
    ExpressionCompiler(CodeEvaluator& evaluator, Masks& masks, Numbers& numbers)
        : evaluator_(evaluator), masks_(masks), numbers_(numbers) {}

    [[nodiscard]] std::optional<Condition> condition(const cel::Expression& expression);
    [[nodiscard]] std::optional<Number> number(const cel::Expression& expression);

    /// Why the last expression could not be compiled, in a manager's words.
    [[nodiscard]] const std::string& reason() const { return reason_; }

private:
    [[nodiscard]] std::optional<Condition> condition(const cel::Node& node);
    [[nodiscard]] std::optional<Condition> logical(const cel::Node& node);
    [[nodiscard]] std::optional<Condition> comparison(const cel::Node& node);
    [[nodiscard]] std::optional<Condition> equal_conditions(const cel::Node& node);
    [[nodiscard]] std::optional<Condition> membership(const cel::Node& node);
    [[nodiscard]] std::optional<Condition> set_membership(const cel::Node& node);
    [[nodiscard]] std::optional<Condition> conditional(const cel::Node& node);
    [[nodiscard]] std::optional<Condition> of_codes(
        const std::optional<CodeTruth>& truth, std::uint32_t slot
    );
    [[nodiscard]] Condition joined(cel::Operator operation, const std::vector<Condition>& parts);
    [[nodiscard]] std::optional<Condition> refuse_condition(std::string reason);

    [[nodiscard]] std::optional<Number> number(const cel::Node& node);
    [[nodiscard]] std::optional<Number> operand(const cel::Node& node);
    [[nodiscard]] bool is_of_one_value(const cel::Node& node);
    [[nodiscard]] std::optional<Number> operation(const cel::Node& node);
    [[nodiscard]] std::optional<Number> call(const cel::Node& node);
    [[nodiscard]] std::optional<Number> refuse_number(std::string reason);

    /// Whether the node is a fact that is held as sets.
    [[nodiscard]] bool is_set(const cel::Node& node) const;
    /// The slot when the node reads one fact, which is coded.
    [[nodiscard]] std::optional<std::uint32_t> only_coded(const cel::Node& node);

    CodeEvaluator& evaluator_;
    Masks& masks_;
    Numbers& numbers_;
    std::string reason_;
};

} // namespace reviewd::engine::columnar
