// The scores come from the same FactDeriver as everywhere, asked for a past day: it cuts the future
// off. What happened afterwards is read from the rows by themselves, and meets the scores only in
// the end.
#include "daemon/service/backtester.hpp"

#include "daemon/service/rules_versions.hpp"
#include "daemon/store/account_reader.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace reviewd::service {
namespace {

constexpr std::size_t backtest_batch = 200;
/// Fewer accounts of either kind, and intervals are wide.
constexpr std::int64_t few_cases = 50;

const cel::Type outcome_type{cel::Type::Kind::boolean, {}};

Result<cel::Expression> read_outcome(const std::string& source, const rules::TableSchema& rows) {
    cel::Environment environment = rules::row_environment(rows);
    environment.declare("is_new", outcome_type);
    auto compiled = cel::compile(source, environment);
    if (compiled.has_error()) {
        const cel::Problem problem = compiled.error().front();
        return fail(
            ErrorCode::usage,
            fmt::format(
                "the outcome `{}`: {}{}",
                escape_controls(source),
                problem.message,
                problem.hint.empty() ? "" : "; " + problem.hint
            )
        );
    }
    if (compiled->type() != outcome_type) {
        return fail(
            ErrorCode::usage,
            fmt::format("the outcome `{}` must be yes or no", escape_controls(source))
        );
    }
    return *compiled;
}

/// What an account bought after the day.
class Afterwards {
public:
    Afterwards(
        const rules::TableSchema& schema, const cel::Expression& outcome, Date day, Date until
    )
        : schema_(schema),
          outcome_(outcome),
          product_(schema.index_of("product").value_or(0)),
          happened_(schema.index_of(rules::ColumnRole::happened).value_or(0)),
          day_(day),
          until_(until) {}

    /// Products of the rows that make the account a hit; absent: it is none.
    [[nodiscard]] std::optional<std::vector<std::string>> bought(
        const std::vector<engine::Record>& rows
    ) {
        std::set<std::string> owned;
        for (const engine::Record& row : rows) {
            const auto date = date_of(row);
            if (date && *date <= day_) {
                owned.insert(product_of(row));
            }
        }
        std::set<std::string> products;
        bool is_hit = false;
        for (const engine::Record& row : rows) {
            const auto date = date_of(row);
            const bool is_within = date && *date > day_ && *date <= until_;
            if (date) {
                last_ = std::max(last_.value_or(*date), *date);
            }
            if (is_within && holds(row, owned.count(product_of(row)) == 0)) {
                is_hit = true;
                products.insert(product_of(row));
            }
        }
        return is_hit ? std::optional{std::vector<std::string>{products.begin(), products.end()}}
                      : std::nullopt;
    }

    /// The last day on which anything was bought at all.
    [[nodiscard]] std::optional<Date> last() const { return last_; }

private:
    [[nodiscard]] std::optional<Date> date_of(const engine::Record& row) const {
        return row.retired ? std::nullopt : engine::to_date(row.values.at(happened_));
    }

    [[nodiscard]] std::string product_of(const engine::Record& row) const {
        const auto* text = row.values.at(product_).get_if<std::string>();
        return text == nullptr ? std::string{} : *text;
    }

    [[nodiscard]] bool holds(const engine::Record& row, bool is_new) {
        const std::size_t columns = schema_.columns.size();
        values_.resize(columns + 2);
        for (std::size_t i = 0; i < columns; ++i) {
            const cel::Value& value = row.values.at(i);
            values_[i] =
                value.is_null() ? cel::Value::unknown(static_cast<std::uint32_t>(i)) : value;
        }
        values_[columns] = engine::to_value(until_);
        values_[columns + 1] = cel::Value::of(is_new);
        const cel::Value answer = cel::evaluate(outcome_, values_);
        const bool* const holds = answer.get_if<bool>();
        return holds != nullptr && *holds;
    }

    const rules::TableSchema& schema_;
    const cel::Expression& outcome_;
    std::size_t product_;
    std::size_t happened_;
    Date day_;
    Date until_;
    std::vector<cel::Value> values_;
    std::optional<Date> last_;
};

std::string column_text(const engine::Record& record, std::optional<std::size_t> column) {
    const auto* text = column ? record.values.at(*column).get_if<std::string>() : nullptr;
    return text == nullptr ? std::string{} : *text;
}

} // namespace

struct Backtester::Run {
    Run(const Context& context, const BacktestView& view, cel::Expression expression)
        : outcome(std::move(expression)),
          reader(
              context.database,
              view.rules->schema,
              context.settings().company.minor_digits,
              std::bitset<rules::table_count>{}.set(),
              view.wish.as_of
          ),
          portfolio(reader.read_context(view.wish.as_of)),
          deriver(*view.rules, portfolio),
          afterwards(
              view.rules->schema[rules::Table::purchases], outcome, view.wish.as_of, view.until
          ),
          known(view.rules->facts.facts.size(), 0) {}

    void add(const store::AccountEntry& entry, BacktestView& view);
    void finish(BacktestView& view) const;
    void warn(BacktestView& view) const;

    cel::Expression outcome;
    store::AccountReader reader;
    engine::PortfolioContext portfolio;
    engine::FactDeriver deriver;
    Afterwards afterwards;
    std::vector<engine::BacktestCase> cases;
    std::vector<std::int64_t> known;
    std::int64_t recorded_later = 0; ///< accounts
    AccountId last;
};

