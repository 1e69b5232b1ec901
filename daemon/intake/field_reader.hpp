#pragma once

#include "daemon/intake/date_pattern.hpp"
#include "daemon/store/field.hpp"
#include "scoring/cel/value.hpp"
#include "scoring/rules/table.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::intake {

/// How the texts of one column are to be read.
struct FieldFormat {
    rules::ColumnType type = rules::ColumnType::text;
    double scale = 1; ///< integers, numbers and money are multiplied by it; finite, not 0
    char decimal = '.';
    int minor_digits = 2; ///< of the reporting currency
    std::string date_format = "%Y-%m-%d";
    enum class Breaks { refused, allowed } breaks = Breaks::refused; ///< line ends and tabs
    std::size_t most_bytes = 64UL * 1024;                            ///< of a text
};

/// Reads one column's texts strictly in its type.
///
/// - integer: `12`, also `12.0`; number and money: `1234.5`, with a decimal comma also `1.234,5`;
///   exact unless scaled by what is no power of ten, or converted.
/// - date: as `date_format` says. boolean: true, false, yes, no, 1, 0, in any case.
/// - text: UTF-8 as it came, without control characters.
class FieldReader {
public:
    /// @errors `bad_config` for a date format that is none
    [[nodiscard]] static Result<FieldReader> make(const FieldFormat& format);

    /// What is already known of a text.
    enum class Bytes { printable_ascii, utf8 };

    /// @param text not empty
    /// @param rate money: units of the reporting currency for one of the text's
    /// @param to keeps its memory where it held a text before
    /// @returns whether it could be read; if not, `why()` says what was expected
    [[nodiscard]] bool read(std::string_view text, Bytes bytes, double rate, store::Field& to);

    /// Takes the result of an expression: a text is read like a file's, null is nothing, and
    /// anything else must have the column's type.
    [[nodiscard]] bool accept(const cel::Value& value, store::Field& to);

    /// Why the last text was refused: "expected a date as DD.MM.YYYY".
    [[nodiscard]] const std::string& why() const { return why_; }

private:
    FieldReader(const FieldFormat& format, DatePattern date);

    [[nodiscard]] bool read_text(std::string_view text, Bytes bytes, store::Field& to);
    [[nodiscard]] bool read_integer(std::string_view text, store::Field& to);
    [[nodiscard]] bool read_number(std::string_view text, store::Field& to);
    [[nodiscard]] bool read_money(std::string_view text, double rate, store::Field& to);
    [[nodiscard]] bool read_date(std::string_view text, store::Field& to);
    [[nodiscard]] bool read_boolean(std::string_view text, store::Field& to);
    [[nodiscard]] bool take_integer(double value, store::Field& to);
    [[nodiscard]] bool take_number(double value, store::Field& to);
    [[nodiscard]] bool take_money(double major, store::Field& to);
    [[nodiscard]] bool refuse(std::string why);

    FieldFormat format_;
    DatePattern date_;
    std::optional<int> scale_shift_; ///< the scale is this power of ten
    std::string why_;
};

} // namespace reviewd::intake
