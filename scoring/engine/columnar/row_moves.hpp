#pragma once

#include "scoring/base/id.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace reviewd::engine::columnar {

/// Where rows go when some leave and others come between them. Everything that is kept by row
/// follows in one pass, however many they are.
class RowMoves {
public:
    /// @param accounts of the rows that there are, ascending
    /// @param leaving ascending; each has a row
    /// @param coming ascending; none has a row
    RowMoves(
        const std::vector<AccountId>& accounts,
        std::span<const AccountId> leaving,
        std::span<const AccountId> coming
    );

    /// How many there are afterwards.
    [[nodiscard]] std::size_t rows() const { return rows_; }
    /// The rows of those that come.
    [[nodiscard]] const std::vector<std::size_t>& places() const { return places_; }

    /// Moves what is kept by row.
    /// @param width elements of a row
    /// @param size elements afterwards, at least those of all rows; new ones are zero
    template <class T>
    void apply(std::vector<T>& values, std::size_t width, std::size_t size) const;

private:
    /// Rows that stay, one behind the other as before.
    struct Run {
        std::size_t from = 0;
        std::size_t to = 0;
        std::size_t count = 0;
    };

    [[nodiscard]] bool is_at_end_only() const;

    std::vector<Run> runs_;
    std::vector<std::size_t> places_;
    std::size_t rows_ = 0;
};

template <class T>
void RowMoves::apply(std::vector<T>& values, std::size_t width, std::size_t size) const {
    if (is_at_end_only()) {
        const std::size_t kept = runs_.empty() ? 0 : runs_.front().count * width;
        values.resize(std::min(kept, values.size()));
        if (size > values.capacity()) {
            values.reserve(size + size / 32); // it is kept for long
        }
        values.resize(size);
        return;
    }
    std::vector<T> moved(size);
    for (const Run& run : runs_) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(run.from * width);
        std::copy_n(
            first, run.count * width, moved.begin() + static_cast<std::ptrdiff_t>(run.to * width)
        );
    }
    values = std::move(moved);
}

} // namespace reviewd::engine::columnar
