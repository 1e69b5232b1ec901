// Everything is counted in integers, so that threads can share the work and the sum is always the
// same: accounts by level, bar of the histogram, or owner, level and cadence.
#include "daemon/service/rules_preview.hpp"

#include "config/loader/rules_places.hpp"
#include "daemon/service/in_parallel.hpp"
#include "daemon/store/portfolio.hpp"
#include "scoring/engine/columnar/cadence_finder.hpp"
#include "scoring/engine/columnar/rule_change.hpp"
#include "scoring/engine/judge.hpp"
#include "scoring/rules/equal_facts.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <numeric>

namespace reviewd::service {
namespace {

namespace columnar = engine::columnar;
using columnar::RowRange;

constexpr rules::Points histogram_bars = 20;

/// The files in force, the draft in its place among them or beside them.
std::vector<config::RulesFile> with_file(
    const rules::RuleSet& rules, const config::RulesFile& draft
) {
    std::vector<config::RulesFile> files = config::split_content("rules in force", rules.content);
    if (files.size() == 1) {
        files.front().name = rules.file_names.empty() ? draft.name : rules.file_names.front();
    }
    if (const auto place = config::find_places(files, {draft}).front()) {
        files[*place] = draft;
    } else {
        files.push_back(draft);
    }
    return files;
}

std::string points_text(const rules::Rule& rule) {
    const auto* constant = std::get_if<rules::Points>(&rule.points);
    return constant != nullptr ? std::to_string(*constant)
                               : "= " + std::get<cel::Expression>(rule.points).source();
}

std::string group_of(const rules::RuleSet& rules, const rules::Rule& rule) {
    return rule.group ? rules.groups[*rule.group].name : std::string{};
}

/// Whether both score alike, but for the caps of their groups.
bool are_alike(
    const rules::RuleSet& before,
    const rules::Rule& old_rule,
    const rules::RuleSet& after,
    const rules::Rule& new_rule
) {
    const bool have_equal_conditions =
        old_rule.when.has_value() == new_rule.when.has_value()
        && (!old_rule.when || old_rule.when->source() == new_rule.when->source());
    return have_equal_conditions && points_text(old_rule) == points_text(new_rule)
           && group_of(before, old_rule) == group_of(after, new_rule);
}

std::vector<std::string> level_names(const rules::RuleSet& rules) {
    std::vector<std::string> names;
    for (const rules::Level& level : rules.levels) {
        names.push_back(level.name);
    }
    return names;
}

/// How many reviews a week each owner has, by number of the owner, times the length of the week.
class Load {
public:
    Load(const rules::RuleSet& rules, const columnar::FactColumns& facts)
        : rules_(rules), finder_(rules, facts), cadence_count_(rules.cadences.size() + 1) {}

    void count(
        const columnar::FactColumns& facts,
        const columnar::ScoreColumns& scores,
        const PortfolioColumns& columns
    ) {
        std::mutex mutex;
        in_parallel(facts.rows(), [&](RowRange range) {
            std::map<PersonId, std::vector<std::int64_t>> own;
            std::vector<std::uint32_t> cadences;
            for (std::size_t row = range.begin; row < range.end; row += columnar::chunk_rows) {
                const RowRange chunk{row, std::min(range.end, row + columnar::chunk_rows)};
                finder_.find(facts, chunk, cadences);
                for (std::size_t i = chunk.begin; i < chunk.end; ++i) {
                    std::vector<std::int64_t>& counts = own[columns.owner(i)];
                    counts.resize(rules_.levels.size() * cadence_count_);
                    ++counts[scores.levels[i] * cadence_count_ + cadences[i - chunk.begin]];
                }
            }
            const std::lock_guard lock{mutex};
            for (const auto& [owner, counts] : own) {
                std::vector<std::int64_t>& sum = counts_[owner];
                sum.resize(counts.size());
                std::transform(
                    counts.begin(), counts.end(), sum.begin(), sum.begin(), std::plus<>{}
                );
            }
        });
    }

    [[nodiscard]] std::map<PersonId, double> weekly() const {
        constexpr double week_days = 7;
        std::map<PersonId, double> weekly;
        for (const auto& [owner, counts] : counts_) {
            double sum = 0;
            for (std::size_t i = 0; i < counts.size(); ++i) {
                const std::size_t cadence = i % cadence_count_;
                const auto rule = cadence == 0 ? std::nullopt : std::optional{cadence - 1};
                const engine::CadenceInForce in_force =
                    engine::refined_cadence(rules_, i / cadence_count_, rule);
                const double lasting = std::max(1.0, approximate_days(in_force.review_every));
                sum += static_cast<double>(counts[i]) * week_days / lasting;
            }
            weekly[owner] = sum;
        }
        return weekly;
    }

