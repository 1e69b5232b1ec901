// Each rule becomes, whichever is cheapest: a constant; a table by code when it reads one coded
// fact; a mask with constant or computed points; or an instruction that interprets it. Then points
// are added up by group, in the largest unit that divides all of them.
#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/expression_compiler.hpp"
#include "scoring/engine/columnar/lanes.hpp"
#include "scoring/engine/columnar/point_sums.hpp"
#include "scoring/engine/columnar/program_content.hpp"
#include "scoring/engine/columnar/rule_slots.hpp"
#include "scoring/engine/judge.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace reviewd::engine::columnar {
namespace {

using rules::Points;

/// Interprets a rule for each account of the chunk. Constant 0: the unit of its output. The second
/// output is where it could be judged.
void interpret(const Instruction& instruction, const Frame& frame) {
    const auto& interpreted = *static_cast<const InterpretedRule*>(instruction.table);
    const std::vector<Column>& columns = frame.columns->columns();
    auto* out = as<std::int64_t>(frame.values[instruction.output]);
    auto* is_judged = as<std::uint8_t>(frame.values[instruction.output + 1]);
    std::fill_n(out, chunk_rows, 0);
    std::fill_n(is_judged, chunk_rows, std::uint8_t{0});
    const std::size_t end = std::min(chunk_rows, frame.columns->rows() - frame.first_row);
    FactRow facts(columns.size());
    for (std::size_t i = 0; i < end; ++i) {
        for (const std::uint32_t slot : interpreted.slots) {
            facts[slot] = columns[slot].value(frame.first_row + i, slot);
        }
        const Judgement judgement = judge(interpreted.rule, facts);
        out[i] = judgement.points / instruction.constants[0];
        is_judged[i] = mask_of(judgement.verdict != LedgerLine::Verdict::cannot_be_judged);
    }
}

enum class Results { scores, sums, judged };

class RuleCompiler {
public:
    RuleCompiler(const rules::RuleSet& rules, const FactColumns& columns)
        : rules_(rules),
          columns_(columns),
          evaluator_(columns),
          masks_(assembler_, columns),
          numbers_(assembler_, masks_, columns),
          expressions_(evaluator_, masks_, numbers_),
          sums_(rules.groups.size() + 1),
          content_(std::make_shared<Program::Content>()) {}

    std::shared_ptr<const Program::Content> compile(Results results) {
        for (const rules::Rule& rule : rules_.rules) {
            for (const std::uint32_t slot : slots_of(rule)) {
                content_->revisions[slot] = columns_.revision(slot);
            }
        }
        for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
            add(i);
        }
        judge_codes();
        find_unit();
        interpret_rest();
        if (results == Results::scores) {
            emit_scores();
            emit_judged();
        } else if (results == Results::sums) {
            emit_sums();
        } else {
            emit_judged();
        }
        content_->code = assembler_.finish();
        return content_;
    }

private:
    [[nodiscard]] Reads reads_of(const rules::Rule& rule) {
        Reads reads;
        for (const std::uint32_t slot : slots_of(rule)) {
            if (!columns_.columns()[slot].is_constant()) {
                reads = joined(reads, {Reads::Number::one, slot});
            }
        }
        return reads;
    }

    [[nodiscard]] PointSums& sums_of(const rules::Rule& rule) {
        return sums_[rule.group ? *rule.group + 1 : 0];
    }

    void add(std::size_t index) {
        const rules::Rule& rule = rules_.rules[index];
        const Reads reads = reads_of(rule);
        if (reads.number == Reads::Number::none) {
            const CodePoints judged = evaluator_.judge_constant(rule);
            sums_of(rule).add(judged.points[0]);
            judged_.push_back(judged.is_judged[0] != 0 ? all_rows : no_rows);
        } else if (reads.number == Reads::Number::one && columns_.columns()[reads.slot].encoding == Encoding::coded) {
            add_table(rule, reads.slot);
        } else if (const std::string reason = add_general(rule); !reason.empty()) {
            content_->fallbacks.push_back({index, reason});
        }
    }

    void add_table(const rules::Rule& rule, std::uint32_t slot) {
        const CodePoints judged = evaluator_.judge(rule, slot);
        sums_of(rule).add(slot, judged.points);
        const auto [found, is_first] = judged_codes_.try_emplace(slot, judged.is_judged);
        for (std::size_t code = 0; code < judged.is_judged.size() && !is_first; ++code) {
            found->second[code] |= judged.is_judged[code];
        }
    }

