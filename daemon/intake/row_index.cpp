#include "daemon/intake/row_index.hpp"

#include "daemon/intake/sha256.hpp"

#include <bit>
#include <functional>
#include <variant>

namespace reviewd::intake {
namespace {

constexpr std::size_t first_capacity = 1024;
constexpr std::size_t key_digits = 32; ///< 128 bits

std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
    // The finaliser of SplitMix64, over the running state.
    std::uint64_t z = (state ^ word) + 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

struct Digest {
    std::uint64_t operator()(std::monostate) const { return 0; }
    std::uint64_t operator()(const std::string& text) const { return hash_of(text); }
    std::uint64_t operator()(std::int64_t value) const {
        return std::bit_cast<std::uint64_t>(value);
    }
    std::uint64_t operator()(double value) const { return std::bit_cast<std::uint64_t>(value); }
    std::uint64_t operator()(Money value) const { return (*this)(value.minor); }
    std::uint64_t operator()(Date value) const {
        return (*this)(std::int64_t{to_day_number(value)});
    }
    std::uint64_t operator()(bool value) const { return value ? 1 : 0; }
};

/// Values one behind the other, each with its kind and length, so that no two rows look alike.
struct Serialise {
    std::string& to;

    void number(std::uint64_t value) const { text(std::to_string(value)); }
    void text(std::string_view value) const {
        to += std::to_string(value.size());
        to += ':';
        to += value;
    }
    void operator()(std::monostate) const {}
    void operator()(const std::string& value) const { text(value); }
    void operator()(std::int64_t value) const { number(std::bit_cast<std::uint64_t>(value)); }
    void operator()(double value) const { number(std::bit_cast<std::uint64_t>(value)); }
    void operator()(Money value) const { (*this)(value.minor); }
    void operator()(Date value) const { (*this)(std::int64_t{to_day_number(value)}); }
    void operator()(bool value) const { number(value ? 1 : 0); }
};

} // namespace

RowIndex::RowIndex() : entries_(first_capacity) {}

RowIndex::Entry& RowIndex::place_of(std::uint64_t hash) {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    while (entries_[at].hash != 0 && entries_[at].hash != hash) {
        at = (at + 1) & mask;
    }
    return entries_[at];
}

RowIndex::Found RowIndex::find_or_add(std::uint64_t hash) {
    hash += hash == 0 ? 1 : 0;
    Entry* entry = &place_of(hash);
    if (entry->hash == hash) {
        return {entry, false};
    }
    if ((size_ + 1) * 4 > entries_.size() * 3) {
        grow();
        entry = &place_of(hash);
    }
    entry->hash = hash;
    ++size_;
    return {entry, true};
}

void RowIndex::grow() {
    std::vector<Entry> former(entries_.size() * 2);
    former.swap(entries_);
    for (const Entry& entry : former) {
        if (entry.hash != 0) {
            place_of(entry.hash) = entry;
        }
    }
}

std::uint64_t hash_of(std::string_view text) {
    return std::hash<std::string_view>{}(text);
}

std::uint32_t digest_of(const store::ImportRow& row) {
    std::uint64_t state = 0;
    for (const store::Field& field : row.fields) {
        state = mix(state, std::visit(Digest{}, field) + field.index());
    }
    return static_cast<std::uint32_t>(state ^ (state >> 32U));
}

void ContentKeys::fill(store::ImportRow& row, std::size_t key_column) {
    row.fields[key_column] = std::monostate{};
    buffer_.clear();
    for (const store::Field& field : row.fields) {
        buffer_ += static_cast<char>('a' + field.index());
        std::visit(Serialise{buffer_}, field);
    }
    Sha256 sha;
    sha.add(buffer_);
    std::string key = sha.finish().substr(0, key_digits);
    const RowIndex::Found found = seen_.find_or_add(hash_of(key));
    if (!found.is_new) {
        key += '-' + std::to_string(++found.entry->number);
    }
    row.fields[key_column] = std::move(key);
}

} // namespace reviewd::intake
