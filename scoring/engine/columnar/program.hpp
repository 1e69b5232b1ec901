#pragma once

#include "scoring/engine/columnar/fact_columns.hpp"
#include "scoring/engine/score.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reviewd::engine::columnar {

/// A rule that the interpreter evaluates account by account, and why, in a manager's words.
struct Fallback {
    std::size_t rule = 0; ///< index in the RuleSet
    std::string reason;
};

/// Rows begin … end - 1. `begin` is a multiple of chunk_rows, so that threads can share columns.
struct RowRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Scores by row. The vectors are padded to whole chunks; what lies beyond the rows means nothing.
struct ScoreColumns {
    std::vector<std::int32_t> points; ///< thousandths
    std::vector<std::uint8_t> levels;
    std::vector<std::uint8_t> is_judged; ///< 255, or 0

    void resize(std::size_t rows);
    [[nodiscard]] Score score(std::size_t row) const {
        return {points[row], levels[row], is_judged[row] != 0};
    }
};

/// What rules add up to by row, before caps and clamp, in thousandths: the first vector is of the
/// rules without a group, then one for each group. Padded to whole chunks.
struct SumColumns {
    std::vector<std::vector<std::int64_t>> sums;

    void resize(std::size_t rows, std::size_t group_count);
};

/// Rules compiled for certain columns. Immutable; several threads may run it at once.
class Program {
public:
    struct Content;
    explicit Program(std::shared_ptr<const Content> content);

    /// Rules left to the interpreter. Their results are the same; they take about a hundred times
    /// as long.
    [[nodiscard]] const std::vector<Fallback>& fallbacks() const;

    /// Whether the columns that it reads still have the form that the program was compiled for.
    /// After a change it must be compiled again.
    [[nodiscard]] bool fits(const FactColumns& columns) const;

    [[nodiscard]] std::size_t instruction_count() const;
    [[nodiscard]] const Content& content() const { return *content_; }

private:
    std::shared_ptr<const Content> content_;
};

/// Compiles rules to score accounts. Never fails: what columns cannot do is left to the
/// interpreter.
/// @pre the columns have a column for each fact of the rules; scores fit 32 bits of thousandths;
/// at most 255 levels
[[nodiscard]] Program compile(const rules::RuleSet& rules, const FactColumns& columns);

/// Scores the accounts of the range as engine::evaluate does, bit for bit. Results of each chunk
/// stand where the chunk is in `scores`, or at the beginning when `scores` holds one chunk only.
/// @pre program.fits(columns), `scores` has been resized
void evaluate(
    const Program& program, const FactColumns& columns, RowRange range, ScoreColumns& scores
);

/// Compiles rules to their sums, from which a change of one rule needs that rule only.
[[nodiscard]] Program compile_sums(const rules::RuleSet& rules, const FactColumns& columns);

/// Compiles rules to the question which accounts can be judged at all; evaluate() then leaves the
/// points as they are, and gives the others the lowest level.
[[nodiscard]] Program compile_judged(const rules::RuleSet& rules, const FactColumns& columns);

/// Writes the sums of each chunk of the range to where the chunk is in `sums`, or to the beginning
/// when `sums` holds one chunk only.
/// @pre the program is of compile_sums, it fits, `sums` has been resized
void evaluate_sums(
    const Program& program, const FactColumns& columns, RowRange range, SumColumns& sums
);

} // namespace reviewd::engine::columnar