    /// @returns why it cannot be done, or nothing
    [[nodiscard]] std::string add_general(const rules::Rule& rule) {
        for (const std::uint32_t slot : slots_of(rule)) {
            if (!evaluator_.is_light(slot)) {
                return "it reads texts or lists that are very long";
            }
        }
        Condition holds{all_rows, no_rows};
        if (rule.when) {
            const std::optional<Condition> condition = expressions_.condition(*rule.when);
            if (!condition) {
                return expressions_.reason();
            }
            holds = *condition;
        }
        if (const auto* constant = std::get_if<Points>(&rule.points)) {
            sums_of(rule).add(holds.yes, *constant);
            judged_.push_back(masks_.any_of({holds.yes, holds.no}));
            return {};
        }
        const auto number = expressions_.number(std::get<cel::Expression>(rule.points));
        if (!number || number->is_date) {
            return number ? "its points are a date" : expressions_.reason();
        }
        const Numbers::Points points = numbers_.points(*number);
        const Mask fires = masks_.all_of({holds.yes, points.is_known});
        sums_of(rule).add(fires, points.value, Lane::integer, largest_points);
        has_computed_points_ = true;
        judged_.push_back(masks_.any_of({holds.no, fires}));
        return {};
    }

    void judge_codes() {
        for (const auto& [slot, set] : judged_codes_) {
            judged_.push_back(masks_.of_codes(slot, set));
        }
    }

    void find_unit() {
        unit_ = has_computed_points_ ? 1 : 0;
        for (const Fallback& fallback : content_->fallbacks) {
            const auto* constant = std::get_if<Points>(&rules_.rules[fallback.rule].points);
            unit_ = std::gcd(unit_, constant != nullptr ? *constant : 1);
        }
        for (const PointSums& sums : sums_) {
            unit_ = sums.unit(unit_);
        }
        for (const rules::Group& group : rules_.groups) {
            unit_ = std::gcd(unit_, group.cap);
        }
        const rules::ScoreRange& range = rules_.score;
        unit_ = std::gcd(std::gcd(unit_, range.base), std::gcd(range.smallest, range.largest));
        unit_ = std::max<Points>(unit_, 1);
    }

    void interpret_rest() {
        for (const Fallback& fallback : content_->fallbacks) {
            const rules::Rule& rule = rules_.rules[fallback.rule];
            auto interpreted =
                std::make_unique<const InterpretedRule>(InterpretedRule{rule, slots_of(rule)});
            Step step;
            step.run = &interpret;
            step.width = sizeof(Points);
            step.second_width = 1;
            step.environment = interpreted.get();
            step.constants = {unit_};
            content_->interpreted.push_back(std::move(interpreted));
            const ValueId value = assembler_.emit(std::move(step));
            const auto* constant = std::get_if<Points>(&rule.points);
            const Points most = constant != nullptr ? std::abs(*constant) : largest_points;
            sums_of(rule).add(all_rows, value, Lane::long_integer, most);
            judged_.push_back({Mask::Kind::some, value + 1});
        }
    }

    [[nodiscard]] Lane lane_of_sums() const {
        const rules::ScoreRange& range = rules_.score;
        Points bound = std::abs(range.base) + std::abs(range.smallest) + std::abs(range.largest);
        for (const PointSums& sums : sums_) {
            bound += sums.bound();
        }
        for (const rules::Group& group : rules_.groups) {
            bound += group.cap;
        }
        for (const rules::Level& level : rules_.levels) {
            bound += std::abs(level.from) + unit_;
        }
        return narrowest_lane(-bound / unit_ - 1, bound / unit_ + 1);
    }

    [[nodiscard]] ValueId zero(Lane lane) {
        Step step;
        step.run = fill_kernel(lane);
        step.width = width_of(lane);
        step.constants = {0};
        return assembler_.emit(std::move(step));
    }

    /// What a group adds: its sum, kept within the cap.
    [[nodiscard]] PointSums::Sum capped(std::size_t group, Lane lane) {
        PointSums::Sum sum = sums_[group + 1].emit(assembler_, masks_, columns_, unit_, lane);
        const Points cap = rules_.groups[group].cap / unit_;
        if (!sum.value) {
            return {std::nullopt, std::clamp(sum.constant, -cap, cap)};
        }
        Step step;
        step.run = cap_kernel(lane);
        step.width = width_of(lane);
        step.inputs = {*sum.value};
        step.constants = {sum.constant, cap};
        return {assembler_.emit(std::move(step)), 0};
    }