void Backtester::Run::add(const store::AccountEntry& entry, BacktestView& view) {
    const rules::RuleSet& rules = *view.rules;
    const engine::FactRow facts = deriver.derive(entry.records);
    for (std::size_t i = 0; i < known.size(); ++i) {
        known[i] += facts[i].is_plain() ? 1 : 0;
    }
    recorded_later += entry.records.account.recorded > view.wish.as_of ? 1 : 0;
    const engine::Ledger ledger = engine::explain(rules, facts);
    engine::BacktestCase one;
    one.points = ledger.score.points;
    one.level = ledger.score.level;
    one.verdicts.resize(rules.rules.size());
    for (const engine::LedgerLine& line : ledger.lines) {
        if (line.kind == engine::LedgerLine::Kind::rule) {
            one.verdicts.at(line.index) = line.verdict;
        }
    }
    const auto purchases = static_cast<std::size_t>(rules::Table::purchases);
    if (auto bought = afterwards.bought(entry.records.rows[purchases])) {
        one.is_hit = true;
        one.bought = std::move(*bought);
    }
    const rules::TableSchema& accounts = rules.schema[rules::Table::accounts];
    view.accounts.push_back(
        {column_text(entry.records.account, accounts.index_of(rules::ColumnRole::key)),
         column_text(entry.records.account, accounts.index_of("name")),
         one.points,
         one.level,
         one.is_hit,
         one.bought}
    );
    cases.push_back(std::move(one));
}

void Backtester::Run::warn(BacktestView& view) const {
    const engine::BacktestReport& report = view.report;
    const std::int64_t misses = report.all.count - report.all.hits;
    auto& warnings = view.warnings;
    if (report.all.count == 0) {
        warnings.emplace_back("there are no accounts");
        return;
    }
    if (report.all.hits < few_cases || misses < few_cases) {
        warnings.push_back(fmt::format(
            "few cases: of {} {} and {} not; differences within the intervals may well be chance",
            counted(report.all.count, "account", "accounts"),
            counted(report.all.hits, "was a hit", "were hits"),
            counted(misses, "was", "were")
        ));
    }
    if (report.curve && report.curve->interval.low <= 0.5 && report.curve->interval.high >= 0.5) {
        warnings.emplace_back(
            "the interval of the AUC holds 0.5: these data do not show that the score orders "
            "accounts better than chance"
        );
    }
    if (!afterwards.last() || *afterwards.last() < view.until) {
        warnings.push_back(fmt::format(
            "the last purchase known is of {}: what happened until {} may not be known yet",
            afterwards.last() ? to_string(*afterwards.last()) : "no day",
            to_string(view.until)
        ));
    }
    if (recorded_later > 0) {
        warnings.push_back(fmt::format(
            "{} recorded after {}: of their columns only the timeless ones count",
            counted(recorded_later, "account was", "accounts were"),
            to_string(view.wish.as_of)
        ));
    }
    warnings.emplace_back(
        "rules written with knowledge of what happened afterwards look better than they are"
    );
}

void Backtester::Run::finish(BacktestView& view) const {
    const std::size_t bands = view.wish.bands.value_or(engine::sensible_bands(cases.size()));
    view.report = engine::evaluate_backtest(*view.rules, cases, bands);
    std::stable_sort(view.accounts.begin(), view.accounts.end(), [](const auto& a, const auto& b) {
        return a.points > b.points;
    });
    for (std::size_t i = 0; i < known.size(); ++i) {
        const rules::Fact& fact = view.rules->facts.facts[i];
        const bool is_built_in = std::holds_alternative<rules::BuiltIn>(fact.form);
        if (!is_built_in && known[i] < static_cast<std::int64_t>(cases.size())) {
            view.known.emplace_back(fact.name, known[i]);
        }
    }
    warn(view);
}

Backtester::Backtester(const Context& context) : context_(context) {}

Backtester::~Backtester() = default;

bool Backtester::is_busy() const {
    return run_ != nullptr;
}

Result<void> Backtester::begin(BacktestWish wish, TimePoint now) {
    if (run_ != nullptr) {
        return fail(ErrorCode::try_later, "another backtest is under way; try again in a moment");
    }
    const Date today = context_.company_day(now);
    if (wish.as_of >= today) {
        return fail(
            ErrorCode::usage,
            fmt::format("a backtest is as of a past day, before {}", to_string(today))
        );
    }
    if (wish.horizon.count == 0 || wish.horizon.unit == Period::Unit::working_days) {
        return fail(
            ErrorCode::usage, "the horizon is a number of days, weeks, months or years, 180d or 6m"
        );
    }
    BacktestView view;
    view.until = add(wish.as_of, wish.horizon);
    view.rules = context_.configuration.rules;
    if (!wish.files.empty()) {
        const auto active = store::RulesVersions{context_.database}.active();
        auto files =
            active ? files_of(context_.database, active->id) : std::vector<config::RulesFile>{};
        replace_files(files, wish.files);
        config::Report report;
        const auto configuration =
            config::with_rules(context_.configuration, files, config::AgendaFit::left_out, report);
        if (!configuration) {
            return fail(ErrorCode::bad_data, render(report.diagnostics()));
        }
        view.rules = configuration->rules;
    }
    auto outcome = read_outcome(wish.outcome, view.rules->schema[rules::Table::purchases]);
    if (!outcome.has_value()) {
        return outcome.error();
    }
    view.wish = std::move(wish);
    result_ = std::move(view);
    run_ = std::make_unique<Run>(context_, *result_, std::move(*outcome));
    return {};
}

void Backtester::step() {
    const auto entries = run_->reader.read_after(run_->last, backtest_batch);
    for (const store::AccountEntry& entry : entries) {
        run_->add(entry, *result_);
    }
    if (entries.size() == backtest_batch) {
        run_->last = entries.back().id;
        return;
    }
    run_->finish(*result_);
    run_.reset();
}

} // namespace reviewd::service