    [[nodiscard]] std::int64_t accounts(PersonId owner) const {
        const std::vector<std::int64_t>& counts = counts_.at(owner);
        return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    }

private:
    const rules::RuleSet& rules_;
    columnar::CadenceFinder finder_;
    std::size_t cadence_count_;                            ///< the level's own counts as one
    std::map<PersonId, std::vector<std::int64_t>> counts_; ///< by level and cadence
};

std::vector<std::int64_t> histogram(
    const columnar::ScoreColumns& scores, std::size_t rows, const RulesPreview& preview
) {
    std::vector<std::int64_t> bars(static_cast<std::size_t>(histogram_bars));
    for (std::size_t row = 0; row < rows; ++row) {
        const rules::Points above = scores.points[row] - preview.histogram_from;
        const rules::Points bar =
            std::clamp<rules::Points>(above / preview.histogram_width, 0, histogram_bars - 1);
        ++bars[static_cast<std::size_t>(bar)];
    }
    return bars;
}

/// The facts that stand in the way, the most frequent first.
std::vector<PreviewedRule::Missing> missing_facts(
    const rules::RuleSet& rules, const columnar::RuleUse& use
) {
    std::vector<PreviewedRule::Missing> facts;
    for (const columnar::RuleUse::Missing& missing : use.missing) {
        if (missing.accounts != 0) {
            facts.push_back({rules.facts.facts[missing.slot].name, missing.accounts});
        }
    }
    std::stable_sort(facts.begin(), facts.end(), [](const auto& a, const auto& b) {
        return a.accounts > b.accounts;
    });
    return facts;
}

} // namespace

RuleRemark remark_on(const PreviewedRule& rule, std::int64_t accounts) {
    if (accounts == 0) {
        return RuleRemark::none;
    }
    if (rule.use.judged == 0) {
        return RuleRemark::never_judged;
    }
    if (rule.use.fired == 0) {
        return RuleRemark::never_fires;
    }
    if (rule.use.effective == 0) {
        return rule.has_group ? RuleRemark::idle : RuleRemark::gives_nothing;
    }
    return rule.use.fired == accounts ? RuleRemark::always_fires : RuleRemark::none;
}

RulesPreviewJob::RulesPreviewJob(
    Context& context, PortfolioColumns& columns, std::shared_ptr<const rules::RuleSet> rules
)
    : context_(context), columns_(columns), after_(std::move(rules)) {}

Result<std::unique_ptr<RulesPreviewJob>> RulesPreviewJob::begin(
    Context& context, PortfolioColumns& columns, const config::RulesFile& file
) {
    config::Report report;
    const config::ReadRules read = config::read_rule_files(
        with_file(context.rules(), file), context.rules().schema, config::EndMarker::advised, report
    );
    if (read.rules == nullptr) {
        std::string findings = render(report.diagnostics());
        while (!findings.empty() && findings.back() == '\n') {
            findings.pop_back();
        }
        return fail(ErrorCode::bad_config, std::move(findings));
    }
    return std::make_unique<RulesPreviewJob>(context, columns, read.rules);
}

bool RulesPreviewJob::step(TimePoint now) {
    const Date today = context_.company_day(now);
    if (before_ != context_.configuration.rules) {
        before_ = context_.configuration.rules;
        has_equal_facts_ = rules::have_equal_facts(*before_, *after_);
        reading_.reset();
        own_facts_.reset();
    }
    if (!columns_.are_current(today)) {
        columns_.load_some(today);
        return false;
    }
    if (has_equal_facts_ || own_facts_) {
        return true;
    }
    const int minor_digits = context_.settings().company.minor_digits;
    if (!reading_ || !reading_->is_for(after_, minor_digits, today)) {
        reading_.emplace(after_, minor_digits, today);
    }
    if (reading_->read_some(context_.database)) {
        own_facts_ = reading_->take_facts();
        reading_.reset();
    }
    return own_facts_.has_value();
}

std::optional<std::size_t> RulesPreviewJob::accounts_read() const {
    return reading_ ? std::optional{reading_->accounts_read()} : columns_.accounts_read();
}

const columnar::FactColumns& RulesPreviewJob::facts() const {
    return own_facts_ ? *own_facts_ : columns_.facts();
}

/// The rule that alone is another one; 0 when only caps, range or levels are.
std::optional<std::size_t> RulesPreviewJob::only_changed_rule() const {
    const auto have_equal_names = [](const rules::Group& a, const rules::Group& b) {
        return a.name == b.name;
    };
    const bool is_possible = has_equal_facts_ && !after_->rules.empty()
                             && before_->rules.size() == after_->rules.size()
                             && std::equal(
                                 before_->groups.begin(),
                                 before_->groups.end(),
                                 after_->groups.begin(),
                                 after_->groups.end(),
                                 have_equal_names
                             );
    if (!is_possible) {
        return std::nullopt;
    }
    std::optional<std::size_t> changed;
    for (std::size_t i = 0; i < after_->rules.size(); ++i) {
        if (are_alike(*before_, before_->rules[i], *after_, after_->rules[i])) {
            continue;
        }
        if (changed) {
            return std::nullopt;
        }
        changed = i;
    }
    return changed.value_or(0);
}

columnar::ScoreColumns RulesPreviewJob::new_scores(bool& is_one_rule_only) const {
    columnar::ScoreColumns scores;
    scores.resize(facts().rows());
    const std::optional<std::size_t> changed = only_changed_rule();
    is_one_rule_only = changed.has_value();
    if (changed) {
        const columnar::SumColumns& sums = columns_.sums();
        const columnar::RuleChange change{*before_, *after_, *changed, facts()};
        in_parallel(facts().rows(), [&](RowRange range) {
            change.evaluate(facts(), range, sums, scores);
        });
        return scores;
    }
    const columnar::Program program = columnar::compile(*after_, facts());
    in_parallel(facts().rows(), [&](RowRange range) {
        columnar::evaluate(program, facts(), range, scores);
    });
    return scores;
}

void RulesPreviewJob::compare_levels(
    RulesPreview& preview,
    const columnar::ScoreColumns& scores,
    std::vector<std::uint32_t>& moved_rows
) const {
    preview.levels_before = level_names(*before_);
    preview.levels_after = level_names(*after_);
    preview.matrix.assign(
        preview.levels_before.size(), std::vector<std::int64_t>(preview.levels_after.size())
    );
    const columnar::ScoreColumns& old_scores = columns_.scores();
    for (std::size_t row = 0; row < facts().rows(); ++row) {
        const std::size_t from = old_scores.levels[row];
        const std::size_t to = scores.levels[row];
        ++preview.matrix[from][to];
        if (preview.levels_before[from] != preview.levels_after[to]) {
            moved_rows.push_back(static_cast<std::uint32_t>(row));
        }
    }
    preview.moving = static_cast<std::int64_t>(moved_rows.size());
}

void RulesPreviewJob::list_moves(
    RulesPreview& preview,
    const columnar::ScoreColumns& scores,
    std::vector<std::uint32_t> moved_rows,
    std::size_t most_moves
) const {
    const columnar::ScoreColumns& old_scores = columns_.scores();
    const auto width = [&](std::uint32_t row) {
        const int levels = std::abs(old_scores.levels[row] - scores.levels[row]);
        const int points = std::abs(old_scores.points[row] - scores.points[row]);
        return std::pair{levels, points};
    };
    const auto is_wider = [&](std::uint32_t a, std::uint32_t b) {
        return std::pair{width(b), a} < std::pair{width(a), b};
    };
    const std::size_t count = std::min(most_moves, moved_rows.size());
    const auto end = moved_rows.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(moved_rows.begin(), end, moved_rows.end(), is_wider);
    store::Portfolio portfolio{context_.database, before_->schema};
    for (auto row = moved_rows.begin(); row != end; ++row) {
        PreviewedMove move;
        move.account = facts().accounts()[*row];
        if (const std::optional<store::Account> account = portfolio.account(move.account)) {
            move.key = account->key;
            move.name = account->name;
        }
        const PersonId owner = columns_.owner(*row);
        const std::optional<store::Person> person = owner ? portfolio.person(owner) : std::nullopt;
        move.owner = person ? person->name : "";
        move.from = old_scores.levels[*row];
        move.to = scores.levels[*row];
        move.points_before = old_scores.points[*row];
        move.points_after = scores.points[*row];
        preview.moves.push_back(std::move(move));
    }
}

void RulesPreviewJob::draw_histograms(RulesPreview& preview, const columnar::ScoreColumns& scores)
    const {
    const rules::Points from = std::min(before_->score.smallest, after_->score.smallest);
    const rules::Points to = std::max(before_->score.largest, after_->score.largest);
    constexpr rules::Points step = rules::points_scale * histogram_bars;
    preview.histogram_from = from;
    preview.histogram_width =
        std::max<rules::Points>(1, (to - from + step - 1) / step) * rules::points_scale;
    preview.histogram_before = histogram(columns_.scores(), facts().rows(), preview);
    preview.histogram_after = histogram(scores, facts().rows(), preview);
}

void RulesPreviewJob::weigh_loads(RulesPreview& preview, const columnar::ScoreColumns& scores)
    const {
    Load before{*before_, columns_.facts()};
    Load after{*after_, facts()};
    before.count(columns_.facts(), columns_.scores(), columns_);
    after.count(facts(), scores, columns_);
    store::Portfolio portfolio{context_.database, before_->schema};
    const std::map<PersonId, double> weekly_after = after.weekly();
    for (const auto& [owner, weekly] : before.weekly()) {
        const std::optional<store::Person> person = owner ? portfolio.person(owner) : std::nullopt;
        preview.loads.push_back(
            {person ? person->name : "", before.accounts(owner), weekly, weekly_after.at(owner)}
        );
    }
    std::stable_sort(
        preview.loads.begin(),
        preview.loads.end(),
        [](const PreviewedLoad& a, const PreviewedLoad& b) {
            return std::abs(b.after - b.before) < std::abs(a.after - a.before);
        }
    );
}

std::vector<PreviewedRule::Failure> RulesPreviewJob::failures_of(
    const rules::Rule& rule, const std::vector<std::uint32_t>& rows
) const {
    store::Portfolio portfolio{context_.database, before_->schema};
    std::vector<PreviewedRule::Failure> failures;
    for (const std::uint32_t row : rows) {
        const engine::Judgement judgement = engine::judge(rule, facts().facts(row));
        const auto* const error = judgement.obstacle.get_if<cel::EvaluationError>();
        const store::Account account =
            portfolio.account(facts().accounts()[row]).value_or(store::Account{});
        failures.push_back({account.key, account.name, error == nullptr ? "" : error->message});
    }
    return failures;
}

void RulesPreviewJob::describe_rules(RulesPreview& preview) const {
    std::map<std::string, const rules::Rule*> old_rules;
    for (const rules::Rule& rule : before_->rules) {
        old_rules.emplace(rule.id, &rule);
    }
    const columnar::RuleUses uses{*after_, facts()};
    std::vector<columnar::RuleUse> sums(after_->rules.size());
    std::mutex mutex;
    in_parallel(facts().rows(), [&](RowRange range) {
        const std::vector<columnar::RuleUse> part = uses.count(facts(), range);
        const std::lock_guard lock{mutex};
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i].add(part[i]);
        }
    });
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const rules::Rule& rule = after_->rules[i];
        PreviewedRule shown{
            rule.id, PreviewedRule::Change::none, rule.group.has_value(), sums[i], {}, {}};
        shown.failures = failures_of(rule, sums[i].failed_rows);
        shown.missing = missing_facts(*after_, sums[i]);
        const auto old = old_rules.find(rule.id);
        if (old == old_rules.end()) {
            shown.change = PreviewedRule::Change::added;
        } else {
            if (!are_alike(*before_, *old->second, *after_, rule)) {
                shown.change = PreviewedRule::Change::changed;
            }
            old_rules.erase(old);
        }
        preview.rules.push_back(std::move(shown));
    }
    for (const auto& [id, rule] : old_rules) {
        preview.removed_rules.push_back(id);
    }
}

Result<RulesPreview> RulesPreviewJob::result(std::size_t most_moves) const {
    if (facts().accounts() != columns_.facts().accounts()) {
        return fail(
            ErrorCode::try_later, "accounts came or went while the preview was made; ask again"
        );
    }
    RulesPreview preview;
    preview.accounts = static_cast<std::int64_t>(facts().rows());
    preview.are_facts_changed = !has_equal_facts_;
    const columnar::ScoreColumns scores = new_scores(preview.is_one_rule_only);
    std::vector<std::uint32_t> moved_rows;
    compare_levels(preview, scores, moved_rows);
    list_moves(preview, scores, std::move(moved_rows), most_moves);
    draw_histograms(preview, scores);
    weigh_loads(preview, scores);
    describe_rules(preview);
    return preview;
}

} // namespace reviewd::service
