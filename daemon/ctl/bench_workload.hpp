#pragma once

#include "scoring/engine/columnar/program.hpp"
#include "scoring/rules/rule_set.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace reviewd::ctl {

/// The scoring workload that other engines are measured by, too: 20 facts, 50 rules, and accounts
/// that the same numbers make anywhere.
struct BenchWorkload {
    rules::RuleSet rules;
    engine::columnar::FactColumns columns;
    engine::FactRow first; ///< facts of the first account
};

/// bench_rules.yaml, compiled in.
[[nodiscard]] std::string bench_rules_text();

[[nodiscard]] BenchWorkload make_bench_workload(std::size_t accounts);

/// `count` rules like those of the workload, each with a bound of its own.
[[nodiscard]] rules::RuleSet many_bench_rules(const rules::RuleSet& rules, std::size_t count);

/// Over account, score and level; any engine that scores right comes to the same.
[[nodiscard]] std::uint64_t bench_checksum(
    const engine::columnar::FactColumns& columns, const engine::columnar::ScoreColumns& scores
);
/// What it has to be; nothing for numbers of accounts that nobody has worked out.
[[nodiscard]] std::optional<std::uint64_t> expected_bench_checksum(std::size_t accounts);

} // namespace reviewd::ctl
