// Each figure is the median of several rounds. Rounds of what is compared alternate, so that a
// noisy machine is noisy for both.
#include "daemon/ctl/bench_workload.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/runtime/stopwatch.hpp"
#include "daemon/service/in_parallel.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/engine/columnar/rule_change.hpp"
#include "scoring/engine/score.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <ostream>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
namespace columnar = engine::columnar;

struct BenchOptions {
    std::size_t accounts = 1'000'000;
    std::size_t rounds = 9;
};

struct BenchLine {
    std::string what;
    double median = 0; ///< milliseconds
    double fastest = 0;
    double slowest = 0;
    std::string compared; ///< a ratio, or a rate
    std::string target;
};

using Times = std::vector<double>;

double median_of(Times times) {
    std::sort(times.begin(), times.end());
    const std::size_t middle = times.size() / 2;
    return times.size() % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
}

BenchLine bench_line(
    std::string what, const Times& times, std::string compared, std::string target
) {
    const auto [fastest, slowest] = std::minmax_element(times.begin(), times.end());
    return {
        std::move(what),
        median_of(times),
        *fastest,
        *slowest,
        std::move(compared),
        std::move(target)};
}

double time_of(const std::function<void()>& work) {
    const runtime::Stopwatch watch;
    work();
    return watch.milliseconds();
}

/// One run of the whole benchmark.
class Bench {
public:
    explicit Bench(const BenchOptions& options)
        : options_{options},
          workload_{make_bench_workload(options.accounts)},
          program_{columnar::compile(workload_.rules, workload_.columns)} {
        scores_.resize(options.accounts);
    }

    [[nodiscard]] std::uint64_t checksum() {
        columnar::evaluate(program_, workload_.columns, {0, options_.accounts}, scores_);
        return bench_checksum(workload_.columns, scores_);
    }

    [[nodiscard]] double bytes_per_account() const {
        return static_cast<double>(workload_.columns.bytes())
               / static_cast<double>(options_.accounts);
    }

    [[nodiscard]] std::vector<BenchLine> run() {
        measure_evaluation();
        measure_change();
        measure_compilation(50, "at most 5 ms");
        measure_compilation(5000, "at most 500 ms");
        measure_explanation();
        return std::move(lines_);
    }

private:
    void measure_evaluation() {
        Times one;
        Times two;
        Times interpreted;
        const std::size_t sample = std::min<std::size_t>(options_.accounts, 2000);
        const auto evaluate_on = [&](std::size_t threads) {
            service::in_parallel(options_.accounts, threads, [&](columnar::RowRange range) {
                columnar::evaluate(program_, workload_.columns, range, scores_);
            });
        };
        for (std::size_t round = 0; round < options_.rounds; ++round) {
            one.push_back(time_of([&] { evaluate_on(1); }));
            two.push_back(time_of([&] { evaluate_on(2); }));
            interpreted.push_back(time_of([&] { interpret(sample); }));
        }
        const double rate = static_cast<double>(options_.accounts) / median_of(one) / 1000;
        const double by_interpreter = median_of(interpreted) / static_cast<double>(sample)
                                      * static_cast<double>(options_.accounts);
        lines_.push_back(bench_line(
            "score all, one thread", one, fmt::format("{:.1f} million accounts/s", rate), ""
        ));
        lines_.push_back(bench_line(
            "score all, two threads",
            two,
            fmt::format("{:.2f} times as fast as one", median_of(one) / median_of(two)),
            "at least 1.6 times"
        ));
        lines_.push_back(bench_line(
            fmt::format("interpret {} accounts", sample),
            interpreted,
            fmt::format("{:.0f} times the columns' time", by_interpreter / median_of(one)),
            ""
        ));
    }

    void interpret(std::size_t sample) {
        for (std::size_t row = 0; row < sample; ++row) {
            const engine::Score score =
                engine::evaluate(workload_.rules, workload_.columns.facts(row));
            kept_ += score.points;
        }
    }

    /// As a preview does it: compile the rule, score all accounts, count scores and moves.
    void measure_change() {
        columnar::SumColumns sums;
        sums.resize(options_.accounts, workload_.rules.groups.size());
        const columnar::Program program =
            columnar::compile_sums(workload_.rules, workload_.columns);
        columnar::evaluate_sums(program, workload_.columns, {0, options_.accounts}, sums);
        columnar::ScoreColumns after;
        after.resize(options_.accounts);
        rules::RuleSet changed = workload_.rules;
        const std::size_t index = changed.rules.size() / 2;
        changed.rules[index].points = rules::Points{7500};
        Times times;
        for (std::size_t round = 0; round < options_.rounds; ++round) {
            times.push_back(time_of([&] {
                const columnar::RuleChange change{
                    workload_.rules, changed, index, workload_.columns};
                change.evaluate(workload_.columns, {0, options_.accounts}, sums, after);
                count_moves(after);
            }));
        }
        lines_.push_back(bench_line("change one rule", times, "", "at most 20 ms"));
    }

