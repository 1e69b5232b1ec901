// Numbers and dates are gathered as they are and get their form at the end, when their range and
// how many different ones there are is known. Everything else gets a code at once.
#include "scoring/engine/columnar/column_builder.hpp"

#include "scoring/cel/timestamp.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

namespace reviewd::engine::columnar {
namespace {

constexpr std::size_t largest_sparse_dictionary = 255; // with "missing", codes of one byte

void append_key(std::string& key, const cel::Value& value) {
    if (const auto* text = value.get_if<std::string>()) {
        key += 't' + std::to_string(text->size()) + ':' + *text;
    } else if (const auto* list = value.get_if<std::shared_ptr<const cel::List>>()) {
        key += 'l' + std::to_string((*list)->size()) + ':';
        for (const cel::Value& element : **list) {
            append_key(key, element);
        }
    } else {
        key += std::to_string(value.data().index()) + ':' + cel::to_string(value);
    }
}

/// The distinct numbers, sorted by `before`; nothing when there are more than `most`.
template <class Before>
std::optional<std::vector<std::int64_t>> few_distinct(
    const std::vector<std::int64_t>& numbers,
    const std::vector<std::uint8_t>& known,
    std::size_t most,
    Before before
) {
    std::unordered_set<std::int64_t> seen;
    for (std::size_t row = 0; row < numbers.size() && seen.size() <= most; ++row) {
        if (known[row] != 0) {
            seen.insert(numbers[row]);
        }
    }
    if (seen.size() > most) {
        return std::nullopt;
    }
    std::vector<std::int64_t> distinct(seen.begin(), seen.end());
    std::sort(distinct.begin(), distinct.end(), before);
    return distinct;
}

constexpr std::size_t most_bits = 64;

/// Bits that hold the number with its sign.
std::size_t signed_bits(std::int64_t number) {
    const auto magnitude = static_cast<std::uint64_t>(number < 0 ? ~number : number);
    return static_cast<std::size_t>(std::bit_width(magnitude)) + 1;
}

std::size_t code_width(std::size_t dictionary_size) {
    if (dictionary_size <= 1) {
        return 0;
    }
    return dictionary_size <= 0x100 ? 1 : dictionary_size <= 0x10000 ? 2 : 4;
}

} // namespace

void ColumnBuilder::add(const cel::Value& value) {
    const bool is_missing = value.is_unknown() || value.is_null();
    Kind kind = Kind::values;
    std::int64_t number = 0;
    if (is_missing) {
        kind = kind_ == Kind::values ? Kind::values : Kind::nothing;
    } else if (const auto* integer = value.get_if<std::int64_t>()) {
        kind = Kind::integers;
        number = *integer;
    } else if (const auto* real = value.get_if<double>()) {
        kind = Kind::reals;
        number = std::bit_cast<std::int64_t>(
            std::isnan(*real) ? std::numeric_limits<double>::quiet_NaN() : *real
        );
    } else if (const auto* moment = value.get_if<cel::Timestamp>();
               moment != nullptr && cel::to_timestamp(cel::to_date(*moment)) == *moment) {
        kind = Kind::dates;
        number = to_day_number(cel::to_date(*moment));
    }
    if (kind_ == Kind::nothing && kind != Kind::nothing) {
        kind_ = kind;
        if (kind == Kind::values) {
            turn_into_values();
        }
    } else if (kind != Kind::nothing && kind != kind_ && kind_ != Kind::values) {
        turn_into_values();
    }
    if (kind_ == Kind::values) {
        add_code(is_missing ? cel::Value::unknown(slot_) : value);
    } else {
        numbers_.push_back(number);
        known_.push_back(is_missing ? 0 : 0xFF);
    }
}

void ColumnBuilder::add_code(const cel::Value& value) {
    std::string key;
    append_key(key, value);
    const auto [place, is_new] =
        code_by_key_.try_emplace(std::move(key), static_cast<std::uint32_t>(values_.size()));
    if (is_new) {
        values_.push_back(value);
    }
    codes_.push_back(place->second);
}

void ColumnBuilder::turn_into_values() {
    for (std::size_t row = 0; row < numbers_.size(); ++row) {
        add_code(known_[row] != 0 ? number(numbers_[row]) : cel::Value::unknown(slot_));
    }
    numbers_.clear();
    known_.clear();
    kind_ = Kind::values;
}

cel::Value ColumnBuilder::number(std::int64_t bits) const {
    switch (kind_) {
    case Kind::reals:
        return cel::Value::of(std::bit_cast<double>(bits));
    case Kind::dates:
        return cel::Value::of(cel::to_timestamp(from_day_number(static_cast<int>(bits))));
    default:
        return cel::Value::of(bits);
    }
}

bool ColumnBuilder::has_missing() const {
    return std::find(known_.begin(), known_.end(), 0) != known_.end();
}

Column ColumnBuilder::finish() {
    Column column;
    switch (kind_) {
    case Kind::nothing:
        column.dictionary.push_back(cel::Value::unknown(slot_));
        column.sorted_count = 1;
        break;
    case Kind::integers:
    case Kind::dates:
        column = finish_integers();
        break;
    case Kind::reals:
        column = finish_reals();
        break;
    case Kind::values:
        column = finish_values();
        break;
    }
    *this = ColumnBuilder{slot_};
    return column;
}

/// Codes for sorted numbers, the missing one first.
Column ColumnBuilder::coded(const std::vector<std::int64_t>& distinct) const {
    Column column;
    const std::uint32_t first = has_missing() ? 1 : 0;
    if (first != 0) {
        column.dictionary.push_back(cel::Value::unknown(slot_));
    }
    std::unordered_map<std::int64_t, std::uint32_t> code_of;
    for (const std::int64_t bits : distinct) {
        code_of.emplace(bits, static_cast<std::uint32_t>(column.dictionary.size()));
        column.dictionary.push_back(number(bits));
    }
    column.sorted_count = column.dictionary.size();
    column.width = code_width(column.dictionary.size());
    column.cells.resize(padded(numbers_.size()) * column.width);
    for (std::size_t row = 0; row < numbers_.size(); ++row) {
        column.set_code(row, known_[row] != 0 ? code_of.at(numbers_[row]) : 0);
    }
    return column;
}

Column ColumnBuilder::finish_integers() {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t greatest = std::numeric_limits<std::int64_t>::min();
    for (std::size_t row = 0; row < numbers_.size(); ++row) {
        if (known_[row] != 0) {
            least = std::min(least, numbers_[row]);
            greatest = std::max(greatest, numbers_[row]);
        }
    }
    const std::uint64_t range =
        static_cast<std::uint64_t>(greatest) - static_cast<std::uint64_t>(least);
    if (range + 2 <= largest_number_dictionary && range + 2 > range) {
        // All numbers of the range, so that a code is the number but for a constant.
        std::vector<std::int64_t> all(range + 1);
        std::iota(all.begin(), all.end(), least);
        return coded(all);
    }
    if (const auto few = few_distinct(numbers_, known_, largest_sparse_dictionary, std::less<>{})) {
        return coded(*few);
    }
    Column column;
    column.encoding = Encoding::integers;
    column.is_date = kind_ == Kind::dates;
    const std::size_t bits = std::max(signed_bits(least), signed_bits(greatest));
    column.width = bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
    // Bounds wider than the numbers, so that most new numbers change no program.
    const std::size_t bound = column.width < 8 ? 8 * column.width : std::min(bits + 2, most_bits);
    column.least = std::numeric_limits<std::int64_t>::min() >> (most_bits - bound);
    column.greatest = std::numeric_limits<std::int64_t>::max() >> (most_bits - bound);
    column.cells.resize(padded(numbers_.size()) * column.width);
    for (std::size_t row = 0; row < numbers_.size(); ++row) {
        column.set_integer(row, numbers_[row]);
    }
    if (has_missing()) {
        column.known = std::move(known_);
        column.known.resize(padded(numbers_.size()));
    }
    return column;
}

Column ColumnBuilder::finish_reals() {
    const auto before = [this](std::int64_t a, std::int64_t b) {
        return sorts_before(number(a), number(b));
    };
    const auto few = few_distinct(numbers_, known_, largest_number_dictionary - 1, before);
    if (few) {
        return coded(*few);
    }
    Column column;
    column.encoding = Encoding::reals;
    column.width = sizeof(double);
    column.cells.resize(padded(numbers_.size()) * sizeof(double));
    std::memcpy(column.cells.data(), numbers_.data(), numbers_.size() * sizeof(double));
    if (has_missing()) {
        column.known = std::move(known_);
        column.known.resize(padded(numbers_.size()));
    }
    return column;
}

/// Nothing when the values are other than sorted lists of at most 64 texts.
std::optional<Column> ColumnBuilder::finish_sets() const {
    constexpr std::size_t most_members = 64;
    std::set<std::string> members;
    for (const cel::Value& value : values_) {
        const auto* list = value.get_if<std::shared_ptr<const cel::List>>();
        if (list == nullptr && !value.is_unknown()) {
            return std::nullopt;
        }
        for (const cel::Value& element : list != nullptr ? **list : cel::List{}) {
            const auto* text = element.get_if<std::string>();
            if (text == nullptr || members.size() > most_members) {
                return std::nullopt;
            }
            members.insert(*text);
        }
    }
    Column column;
    column.encoding = Encoding::sets;
    column.members.assign(members.begin(), members.end());
    const std::size_t count = members.size();
    column.width = count <= 8 ? 1 : count <= 16 ? 2 : count <= 32 ? 4 : 8;
    column.cells.resize(padded(codes_.size()) * column.width);
    std::vector<std::optional<std::uint64_t>> bits;
    bool has_unknown = false;
    for (const cel::Value& value : values_) {
        has_unknown = has_unknown || value.is_unknown();
        bits.push_back(value.is_unknown() ? 0 : bits_of_list(value, column.members));
        if (!bits.back() || count > most_members) {
            return std::nullopt;
        }
    }
    column.known.resize(has_unknown ? padded(codes_.size()) : 0);
    for (std::size_t row = 0; row < codes_.size(); ++row) {
        column.set_bits(row, *bits[codes_[row]]);
        if (has_unknown) {
            column.known[row] = values_[codes_[row]].is_unknown() ? 0 : 0xFF;
        }
    }
    return column;
}

Column ColumnBuilder::finish_values() {
    if (values_.size() > largest_number_dictionary) {
        if (std::optional<Column> sets = finish_sets()) {
            return *std::move(sets);
        }
    }
    std::vector<std::uint32_t> order(values_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        return sorts_before(values_[a], values_[b]);
    });
    Column column;
    std::vector<std::uint32_t> new_code(values_.size());
    for (const std::uint32_t old_code : order) {
        new_code[old_code] = static_cast<std::uint32_t>(column.dictionary.size());
        column.dictionary.push_back(std::move(values_[old_code]));
    }
    column.sorted_count = column.dictionary.size();
    column.width = code_width(column.dictionary.size());
    column.cells.resize(padded(codes_.size()) * column.width);
    for (std::size_t row = 0; row < codes_.size(); ++row) {
        column.set_code(row, new_code[codes_[row]]);
    }
    return column;
}

} // namespace reviewd::engine::columnar
