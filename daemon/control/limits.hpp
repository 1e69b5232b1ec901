#pragma once

#include <cstddef>
#include <cstdint>

namespace reviewd::control {

/// How many rows a list has when nobody says, and how many may be asked for. An answer that leaves
/// rows out says `is_cut`.
struct RowLimit {
    std::int64_t usual = 0;
    std::int64_t largest = 0;
};

inline constexpr RowLimit score_rows{.usual = 1'000, .largest = 2'000'000};
inline constexpr RowLimit score_history_rows{.usual = 50, .largest = 2'000'000};
inline constexpr RowLimit delivery_rows{.usual = 100, .largest = 10'000};
inline constexpr RowLimit inbox_rows{.usual = 50, .largest = 1'000};
inline constexpr RowLimit trail_rows{.usual = 50, .largest = 10'000};
inline constexpr RowLimit version_rows{.usual = 100, .largest = 100'000};

/// Takes away what was read beyond the limit: one row more is asked for than is shown.
/// @returns whether there was more
template <class Rows>
[[nodiscard]] bool cut_to(Rows& rows, std::int64_t limit) {
    const auto wanted = static_cast<std::size_t>(limit);
    const bool is_cut = rows.size() > wanted;
    if (is_cut) {
        rows.erase(rows.begin() + limit, rows.end());
    }
    return is_cut;
}

} // namespace reviewd::control
