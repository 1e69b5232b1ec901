#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace reviewd::intake {

/// Eight bytes looked at in one go; the first byte is the lowest, on every machine we build for.
using Word = std::uint64_t;

inline constexpr Word low_bits = 0x7F7F7F7F7F7F7F7FULL;
inline constexpr Word high_bits = 0x8080808080808080ULL;

/// @pre eight bytes can be read
[[nodiscard]] inline Word load_word(const char* at) {
    Word word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

[[nodiscard]] inline Word repeat(char byte) {
    return 0x0101010101010101ULL * static_cast<unsigned char>(byte);
}

/// The high bit of each byte that is zero, exactly.
[[nodiscard]] inline Word zero_bytes(Word word) {
    return ~(((word & low_bits) + low_bits) | word | low_bits);
}

/// Finds the delimiter, the quotation mark and the line feed, one after the other.
class SpecialScanner {
public:
    /// @pre eight bytes behind `end` can be read
    SpecialScanner(const char* begin, const char* end, char delimiter)
        : end_(end), delimiter_(repeat(delimiter)) {
        restart(begin);
    }

    /// Goes on at `at`, for instance behind a field in quotation marks.
    void restart(const char* at) {
        word_ = at;
        found_ = at < end_ ? specials(at) : 0;
    }

    /// The next special byte, or `end`.
    [[nodiscard]] const char* next() {
        while (found_ == 0) {
            word_ += sizeof(Word);
            if (word_ >= end_) {
                return end_;
            }
            found_ = specials(word_);
        }
        const char* at = word_ + (__builtin_ctzll(found_) / 8);
        found_ &= found_ - 1;
        return at < end_ ? at : end_;
    }

private:
    [[nodiscard]] Word specials(const char* at) const {
        const Word word = load_word(at);
        return zero_bytes(word ^ delimiter_) | zero_bytes(word ^ repeat('"'))
               | zero_bytes(word ^ repeat('\n'));
    }

    const char* end_;
    const char* word_ = nullptr;
    Word found_ = 0;
    Word delimiter_;
};

/// Whether every byte is printable ASCII.
[[nodiscard]] inline bool is_printable_ascii(const char* begin, const char* end) {
    Word beyond = 0;
    const char* at = begin;
    for (; end - at >= static_cast<std::ptrdiff_t>(sizeof(Word)); at += sizeof(Word)) {
        const Word word = load_word(at);
        // A byte is below 0x20 when its three highest bits are zero.
        beyond |= (word & high_bits) | zero_bytes(word & repeat('\xE0'))
                  | zero_bytes(word ^ repeat('\x7F'));
    }
    bool is_plain = beyond == 0;
    for (; at < end; ++at) {
        is_plain = is_plain && *at >= 0x20 && *at < 0x7F;
    }
    return is_plain;
}

} // namespace reviewd::intake