    void emit_scores() {
        const Lane lane = lane_of_sums();
        PointSums::Sum total = sums_[0].emit(assembler_, masks_, columns_, unit_, lane);
        ValueId value = total.value ? *total.value : zero(lane);
        for (std::size_t group = 0; group < rules_.groups.size(); ++group) {
            const PointSums::Sum sum = capped(group, lane);
            total.constant += sum.constant;
            if (sum.value) {
                Step step;
                step.run = sum_kernel(lane, lane, 2);
                step.width = width_of(lane);
                step.inputs = {value, *sum.value};
                value = assembler_.emit(std::move(step));
            }
        }
        const rules::ScoreRange& range = rules_.score;
        Step step;
        step.run = finish_kernel(lane);
        step.width = 0;
        step.inputs = {value};
        step.constants = {
            total.constant + range.base / unit_,
            range.smallest / unit_,
            range.largest / unit_,
            unit_};
        append_edges(step.constants);
        assembler_.emit(std::move(step));
    }

    /// The first level whose edge is reached counts, so an edge lies no higher than those above it.
    void append_edges(std::vector<std::int64_t>& constants) const {
        constants.push_back(static_cast<std::int64_t>(rules_.levels.size()) - 1);
        Points lowest = std::numeric_limits<Points>::max();
        for (std::size_t level = 0; level + 1 < rules_.levels.size(); ++level) {
            lowest = std::min(lowest, rules_.levels[level].from);
            const Points down = lowest / unit_;
            constants.push_back(down * unit_ < lowest ? down + 1 : down);
        }
    }

    void emit_judged() {
        const Mask judged = rules_.rules.empty() ? all_rows : masks_.any_of(judged_);
        if (judged.is_all()) {
            return;
        }
        Step step;
        step.run = judged_kernel();
        step.width = 0;
        step.constants = {static_cast<std::int64_t>(rules_.levels.size()) - 1};
        if (judged.is_none()) {
            Step none;
            none.run = range_kernel(1); // 0 within 1 … 1
            none.inputs = {zero(Lane::short_integer)};
            none.constants = {1, 0};
            step.inputs = {masks_.of_step(std::move(none)).value};
        } else {
            step.inputs = {judged.value};
        }
        assembler_.emit(std::move(step));
    }

    void emit_sums() {
        const Lane lane = lane_of_sums();
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            const PointSums::Sum sum = sums_[i].emit(assembler_, masks_, columns_, unit_, lane);
            Step step;
            step.run = store_sum_kernel(lane);
            step.width = 0;
            step.inputs = {sum.value ? *sum.value : zero(lane)};
            step.constants = {static_cast<std::int64_t>(i), sum.constant, unit_};
            assembler_.emit(std::move(step));
        }
    }

    const rules::RuleSet& rules_;
    const FactColumns& columns_;
    Assembler assembler_;
    CodeEvaluator evaluator_;
    Masks masks_;
    Numbers numbers_;
    ExpressionCompiler expressions_;
    std::vector<PointSums> sums_; ///< first of the rules without a group
    std::vector<Mask> judged_;    ///< of each rule, where it can be judged
    std::map<std::uint32_t, std::vector<std::uint8_t>> judged_codes_;
    bool has_computed_points_ = false;
    Points unit_ = 1;
    std::shared_ptr<Program::Content> content_;
};

void check(const rules::RuleSet& rules, const FactColumns& columns) {
    using Bounds = std::numeric_limits<std::int32_t>;
    REVIEWD_ASSERT(columns.columns().size() >= rules.facts.facts.size());
    REVIEWD_ASSERT(!rules.levels.empty() && rules.levels.size() <= 255);
    REVIEWD_ASSERT(rules.score.smallest >= Bounds::min() && rules.score.largest <= Bounds::max());
}

} // namespace

Program compile(const rules::RuleSet& rules, const FactColumns& columns) {
    check(rules, columns);
    return Program{RuleCompiler{rules, columns}.compile(Results::scores)};
}

Program compile_sums(const rules::RuleSet& rules, const FactColumns& columns) {
    check(rules, columns);
    return Program{RuleCompiler{rules, columns}.compile(Results::sums)};
}

Program compile_judged(const rules::RuleSet& rules, const FactColumns& columns) {
    check(rules, columns);
    return Program{RuleCompiler{rules, columns}.compile(Results::judged)};
}

} // namespace reviewd::engine::columnar
