#pragma once

// scoring/engine/columnar: the facts of a whole portfolio in typed columns, and rules compiled to
// run over them a chunk at a time. engine::evaluate is the reference; results are equal bit for
// bit. Pure: no I/O, no clock, no threads of its own. Includes scoring/base, cel, rules, engine.

#include "scoring/cel/value.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::engine::columnar {

/// Accounts that one instruction handles. Columns are padded to whole chunks.
inline constexpr std::size_t chunk_rows = 1024;

/// @returns so many rows, and those that fill the last chunk
[[nodiscard]] constexpr std::size_t padded(std::size_t rows) {
    return (rows + chunk_rows - 1) / chunk_rows * chunk_rows;
}

/// Numbers and dates with at most so many different values are kept as codes, and what rules say of
/// them is looked up instead of computed.
inline constexpr std::size_t largest_number_dictionary = 4096;

/// How the cells of a column are to be read.
enum class Encoding {
    coded,    ///< an index in the dictionary: 0 (all the same), 1, 2 or 4 bytes without sign
    integers, ///< 2, 4 or 8 bytes with sign; of dates the days since 1970-01-01
    reals,    ///< double
    sets ///< lists of texts, sorted and without repeats: 1, 2, 4 or 8 bytes, a bit for each text
};

/// One fact of all accounts.
struct Column {
    Encoding encoding = Encoding::coded;
    bool is_date = false;               ///< `integers` are days
    std::size_t width = 0;              ///< bytes of a cell
    std::vector<std::byte> cells;       ///< padded with zeros to whole chunks
    std::vector<std::uint8_t> known;    ///< not coded: 255 or 0 for missing; empty: all known
    std::vector<cel::Value> dictionary; ///< coded: value by code; one may be an unknown (missing)
    std::size_t sorted_count = 0;       ///< so many entries of the dictionary are sorted
    std::int64_t least = 0;             ///< integers: no cell is less, 0 counts as one
    std::int64_t greatest = 0;
    std::vector<std::string> members; ///< sets: the text of each bit, sorted

    [[nodiscard]] bool is_constant() const {
        return encoding == Encoding::coded && dictionary.size() == 1;
    }

    template <class T>
    [[nodiscard]] T cell(std::size_t row) const {
        T read;
        std::memcpy(&read, cells.data() + row * sizeof(T), sizeof(T));
        return read;
    }
    template <class T>
    void set_cell(std::size_t row, T value) {
        std::memcpy(cells.data() + row * sizeof(T), &value, sizeof(T));
    }

    /// @pre coded
    [[nodiscard]] std::uint32_t code(std::size_t row) const;
    void set_code(std::size_t row, std::uint32_t code);
    /// @pre integers
    [[nodiscard]] std::int64_t integer(std::size_t row) const;
    void set_integer(std::size_t row, std::int64_t value);

    /// @pre sets
    [[nodiscard]] std::uint64_t bits(std::size_t row) const;
    void set_bits(std::size_t row, std::uint64_t bits);

    /// Whether the account has a value.
    [[nodiscard]] bool is_known(std::size_t row) const;

    /// The fact's value as the interpreter takes it; missing: unknown of the slot.
    [[nodiscard]] cel::Value value(std::size_t row, std::uint32_t slot) const;

    /// Memory of the cells and of the dictionary.
    [[nodiscard]] std::size_t bytes() const;
};

/// What became of a new value.
enum class Storing {
    stored,  ///< in place; programs stay valid
    grown,   ///< the dictionary or a bound has grown: programs must be compiled again
    refused, ///< it does not fit: the column must be built again
};

/// Puts a value into a row.
[[nodiscard]] Storing store(Column& column, std::size_t row, const cel::Value& value);

/// The bits of a list; nothing when it is no sorted list of texts that are all members.
[[nodiscard]] std::optional<std::uint64_t> bits_of_list(
    const cel::Value& value, const std::vector<std::string>& members
);

/// A total order of all values, for dictionaries: missing first, then by type and value.
[[nodiscard]] bool sorts_before(const cel::Value& a, const cel::Value& b);

} // namespace reviewd::engine::columnar
