// The scoring workload: 20 facts and 50 rules over accounts that the peers' generator made.
// Measures nothing unless the scores are right, by the checksum over all accounts.
//
// usage: scoring_bench ACCOUNTS_CSV [--benchmark_…]
#include "scoring/engine/columnar/rule_change.hpp"
#include "tests/bench/scoring/accounts_file.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <thread>

namespace reviewd::bench {
namespace {

using namespace engine::columnar;

struct Workload {
    rules::RuleSet rules = workload_rules();
    FactColumns columns;
    engine::FactRow first;

    explicit Workload(const std::string& file) {
        AccountsFile accounts{file, rules};
        FactColumnsBuilder builder{rules.facts.facts.size()};
        while (accounts.next()) {
            builder.add(AccountId{accounts.number()}, accounts.facts());
            first = first.empty() ? accounts.facts() : first;
        }
        columns = builder.finish();
    }
};

ScoreColumns scores_for(const Workload& workload) {
    ScoreColumns scores;
    scores.resize(workload.columns.rows());
    return scores;
}

/// As the peers compute it: over number, twice the score, and the level counted from the lowest.
std::uint64_t checksum(const Workload& workload, const ScoreColumns& scores) {
    std::uint64_t sum = 0;
    for (std::size_t row = 0; row < workload.columns.rows(); ++row) {
        const auto id = static_cast<std::uint32_t>(workload.columns.accounts()[row].value);
        const auto halves = static_cast<std::uint32_t>(scores.points[row] / 500);
        const std::uint32_t level = 2U - scores.levels[row];
        sum += (id * 0x9E3779B1U) ^ ((halves * 4 + level + 7) * 0x85EBCA6BU);
    }
    return sum;
}

std::uint64_t expected_checksum(std::size_t rows) {
    constexpr std::array<std::pair<std::size_t, std::uint64_t>, 3> known{
        {{10'000, 21'211'610'295'245U},
         {100'000, 214'431'946'587'954U},
         {1'000'000, 2'145'366'915'113'478U}}};
    for (const auto& [count, sum] : known) {
        if (count == rows) {
            return sum;
        }
    }
    return 0;
}

/// Prints what the columns are like. @returns whether the checksum is right
bool check(const Workload& workload) {
    const Program program = compile(workload.rules, workload.columns);
    ScoreColumns scores = scores_for(workload);
    const std::size_t rows = workload.columns.rows();
    evaluate(program, workload.columns, {0, rows}, scores);
    const std::uint64_t sum = checksum(workload, scores);
    std::fprintf(
        stderr,
        "%zu accounts, %.1f bytes each, %zu instructions, %zu fallbacks, checksum %llu %s\n",
        rows,
        static_cast<double>(workload.columns.bytes()) / static_cast<double>(rows),
        program.instruction_count(),
        program.fallbacks().size(),
        static_cast<unsigned long long>(sum),
        sum == expected_checksum(rows) ? "as expected" : "WRONG"
    );
    return sum == expected_checksum(rows);
}

void evaluate_all(benchmark::State& state, const Workload& workload) {
    const Program program = compile(workload.rules, workload.columns);
    ScoreColumns scores = scores_for(workload);
    const std::size_t rows = workload.columns.rows();
    const auto threads = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        std::vector<std::thread> others;
        const std::size_t share = rows / threads / chunk_rows * chunk_rows;
        for (std::size_t i = 1; i < threads; ++i) {
            const RowRange range{i * share, i + 1 == threads ? rows : (i + 1) * share};
            others.emplace_back([&, range] { evaluate(program, workload.columns, range, scores); });
        }
        evaluate(program, workload.columns, {0, threads == 1 ? rows : share}, scores);
        for (std::thread& other : others) {
            other.join();
        }
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(rows) * state.iterations());
}

/// As a preview does it: compile the changed rule, score all accounts, count scores and moves.
void change_one_rule(benchmark::State& state, const Workload& workload) {
    const std::size_t rows = workload.columns.rows();
    ScoreColumns before = scores_for(workload);
    ScoreColumns after = scores_for(workload);
    SumColumns sums;
    sums.resize(rows, workload.rules.groups.size());
    evaluate(compile(workload.rules, workload.columns), workload.columns, {0, rows}, before);
    const Program sums_program = compile_sums(workload.rules, workload.columns);
    evaluate_sums(sums_program, workload.columns, {0, rows}, sums);
    rules::RuleSet changed = workload.rules;
    const auto index = static_cast<std::size_t>(state.range(0));
    changed.rules[index].points = rules::Points{7500};
    for (auto _ : state) {
        const RuleChange change{workload.rules, changed, index, workload.columns};
        change.evaluate(workload.columns, {0, rows}, sums, after);
        std::array<std::array<std::uint32_t, 101>, 4> histograms{};
        std::array<std::uint32_t, 16> moves{};
        for (std::size_t row = 0; row < rows; ++row) {
            ++histograms[row % 4][static_cast<std::size_t>(after.points[row] / 1000)];
            ++moves[before.levels[row] * 4U + after.levels[row]];
        }
        benchmark::DoNotOptimize(histograms);
        benchmark::DoNotOptimize(moves);
    }
}

void compile_rules(benchmark::State& state, const Workload& workload) {
    const rules::RuleSet rules = many_rules(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(compile(rules, workload.columns));
    }
}

void explain_one(benchmark::State& state, const Workload& workload) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(engine::explain(workload.rules, workload.first));
    }
}

int run(int argument_count, char** arguments) {
    benchmark::Initialize(&argument_count, arguments);
    if (argument_count != 2) {
        std::fprintf(stderr, "usage: scoring_bench ACCOUNTS_CSV [--benchmark_filter=…]\n");
        return 64;
    }
    const Workload workload{arguments[1]};
    if (!check(workload)) {
        return 1;
    }
    const auto add = [&](const char* name, auto* measure) {
        return benchmark::RegisterBenchmark(
                   name, [&workload, measure](benchmark::State& state) { measure(state, workload); }
        )
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
    };
    add("evaluate", &evaluate_all)->Arg(1)->Arg(2);
    add("change_one_rule", &change_one_rule)->Arg(4)->Arg(48);
    add("compile", &compile_rules)->Arg(50)->Arg(5000);
    add("explain", &explain_one)->Unit(benchmark::kMicrosecond);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

} // namespace
} // namespace reviewd::bench

int main(int argument_count, char** arguments) {
    return reviewd::bench::run(argument_count, arguments);
}
