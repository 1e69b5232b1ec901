// Each eight bytes are multiplied into the state as a 128-bit product whose halves are folded; the
// length of every text goes in too, so that "ab","c" differs from "a","bc".
#include "daemon/store/internal/content_hash.hpp"

#include <bit>
#include <cstring>

namespace reviewd::store {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t mix(std::uint64_t state, std::uint64_t word) noexcept {
    constexpr std::uint64_t odd = 0xd6e8feb86659fd93U;
    return fold(state ^ word, odd) + std::rotl(state, 23);
}

struct Feeder {
    ContentHash& hash;

    void operator()(std::monostate) const { hash.add(std::int64_t{-1}); }
    void operator()(const std::string& text) const { hash.add(std::string_view{text}); }
    void operator()(std::int64_t value) const { hash.add(value); }
    void operator()(double value) const { hash.add(std::bit_cast<std::int64_t>(value)); }
    void operator()(Money value) const { hash.add(value.minor); }
    void operator()(Date value) const { hash.add(std::int64_t{to_day_number(value)}); }
    void operator()(bool value) const { hash.add(std::int64_t{value ? 1 : 0}); }
};

} // namespace

void ContentHash::add(std::string_view text) noexcept {
    state_ = mix(state_, text.size());
    while (text.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        state_ = mix(state_, word);
        text.remove_prefix(sizeof word);
    }
    if (!text.empty()) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), text.size());
        state_ = mix(state_, word);
    }
}

void ContentHash::add(std::int64_t value) noexcept {
    state_ = mix(state_, std::bit_cast<std::uint64_t>(value));
}

void ContentHash::add(const Field& field) noexcept {
    add(static_cast<std::int64_t>(field.index()));
    std::visit(Feeder{*this}, field);
}

std::int64_t ContentHash::value() const noexcept {
    return std::bit_cast<std::int64_t>(mix(state_, 0x2545f4914f6cdd1dU));
}

} // namespace reviewd::store
