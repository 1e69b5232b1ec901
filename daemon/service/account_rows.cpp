#include "daemon/service/account_rows.hpp"

#include "scoring/engine/timeline.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace reviewd::service {
namespace {

const std::vector<engine::Record>& rows_in(
    const engine::AccountRecords& records, rules::Table table
) {
    return records.rows[static_cast<std::size_t>(table)];
}

} // namespace

std::optional<std::string> text_in(const engine::Record& row, std::optional<std::size_t> column) {
    if (!column || *column >= row.values.size()) {
        return std::nullopt;
    }
    const auto* text = row.values[*column].get_if<std::string>();
    return text == nullptr ? std::nullopt : std::optional{*text};
}

std::optional<Date> date_in(const engine::Record& row, std::optional<std::size_t> column) {
    return column && *column < row.values.size() ? engine::to_date(row.values[*column])
                                                 : std::nullopt;
}

std::vector<OwnedProduct> products_bought(
    const rules::Schema& schema, const engine::AccountRecords& records, Date as_of
) {
    const engine::TableAsOf purchases{schema[rules::Table::purchases], as_of};
    const auto product = purchases.schema().index_of("product");
    std::map<std::string, Date> last;
    for (const engine::Record& row : rows_in(records, rules::Table::purchases)) {
        const auto key = text_in(row, product);
        if (key && purchases.has(row)) {
            Date& day = last.try_emplace(*key, purchases.day_of(row)).first->second;
            day = std::max(day, purchases.day_of(row));
        }
    }
    std::vector<OwnedProduct> bought;
    for (const auto& [key, day] : last) {
        bought.push_back({key, day});
    }
    std::stable_sort(bought.begin(), bought.end(), [](const auto& a, const auto& b) {
        return a.bought > b.bought;
    });
    return bought;
}

std::vector<Contract> contracts_in_force(
    const rules::Schema& schema, const engine::AccountRecords& records, Date as_of
) {
    const engine::TableAsOf contracts{schema[rules::Table::contracts], as_of};
    const rules::TableSchema& columns = contracts.schema();
    std::vector<Contract> in_force;
    for (const engine::Record& row : rows_in(records, rules::Table::contracts)) {
        Contract contract{
            text_in(row, columns.index_of("key")).value_or(""),
            text_in(row, columns.index_of("product")).value_or(""),
            date_in(row, columns.index_of("start")),
            date_in(row, columns.index_of("end"))};
        if (contracts.has(row) && contract.end.value_or(last_date) >= as_of) {
            in_force.push_back(std::move(contract));
        }
    }
    std::sort(in_force.begin(), in_force.end(), [](const Contract& a, const Contract& b) {
        return std::pair{a.end.value_or(last_date), a.key}
               < std::pair{b.end.value_or(last_date), b.key};
    });
    return in_force;
}

std::optional<Talk> newest_talk(
    const rules::Schema& schema, const engine::AccountRecords& records, Date as_of
) {
    const engine::TableAsOf interactions{schema[rules::Table::interactions], as_of};
    const engine::Record* newest = nullptr;
    for (const engine::Record& row : rows_in(records, rules::Table::interactions)) {
        const bool is_later =
            newest == nullptr || interactions.day_of(*newest) <= interactions.day_of(row);
        if (is_later && interactions.has(row)) {
            newest = &row;
        }
    }
    if (newest == nullptr) {
        return std::nullopt;
    }
    const auto text = [&](std::string_view column) {
        return text_in(*newest, interactions.schema().index_of(column)).value_or("");
    };
    return Talk{interactions.day_of(*newest), text("kind"), text("person"), text("note")};
}

bool is_covered(
    std::span<const Contract> contracts,
    const std::string& product,
    const std::set<std::string>& services
) {
    return std::any_of(contracts.begin(), contracts.end(), [&](const Contract& contract) {
        return contract.product.empty() || contract.product == product
               || services.count(contract.product) != 0;
    });
}

} // namespace reviewd::service
