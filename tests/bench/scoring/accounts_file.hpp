#pragma once

#include "scoring/engine/facts.hpp"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::bench {

/// The built-in schema with the columns of the workload added to accounts.
[[nodiscard]] rules::Schema workload_schema();

/// The rules of the workload, read from daemon/ctl/bench_rules.yaml.
[[nodiscard]] rules::RuleSet workload_rules();

/// The same with as many rules as asked for, each 50 with other numbers than those before.
[[nodiscard]] rules::RuleSet many_rules(std::size_t count);

/// Facts of one line of the file.
class AccountsFile {
public:
    AccountsFile(const std::string& file, const rules::RuleSet& rules);
    ~AccountsFile();
    AccountsFile(const AccountsFile&) = delete;
    AccountsFile& operator=(const AccountsFile&) = delete;

    /// @returns whether there was one more
    [[nodiscard]] bool next();
    [[nodiscard]] std::int64_t number() const { return number_; }
    [[nodiscard]] const engine::FactRow& facts() const { return facts_; }

private:
    std::FILE* file_;
    std::int64_t number_ = 0;
    engine::FactRow facts_;
    std::vector<std::pair<std::uint32_t, rules::FactType>> fields_; ///< slot and type by column
    std::vector<char> line_;
};

} // namespace reviewd::bench
