#include "tests/bench/scoring/accounts_file.hpp"

#include "config/loader/configuration.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace reviewd::bench {
namespace {

/// Facts in the order of the file's columns, after the number of the account.
constexpr std::array<const char*, 20> columns{
    "annual_revenue",
    "budget_remaining",
    "employees",
    "products_owned",
    "product_catalogue_share",
    "months_since_last_purchase",
    "replacement_months",
    "customer_years",
    "open_complaints",
    "satisfaction",
    "competitor_contact",
    "referrals",
    "segment",
    "region",
    "industry",
    "vip",
    "renewal_in_days",
    "review_days",
    "discount_rate",
    "owner"};

rules::ColumnType column_type(const std::string& name) {
    for (const char* text : {"segment", "region", "industry", "owner"}) {
        if (name == text) {
            return rules::ColumnType::text;
        }
    }
    if (name == "vip" || name == "competitor_contact") {
        return rules::ColumnType::boolean;
    }
    if (name == "annual_revenue" || name == "budget_remaining") {
        return rules::ColumnType::money;
    }
    const bool is_real = name == "product_catalogue_share" || name == "customer_years"
                         || name == "satisfaction" || name == "discount_rate";
    return is_real ? rules::ColumnType::number : rules::ColumnType::integer;
}

template <class T>
cel::Value number_of(std::string_view text) {
    T number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return cel::Value::of(number);
}

cel::Value value_of(std::string_view text, rules::FactType type, std::uint32_t slot) {
    if (text.empty()) {
        return cel::Value::unknown(slot);
    }
    switch (type) {
    case rules::FactType::boolean:
        return cel::Value::of(text == "1");
    case rules::FactType::integer:
        return number_of<std::int64_t>(text);
    case rules::FactType::number:
    case rules::FactType::money:
        return number_of<double>(text);
    default:
        return cel::Value::of(std::string{text});
    }
}

} // namespace

rules::Schema workload_schema() {
    rules::Schema schema = rules::built_in_schema();
    rules::TableSchema& accounts = schema[rules::Table::accounts];
    for (const char* name : columns) {
        if (!accounts.index_of(name)) {
            rules::Column column;
            column.name = name;
            column.type = column_type(name);
            column.is_custom = true;
            accounts.columns.push_back(std::move(column));
        }
    }
    return schema;
}

rules::RuleSet workload_rules() {
    std::ifstream file{REVIEWD_SOURCE_DIR "/daemon/ctl/bench_rules.yaml"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    config::Report report;
    const auto rules = config::parse_rules("rules.yaml", text, workload_schema(), report);
    if (rules == nullptr) {
        throw std::runtime_error(render(report.diagnostics()));
    }
    return *rules;
}

rules::RuleSet many_rules(std::size_t count) {
    rules::RuleSet rules = workload_rules();
    const std::vector<rules::Rule> first = rules.rules;
    const cel::Environment environment = rules::fact_environment(rules.facts);
    const std::regex bound{"([<>]=? )([0-9]+)"};
    rules.rules.clear();
    for (std::size_t i = 0; i < count; ++i) {
        rules::Rule rule = first[i % first.size()];
        std::smatch match;
        if (rule.when && std::regex_search(rule.when->source(), match, bound)) {
            const long number = std::stol(match[2].str()) + static_cast<long>(i / first.size());
            const std::string source = match.prefix().str() + match[1].str()
                                       + std::to_string(number) + match.suffix().str();
            rule.when = cel::compile(source, environment).value();
        }
        rules.rules.push_back(std::move(rule));
    }
    return rules;
}

AccountsFile::AccountsFile(const std::string& file, const rules::RuleSet& rules)
    : file_(std::fopen(file.c_str(), "r")), line_(4096) {
    if (file_ == nullptr) {
        throw std::runtime_error("cannot open " + file);
    }
    for (const char* name : columns) {
        const std::uint32_t slot = rules.facts.slot_of(name).value();
        fields_.emplace_back(slot, rules.facts.facts[slot].type);
    }
    for (std::uint32_t slot = 0; slot < rules.facts.facts.size(); ++slot) {
        facts_.push_back(cel::Value::unknown(slot));
    }
    if (std::fgets(line_.data(), static_cast<int>(line_.size()), file_) == nullptr) {
        throw std::runtime_error(file + " is empty");
    }
}

AccountsFile::~AccountsFile() {
    std::fclose(file_);
}

bool AccountsFile::next() {
    if (std::fgets(line_.data(), static_cast<int>(line_.size()), file_) == nullptr) {
        return false;
    }
    const char* at = line_.data();
    const char* end = at + std::strcspn(at, "\n");
    at = std::from_chars(at, end, number_).ptr + 1;
    for (const auto& [slot, type] : fields_) {
        const char* comma = std::find(at, end, ',');
        facts_[slot] = value_of({at, static_cast<std::size_t>(comma - at)}, type, slot);
        at = comma + 1;
    }
    return true;
}

} // namespace reviewd::bench