    void count_moves(const columnar::ScoreColumns& after) {
        std::array<std::int64_t, 101> bars{};
        std::array<std::int64_t, 16> moves{};
        for (std::size_t row = 0; row < options_.accounts; ++row) {
            ++bars.at(static_cast<std::size_t>(after.points[row] / rules::points_scale));
            ++moves.at(scores_.levels[row] * 4U + after.levels[row]);
        }
        kept_ += bars[0] + moves[1];
    }

    void measure_compilation(std::size_t count, std::string target) {
        const rules::RuleSet rules = many_bench_rules(workload_.rules, count);
        Times times;
        for (std::size_t round = 0; round < options_.rounds; ++round) {
            times.push_back(time_of([&] {
                const columnar::Program program = columnar::compile(rules, workload_.columns);
                kept_ += static_cast<std::int64_t>(program.instruction_count());
            }));
        }
        lines_.push_back(
            bench_line(fmt::format("compile {} rules", count), times, "", std::move(target))
        );
    }

    void measure_explanation() {
        constexpr std::size_t repeats = 200;
        Times times;
        for (std::size_t round = 0; round < options_.rounds; ++round) {
            const double all = time_of([&] {
                for (std::size_t i = 0; i < repeats; ++i) {
                    const engine::Ledger ledger = engine::explain(workload_.rules, workload_.first);
                    kept_ += ledger.score.points;
                }
            });
            times.push_back(all / repeats);
        }
        lines_.push_back(bench_line("explain one account", times, "", "at most 0.05 ms"));
    }

    BenchOptions options_;
    BenchWorkload workload_;
    columnar::Program program_;
    columnar::ScoreColumns scores_;
    std::vector<BenchLine> lines_;
    std::int64_t kept_ = 0; ///< results flow into it, so that no work can be left out
};

void show_bench(const std::vector<BenchLine>& lines, const Terminal& terminal) {
    using Align = Table::Align;
    Table table{{
        {"what"},
        {"median ms", Align::right},
        {"fastest", Align::right},
        {"slowest", Align::right},
        {"compared"},
        {"target"},
    }};
    for (const BenchLine& line : lines) {
        table.add(
            {line.what,
             {fmt::format("{:.3f}", line.median), Style::strong},
             fmt::format("{:.3f}", line.fastest),
             fmt::format("{:.3f}", line.slowest),
             line.compared,
             line.target}
        );
    }
    *terminal.out().stream << table.render(terminal.out());
}

json::array bench_json(const std::vector<BenchLine>& lines) {
    json::array array;
    for (const BenchLine& line : lines) {
        array.push_back(json::object{
            {"what", line.what},
            {"median_ms", line.median},
            {"fastest_ms", line.fastest},
            {"slowest_ms", line.slowest},
            {"compared", line.compared},
            {"target", line.target},
        });
    }
    return array;
}

/// `--json`: the shape `bench` of reviewctl-json(5)
int bench(const BenchOptions& options, const Invocation& invocation) {
    const Terminal& terminal = invocation.terminal;
    Bench measured{options};
    const std::uint64_t checksum = measured.checksum();
    const std::optional<std::uint64_t> expected = expected_bench_checksum(options.accounts);
    if (expected && *expected != checksum) {
        return invocation.failed(fail(
            ErrorCode::internal,
            fmt::format("scores are wrong: checksum {}, expected {}", checksum, *expected)
        ));
    }
    const std::vector<BenchLine> lines = measured.run();
    if (invocation.options.is_json) {
        invocation.show_json(json::object{
            {"accounts", options.accounts},
            {"rounds", options.rounds},
            {"checksum", checksum},
            {"is_right", expected ? json::value(true) : json::value(nullptr)},
            {"bytes_per_account", measured.bytes_per_account()},
            {"figures", bench_json(lines)},
        });
        return 0;
    }
    terminal.line(fmt::format(
        "{} of 20 facts, 50 rules; {:.0f} bytes an account; checksum {}{}",
        counted(options.accounts, "account", "accounts"),
        measured.bytes_per_account(),
        checksum,
        expected ? ", as every engine has it" : ""
    ));
    show_bench(lines, terminal);
    return 0;
}

} // namespace

void add_bench_command(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<BenchOptions>();
    CLI::App* const command =
        app.add_subcommand("bench", "how fast scoring is here; needs no daemon and no database");
    command->add_option("--accounts", options->accounts, "how many accounts to make up")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
    command->add_option("--rounds", options->rounds, "rounds of which the median is shown")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return bench(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
