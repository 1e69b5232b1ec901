#include "scoring/engine/columnar/column.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/cel/comparison.hpp"
#include "scoring/cel/timestamp.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace reviewd::engine::columnar {
namespace {

/// Reals in their order, -0 before 0, NaN last.
std::int64_t rank(double real) {
    if (std::isnan(real)) {
        return std::numeric_limits<std::int64_t>::max();
    }
    const auto bits = std::bit_cast<std::int64_t>(real);
    return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits - 1;
}

bool is_missing(const cel::Value& value) {
    return value.is_unknown() || value.is_null();
}

bool list_sorts_before(const cel::List& a, const cel::List& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), &sorts_before);
}

/// The number as a cell holds it; nothing when it is of another type.
std::optional<std::int64_t> integer_of(const Column& column, const cel::Value& value) {
    if (!column.is_date) {
        const auto* integer = value.get_if<std::int64_t>();
        return integer != nullptr ? std::optional{*integer} : std::nullopt;
    }
    const auto* moment = value.get_if<cel::Timestamp>();
    if (moment == nullptr || cel::to_timestamp(cel::to_date(*moment)) != *moment) {
        return std::nullopt;
    }
    return to_day_number(cel::to_date(*moment));
}

Storing store_code(Column& column, std::size_t row, const cel::Value& value) {
    std::vector<cel::Value>& dictionary = column.dictionary;
    const auto tail = dictionary.begin() + static_cast<std::ptrdiff_t>(column.sorted_count);
    auto found = std::lower_bound(dictionary.begin(), tail, value, &sorts_before);
    if (found == tail || sorts_before(value, *found)) {
        found = std::find_if(tail, dictionary.end(), [&](const cel::Value& entry) {
            return !sorts_before(entry, value) && !sorts_before(value, entry);
        });
    }
    const auto code = static_cast<std::uint32_t>(found - dictionary.begin());
    if (found != dictionary.end()) {
        column.set_code(row, code);
        return Storing::stored;
    }
    const std::size_t room = column.width == 0 ? 1 : std::size_t{1} << (8 * column.width);
    const bool is_number = cel::is_number(value) || value.get_if<cel::Timestamp>() != nullptr;
    if (code >= room || (is_number && code >= largest_number_dictionary)) {
        return Storing::refused;
    }
    dictionary.push_back(value);
    column.set_code(row, code);
    return Storing::grown;
}

Storing store_set(Column& column, std::size_t row, const cel::Value& value) {
    if (is_missing(value) && column.known.empty()) {
        return Storing::refused;
    }
    const std::optional<std::uint64_t> bits =
        is_missing(value) ? std::optional<std::uint64_t>{0} : bits_of_list(value, column.members);
    if (!bits) {
        return Storing::refused;
    }
    column.set_bits(row, *bits);
    if (!column.known.empty()) {
        column.known[row] = is_missing(value) ? 0 : 0xFF;
    }
    return Storing::stored;
}

Storing store_number(Column& column, std::size_t row, const cel::Value& value) {
    if (is_missing(value)) {
        if (column.known.empty()) {
            return Storing::refused;
        }
        column.known[row] = 0;
        column.encoding == Encoding::reals ? column.set_cell(row, 0.0) : column.set_integer(row, 0);
        return Storing::stored;
    }
    if (column.encoding == Encoding::reals) {
        const auto* real = value.get_if<double>();
        if (real == nullptr) {
            return Storing::refused;
        }
        column.set_cell(row, *real);
    } else {
        const std::optional<std::int64_t> integer = integer_of(column, value);
        if (!integer || *integer < column.least || *integer > column.greatest) {
            return Storing::refused;
        }
        column.set_integer(row, *integer);
    }
    if (!column.known.empty()) {
        column.known[row] = 0xFF;
    }
    return Storing::stored;
}

} // namespace

std::uint32_t Column::code(std::size_t row) const {
    switch (width) {
    case 0:
        return 0;
    case 1:
        return cell<std::uint8_t>(row);
    case 2:
        return cell<std::uint16_t>(row);
    default:
        return cell<std::uint32_t>(row);
    }
}

void Column::set_code(std::size_t row, std::uint32_t code) {
    switch (width) {
    case 0:
        REVIEWD_ASSERT(code == 0);
        break;
    case 1:
        set_cell(row, static_cast<std::uint8_t>(code));
        break;
    case 2:
        set_cell(row, static_cast<std::uint16_t>(code));
        break;
    default:
        set_cell(row, code);
    }
}

