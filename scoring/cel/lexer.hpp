#pragma once

#include "scoring/cel/expression.hpp"
#include "scoring/cel/value.hpp"

#include <string_view>
#include <vector>

namespace reviewd::cel {

struct Token {
    enum class Kind {
        end,
        identifier,
        quoted_identifier, ///< `…` in back quotes, without them
        integer, ///< `value` holds the magnitude as std::uint64_t: the sign is the parser's
        literal, ///< uint, double, string or bytes in `value`
        symbol   ///< operator or bracket; `text` is its normal form
    };

    Kind kind = Kind::end;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view text; ///< part of the source, or of static storage
    Value value;
};

/// Whether a name may go on with it: a letter or digit of ASCII, or `_`.
[[nodiscard]] bool is_word_character(char c) noexcept;

/// Splits the source into tokens; the last one is `end`. What is not CEL but easily meant (`=`,
/// `&`, `and`, curly quotes …) is reported with a hint and read as what was meant, so that the rest
/// is checked too.
/// @param source must outlive the tokens
[[nodiscard]] std::vector<Token> tokenize(std::string_view source, Problems& problems);

} // namespace reviewd::cel
