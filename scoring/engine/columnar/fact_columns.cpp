#include "scoring/engine/columnar/fact_columns.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/column_builder.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace reviewd::engine::columnar {
namespace {

std::uint64_t next_revision() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

/// A null is a missing fact. So is here one that cannot be computed: nothing that reads it can be
/// judged, and why is said from the account's records.
cel::Value as_kept(const cel::Value& value, std::uint32_t slot) {
    return value.is_null() || value.is_error() ? cel::Value::unknown(slot) : value;
}

} // namespace

FactColumns::FactColumns(std::vector<AccountId> accounts, std::vector<Column> columns)
    : accounts_(std::move(accounts)), columns_(std::move(columns)), revisions_(columns_.size()) {
    std::generate(revisions_.begin(), revisions_.end(), next_revision);
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
        switch (store(columns_[slot], row, as_kept(facts[slot], slot))) {
        case Storing::stored:
            break;
        case Storing::grown:
            revisions_[slot] = next_revision();
            break;
        case Storing::refused:
            rebuild(slot, {&row, 1}, {&facts, 1});
            revisions_[slot] = next_revision();
            break;
        }
    }
}

void FactColumns::move_rows(
    const RowMoves& moves, std::span<const AccountId> accounts, std::span<const FactRow> facts
) {
    const std::vector<std::size_t>& places = moves.places();
    REVIEWD_ASSERT(accounts.size() == places.size() && facts.size() == places.size());
    moves.apply(accounts_, 1, moves.rows());
    for (std::size_t i = 0; i < places.size(); ++i) {
        REVIEWD_ASSERT(facts[i].size() >= columns_.size());
        accounts_[places[i]] = accounts[i];
    }
    const std::size_t size = padded(moves.rows());
    for (std::uint32_t slot = 0; slot < columns_.size(); ++slot) {
        Column& column = columns_[slot];
        moves.apply(column.cells, column.width, size * column.width);
        if (!column.known.empty()) {
            moves.apply(column.known, 1, size);
        }
        bool is_grown = false;
        bool is_refused = false;
        for (std::size_t i = 0; i < places.size() && !is_refused; ++i) {
            const Storing storing = store(column, places[i], as_kept(facts[i][slot], slot));
            is_grown = is_grown || storing == Storing::grown;
            is_refused = storing == Storing::refused;
        }
        if (is_refused) {
            rebuild(slot, places, facts);
        }
        if (is_grown || is_refused) {
            revisions_[slot] = next_revision();
        }
    }
}

/// Builds a column again with other values in these rows, which are ascending.
void FactColumns::rebuild(
    std::uint32_t slot, std::span<const std::size_t> rows, std::span<const FactRow> facts
) {
    ColumnBuilder builder{slot};
    std::size_t next = 0;
    for (std::size_t row = 0; row < this->rows(); ++row) {
        const bool is_other = next < rows.size() && rows[next] == row;
        builder.add(is_other ? as_kept(facts[next][slot], slot) : columns_[slot].value(row, slot));
        next += is_other ? 1 : 0;
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
    for (std::uint32_t slot = 0; slot < builders_.size(); ++slot) {
        builders_[slot].add(as_kept(facts[slot], slot));
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
