#include "scoring/engine/columnar/fact_columns.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/column_builder.hpp"

#include <atomic>
#include <utility>

namespace reviewd::engine::columnar {
namespace {

std::uint64_t next_revision() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

} // namespace

FactColumns::FactColumns(std::vector<AccountId> accounts, std::vector<Column> columns)
    : accounts_(std::move(accounts)), columns_(std::move(columns)), revision_(next_revision()) {
    accounts_.shrink_to_fit(); // it was filled one by one, and is kept for long
}

FactRow FactColumns::facts(std::size_t row) const {
    REVIEWD_ASSERT(row < rows());
    FactRow facts;
    facts.reserve(columns_.size());
    for (std::uint32_t slot = 0; slot < columns_.size(); ++slot) {
        facts.push_back(columns_[slot].value(row, slot));
    }
    return facts;
}

void FactColumns::update(std::size_t row, const FactRow& facts) {
    REVIEWD_ASSERT(row < rows() && facts.size() >= columns_.size());
    for (std::uint32_t slot = 0; slot < columns_.size(); ++slot) {
        const cel::Value value = facts[slot].is_null() ? cel::Value::unknown(slot) : facts[slot];
        switch (store(columns_[slot], row, value)) {
        case Storing::stored:
            break;
        case Storing::grown:
            revision_ = next_revision();
            break;
        case Storing::refused:
            rebuild(slot, row, value);
            revision_ = next_revision();
            break;
        }
    }
}

void FactColumns::rebuild(std::uint32_t slot, std::size_t row, const cel::Value& value) {
    ColumnBuilder builder{slot};
    for (std::size_t i = 0; i < rows(); ++i) {
        builder.add(i == row ? value : columns_[slot].value(i, slot));
    }
    columns_[slot] = builder.finish();
}

std::size_t FactColumns::bytes() const {
    std::size_t bytes = accounts_.capacity() * sizeof(AccountId);
    for (const Column& column : columns_) {
        bytes += column.bytes();
    }
    return bytes;
}

FactColumnsBuilder::FactColumnsBuilder(std::size_t fact_count) {
    for (std::uint32_t slot = 0; slot < fact_count; ++slot) {
        builders_.emplace_back(slot);
    }
}

FactColumnsBuilder::~FactColumnsBuilder() = default;
FactColumnsBuilder::FactColumnsBuilder(FactColumnsBuilder&&) noexcept = default;
FactColumnsBuilder& FactColumnsBuilder::operator=(FactColumnsBuilder&&) noexcept = default;

void FactColumnsBuilder::add(AccountId account, const FactRow& facts) {
    REVIEWD_ASSERT(facts.size() >= builders_.size());
    accounts_.push_back(account);
    for (std::size_t slot = 0; slot < builders_.size(); ++slot) {
        builders_[slot].add(facts[slot]);
    }
}

FactColumns FactColumnsBuilder::finish() {
    std::vector<Column> columns;
    columns.reserve(builders_.size());
    for (ColumnBuilder& builder : builders_) {
        columns.push_back(builder.finish());
    }
    return {std::exchange(accounts_, {}), std::move(columns)};
}

} // namespace reviewd::engine::columnar
