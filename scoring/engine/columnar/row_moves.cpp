#include "scoring/engine/columnar/row_moves.hpp"

#include "scoring/base/assert.hpp"

namespace reviewd::engine::columnar {

RowMoves::RowMoves(
    const std::vector<AccountId>& accounts,
    std::span<const AccountId> leaving,
    std::span<const AccountId> coming
) {
    std::size_t from = 0;
    const auto keep_until = [&](std::size_t end) {
        if (from < end) {
            runs_.push_back({from, rows_, end - from});
            rows_ += end - from;
        }
        from = end;
    };
    const auto row_of = [&](AccountId account) {
        const auto begin = accounts.begin() + static_cast<std::ptrdiff_t>(from);
        return static_cast<std::size_t>(
            std::lower_bound(begin, accounts.end(), account) - accounts.begin()
        );
    };
    places_.reserve(coming.size());
    while (!leaving.empty() || !coming.empty()) {
        if (coming.empty() || (!leaving.empty() && leaving.front() < coming.front())) {
            keep_until(row_of(leaving.front()));
            REVIEWD_ASSERT(from < accounts.size() && accounts[from] == leaving.front());
            ++from;
            leaving = leaving.subspan(1);
        } else {
            keep_until(row_of(coming.front()));
            REVIEWD_ASSERT(from == accounts.size() || accounts[from] != coming.front());
            places_.push_back(rows_);
            ++rows_;
            coming = coming.subspan(1);
        }
    }
    keep_until(accounts.size());
}

bool RowMoves::is_at_end_only() const {
    return runs_.empty() || (runs_.size() == 1 && runs_.front().from == 0 && runs_.front().to == 0);
}

} // namespace reviewd::engine::columnar