std::int64_t Column::integer(std::size_t row) const {
    switch (width) {
    case 2:
        return cell<std::int16_t>(row);
    case 4:
        return cell<std::int32_t>(row);
    default:
        return cell<std::int64_t>(row);
    }
}

void Column::set_integer(std::size_t row, std::int64_t value) {
    switch (width) {
    case 2:
        set_cell(row, static_cast<std::int16_t>(value));
        break;
    case 4:
        set_cell(row, static_cast<std::int32_t>(value));
        break;
    default:
        set_cell(row, value);
    }
}

std::uint64_t Column::bits(std::size_t row) const {
    return width == 8 ? cell<std::uint64_t>(row) : code(row);
}

void Column::set_bits(std::size_t row, std::uint64_t bits) {
    if (width == 8) {
        set_cell(row, bits);
    } else {
        set_code(row, static_cast<std::uint32_t>(bits));
    }
}

bool Column::is_known(std::size_t row) const {
    if (encoding == Encoding::coded) {
        return !is_missing(dictionary[code(row)]);
    }
    return known.empty() || known[row] != 0;
}

cel::Value Column::value(std::size_t row, std::uint32_t slot) const {
    if (encoding == Encoding::coded) {
        return dictionary[code(row)];
    }
    if (!known.empty() && known[row] == 0) {
        return cel::Value::unknown(slot);
    }
    if (encoding == Encoding::reals) {
        return cel::Value::of(cell<double>(row));
    }
    if (encoding == Encoding::sets) {
        cel::List list;
        for (std::uint64_t left = bits(row); left != 0; left &= left - 1) {
            const auto member = static_cast<std::size_t>(std::countr_zero(left));
            list.push_back(cel::Value::of(members[member]));
        }
        return cel::Value::list(std::move(list));
    }
    if (is_date) {
        const Date date = from_day_number(static_cast<int>(integer(row)));
        return cel::Value::of(cel::to_timestamp(date));
    }
    return cel::Value::of(integer(row));
}

std::size_t Column::bytes() const {
    std::size_t bytes = cells.capacity() + known.capacity();
    bytes += dictionary.capacity() * sizeof(cel::Value);
    for (const cel::Value& value : dictionary) {
        const auto* text = value.get_if<std::string>();
        bytes += text != nullptr ? text->capacity() : 0;
    }
    return bytes;
}

std::optional<std::uint64_t> bits_of_list(
    const cel::Value& value, const std::vector<std::string>& members
) {
    const auto* list = value.get_if<std::shared_ptr<const cel::List>>();
    if (list == nullptr) {
        return std::nullopt;
    }
    std::uint64_t bits = 0;
    for (const cel::Value& element : **list) {
        const auto* text = element.get_if<std::string>();
        const auto found = text != nullptr ? std::lower_bound(members.begin(), members.end(), *text)
                                           : members.end();
        if (found == members.end() || *found != *text) {
            return std::nullopt;
        }
        const std::uint64_t bit = std::uint64_t{1} << (found - members.begin());
        if (bits >= bit) {
            return std::nullopt; // not sorted, or a repeat
        }
        bits |= bit;
    }
    return bits;
}

Storing store(Column& column, std::size_t row, const cel::Value& value) {
    if (column.encoding == Encoding::sets) {
        return store_set(column, row, value);
    }
    return column.encoding == Encoding::coded ? store_code(column, row, value)
                                              : store_number(column, row, value);
}

bool sorts_before(const cel::Value& a, const cel::Value& b) {
    const bool a_is_missing = is_missing(a);
    const bool b_is_missing = is_missing(b);
    if (a_is_missing || b_is_missing) {
        return a_is_missing && !b_is_missing;
    }
    if (a.data().index() != b.data().index()) {
        return a.data().index() < b.data().index();
    }
    if (const auto* real = a.get_if<double>()) {
        return rank(*real) < rank(*b.get_if<double>());
    }
    if (const auto* list = a.get_if<std::shared_ptr<const cel::List>>()) {
        return list_sorts_before(**list, **b.get_if<std::shared_ptr<const cel::List>>());
    }
    if (const auto order = cel::compare(a, b)) {
        return *order < 0;
    }
    return cel::to_string(a) < cel::to_string(b);
}

} // namespace reviewd::engine::columnar
