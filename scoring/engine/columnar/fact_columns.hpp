#pragma once

#include "scoring/base/id.hpp"
#include "scoring/engine/columnar/column.hpp"
#include "scoring/engine/columnar/row_moves.hpp"
#include "scoring/engine/facts.hpp"

#include <span>

namespace reviewd::engine::columnar {

class ColumnBuilder;

/// The facts of all accounts, by column. Rows are numbered in the order in which they were added.
/// Not synchronised: readers may share it while nobody changes it.
class FactColumns {
public:
    FactColumns() = default;
    FactColumns(std::vector<AccountId> accounts, std::vector<Column> columns);

    [[nodiscard]] std::size_t rows() const { return accounts_.size(); }
    [[nodiscard]] const std::vector<AccountId>& accounts() const { return accounts_; }
    /// By fact slot.
    [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }

    /// All facts of one account, as the interpreter takes them; equal to what was stored.
    [[nodiscard]] FactRow facts(std::size_t row) const;

    /// Replaces the facts of one account. A value that its column cannot hold makes the column be
    /// built again, in time proportional to the rows.
    void update(std::size_t row, const FactRow& facts);

    /// Lets rows leave and others come, in time proportional to the rows that move; a value that
    /// its column cannot hold makes the column be built again, once for all that come.
    /// @param moves of accounts(), which are ascending
    /// @param accounts that come
    /// @param facts of each of them
    void move_rows(
        const RowMoves& moves, std::span<const AccountId> accounts, std::span<const FactRow> facts
    );

    /// Of the column of a fact: changes whenever programs that read it no longer fit it; never the
    /// same for two columns.
    [[nodiscard]] std::uint64_t revision(std::uint32_t slot) const { return revisions_[slot]; }

    /// Memory that grows with the accounts, ids included; dictionaries are not.
    [[nodiscard]] std::size_t bytes() const;

private:
    void rebuild(
        std::uint32_t slot, std::span<const std::size_t> rows, std::span<const FactRow> facts
    );

    std::vector<AccountId> accounts_;
    std::vector<Column> columns_;
    std::vector<std::uint64_t> revisions_; ///< by fact slot
};

/// Makes FactColumns from rows of facts.
class FactColumnsBuilder {
public:
    /// @param fact_count facts of the schema: the length of each row
    explicit FactColumnsBuilder(std::size_t fact_count);
    ~FactColumnsBuilder();
    FactColumnsBuilder(FactColumnsBuilder&&) noexcept;
    FactColumnsBuilder& operator=(FactColumnsBuilder&&) noexcept;

    /// @pre facts has at least one value for each fact
    void add(AccountId account, const FactRow& facts);

    /// @returns the columns; the builder is empty afterwards
    [[nodiscard]] FactColumns finish();

private:
    std::vector<AccountId> accounts_;
    std::vector<ColumnBuilder> builders_;
};

} // namespace reviewd::engine::columnar
