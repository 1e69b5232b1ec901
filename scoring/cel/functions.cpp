// The table of functions: the checker reads the signatures, the interpreter calls the
// implementations, the manual is made of the descriptions.
#include "scoring/cel/functions.hpp"

#include "scoring/cel/implementations.hpp"

#include <array>
#include <unordered_map>

namespace reviewd::cel {
namespace {

constexpr auto operators = Library::operators;
constexpr auto standard = Library::standard;
constexpr auto text_library = Library::text;
constexpr auto math_library = Library::math;
constexpr auto encoding = Library::encoding;
constexpr auto rules_library = Library::rules;

// clang-format off
constexpr std::array function_table{
    // ---- Functions of rules ----
    Function{"known", rules_library, "known(dyn) -> bool",
        "Whether the value is there: false for a missing fact.", nullptr},
    Function{"min", rules_library,
        "min(int, int...) -> int; min(double, double...) -> double; min(timestamp, timestamp...) -> timestamp; "
        "min(list(int)) -> int; min(list(double)) -> double; min(list(timestamp)) -> timestamp",
        "The smallest of the numbers, or the earliest of the dates.", rules::min},
    Function{"max", rules_library,
        "max(int, int...) -> int; max(double, double...) -> double; max(timestamp, timestamp...) -> timestamp; "
        "max(list(int)) -> int; max(list(double)) -> double; max(list(timestamp)) -> timestamp",
        "The greatest of the numbers, or the latest of the dates.", rules::max},
    Function{"clamp", rules_library, "clamp(int, int, int) -> int; clamp(double, double, double) -> double",
        "The number, or the lower or upper bound (second and third value) when it lies beyond.", rules::clamp},
    Function{"months_between", rules_library, "months_between(timestamp, timestamp) -> int",
        "Whole calendar months from the first date to the second; negative when the second is earlier.",
        rules::months_between},
    Function{"days_until", rules_library, "days_until(timestamp, timestamp) -> int",
        "Days from `today` to the date; negative when it has passed. The second value may be left out: it is `today`.",
        rules::days_until},

    // ---- Operators ----
    Function{"_||_", operators, "_||_(bool, bool) -> bool", "True when one of the two is true.", nullptr},
    Function{"_&&_", operators, "_&&_(bool, bool) -> bool", "True when both are true.", nullptr},
    Function{"!_", operators, "!_(bool) -> bool", "The opposite.", nullptr},
    Function{"_?_:_", operators, "_?_:_(bool, A, A) -> A", "The second value when the first is true, else the third.",
        nullptr},
    Function{"_==_", operators, "_==_(A, A) -> bool", "Whether both are equal.", nullptr},
    Function{"_!=_", operators, "_!=_(A, A) -> bool", "Whether both differ.", nullptr},
    Function{"_<_", operators, "_<_(A, A) -> bool", "Whether the first is less, earlier or sorts before.", nullptr},
    Function{"_<=_", operators, "_<=_(A, A) -> bool", "Whether the first is less or equal.", nullptr},
    Function{"_>_", operators, "_>_(A, A) -> bool", "Whether the first is greater, later or sorts behind.", nullptr},
    Function{"_>=_", operators, "_>=_(A, A) -> bool", "Whether the first is greater or equal.", nullptr},
    Function{"@in", operators, "@in(A, list(A)) -> bool; @in(A, map(A, B)) -> bool",
        "Whether the list has the element, or the map the key.", nullptr},
    Function{"_+_", operators,
        "_+_(int, int) -> int; _+_(uint, uint) -> uint; _+_(double, double) -> double; _+_(string, string) -> string; "
        "_+_(bytes, bytes) -> bytes; _+_(list(A), list(A)) -> list(A); _+_(timestamp, duration) -> timestamp; "
        "_+_(duration, timestamp) -> timestamp; _+_(duration, duration) -> duration",
        "The sum, or both joined.", nullptr},
    Function{"_-_", operators,
        "_-_(int, int) -> int; _-_(uint, uint) -> uint; _-_(double, double) -> double; "
        "_-_(timestamp, timestamp) -> duration; _-_(timestamp, duration) -> timestamp; "
        "_-_(duration, duration) -> duration",
        "The difference.", nullptr},
    Function{"_*_", operators, "_*_(int, int) -> int; _*_(uint, uint) -> uint; _*_(double, double) -> double",
        "The product.", nullptr},
    Function{"_/_", operators, "_/_(int, int) -> int; _/_(uint, uint) -> uint; _/_(double, double) -> double",
        "The quotient; of two whole numbers without its fraction.", nullptr},
    Function{"_%_", operators, "_%_(int, int) -> int; _%_(uint, uint) -> uint", "What remains of a division.", nullptr},
    Function{"-_", operators, "-_(int) -> int; -_(double) -> double", "The number with the other sign.", nullptr},
    Function{"_[_]", operators, "_[_](list(A), int) -> A; _[_](map(A, B), A) -> B",
        "The element at the position, counted from 0, or of the key.", nullptr},

    // ---- Text and collections ----
    Function{"size", standard,
        "size(string) -> int; size(bytes) -> int; size(list(A)) -> int; size(map(A, B)) -> int; string.size() -> int; "
        "bytes.size() -> int; list(A).size() -> int; map(A, B).size() -> int",
        "Number of characters, bytes, elements or entries.", text::size},
    Function{"contains", standard, "string.contains(string) -> bool", "Whether the text has the other text in it.",
        text::contains},
    Function{"startsWith", standard, "string.startsWith(string) -> bool",
        "Whether the text begins with the other text.", text::starts_with},
    Function{"endsWith", standard, "string.endsWith(string) -> bool", "Whether the text ends with the other text.",
        text::ends_with},
    Function{"matches", standard, "string.matches(string) -> bool; matches(string, string) -> bool",
        "Whether the regular expression (RE2) matches somewhere in the text.", text::matches},

    // ---- Conversions ----
    Function{"int", standard,
        "int(int) -> int; int(uint) -> int; int(double) -> int; int(string) -> int; int(timestamp) -> int",
        "A whole number: the fraction is cut off; of a moment, the seconds since 1970.", conversion::to_int},
    Function{"uint", standard, "uint(uint) -> uint; uint(int) -> uint; uint(double) -> uint; uint(string) -> uint",
        "A whole number without sign.", conversion::to_uint},
    Function{"double", standard,
        "double(double) -> double; double(int) -> double; double(uint) -> double; double(string) -> double",
        "A number with a fraction.", conversion::to_double},
    Function{"string", standard,
        "string(string) -> string; string(bool) -> string; string(int) -> string; string(uint) -> string; "
        "string(double) -> string; string(bytes) -> string; string(timestamp) -> string; string(duration) -> string",
        "The value as text.", conversion::to_text},
    Function{"bytes", standard, "bytes(bytes) -> bytes; bytes(string) -> bytes", "The UTF-8 bytes of the text.",
        conversion::to_bytes},
    Function{"bool", standard, "bool(bool) -> bool; bool(string) -> bool", "True or false from text such as \"true\".",
        conversion::to_bool},
    Function{"timestamp", standard,
        "timestamp(timestamp) -> timestamp; timestamp(string) -> timestamp; timestamp(int) -> timestamp",
        "A moment from \"2026-01-31T08:00:00Z\" or seconds since 1970; in rules also a day, \"2026-01-31\".",
        conversion::to_timestamp_value},
    Function{"duration", standard, "duration(duration) -> duration; duration(string) -> duration",
        "A length of time from text such as \"1h30m\" or \"90s\".", conversion::to_duration},
    Function{"type", standard, "type(dyn) -> type", "The type of the value.", conversion::to_type},
    Function{"dyn", standard, "dyn(A) -> dyn", "The same value, with its type checked only when evaluated.",
        conversion::to_dyn},

    // ---- Dates and lengths of time ----
    Function{"getFullYear", standard, "timestamp.getFullYear() -> int; timestamp.getFullYear(string) -> int",
        "The year, in UTC or the given time zone.", calendar::full_year},
    Function{"getMonth", standard, "timestamp.getMonth() -> int; timestamp.getMonth(string) -> int",
        "The month, 0 for January.", calendar::month},
    Function{"getDate", standard, "timestamp.getDate() -> int; timestamp.getDate(string) -> int",
        "The day of the month, from 1.", calendar::date},
    Function{"getDayOfMonth", standard, "timestamp.getDayOfMonth() -> int; timestamp.getDayOfMonth(string) -> int",
        "The day of the month, from 0.", calendar::day_of_month},
    Function{"getDayOfWeek", standard, "timestamp.getDayOfWeek() -> int; timestamp.getDayOfWeek(string) -> int",
        "The day of the week, 0 for Sunday.", calendar::day_of_week},
    Function{"getDayOfYear", standard, "timestamp.getDayOfYear() -> int; timestamp.getDayOfYear(string) -> int",
        "The day of the year, from 0.", calendar::day_of_year},
    Function{"getHours", standard,
        "timestamp.getHours() -> int; timestamp.getHours(string) -> int; duration.getHours() -> int",
        "The hour of the day; of a length of time, all its hours.", calendar::hours},
    Function{"getMinutes", standard,
        "timestamp.getMinutes() -> int; timestamp.getMinutes(string) -> int; duration.getMinutes() -> int",
        "The minute of the hour; of a length of time, all its minutes.", calendar::minutes},
    Function{"getSeconds", standard,
        "timestamp.getSeconds() -> int; timestamp.getSeconds(string) -> int; duration.getSeconds() -> int",
        "The second of the minute; of a length of time, all its seconds.", calendar::seconds},
    Function{"getMilliseconds", standard,
        "timestamp.getMilliseconds() -> int; timestamp.getMilliseconds(string) -> int; "
        "duration.getMilliseconds() -> int",
        "The milliseconds of the second.", calendar::milliseconds},

    // ---- More text ----
    Function{"charAt", text_library, "string.charAt(int) -> string", "The character at the position, from 0.",
        text::char_at},
    Function{"indexOf", text_library, "string.indexOf(string) -> int; string.indexOf(string, int) -> int",
        "Where the other text first stands, from the position on; -1 when it does not.", text::index_of},
    Function{"lastIndexOf", text_library, "string.lastIndexOf(string) -> int; string.lastIndexOf(string, int) -> int",
        "Where the other text last stands, up to the position; -1 when it does not.", text::last_index_of},
    Function{"lowerAscii", text_library, "string.lowerAscii() -> string", "The letters A to Z as small letters.",
        text::lower_ascii},
    Function{"upperAscii", text_library, "string.upperAscii() -> string", "The letters a to z as capitals.",
        text::upper_ascii},
    Function{"replace", text_library,
        "string.replace(string, string) -> string; string.replace(string, string, int) -> string",
        "The text with the first text replaced by the second, at most as often as the number says.", text::replace},
    Function{"split", text_library, "string.split(string) -> list(string); string.split(string, int) -> list(string)",
        "The parts between the separators, at most as many as the number says.", text::split},
    Function{"join", text_library, "list(string).join() -> string; list(string).join(string) -> string",
        "The texts of the list in one, with the separator between them.", text::join},
    Function{"substring", text_library, "string.substring(int) -> string; string.substring(int, int) -> string",
        "The characters from the first position up to the second.", text::substring},
    Function{"trim", text_library, "string.trim() -> string", "The text without white space at its ends.", text::trim},
    Function{"reverse", text_library, "string.reverse() -> string", "The characters in reverse order.", text::reverse},
    Function{"format", text_library, "string.format(list(dyn)) -> string",
        "The text with %s, %d, %f … replaced by the values of the list.", text::format},
    Function{"strings.quote", text_library, "strings.quote(string) -> string",
        "The text in quotes, with its control characters escaped.", text::quote},

    // ---- Mathematics ----
    Function{"math.greatest", math_library,
        "math.greatest(int, int...) -> int; math.greatest(double, double...) -> double; "
        "math.greatest(uint, uint...) -> uint; math.greatest(number, number...) -> dyn; "
        "math.greatest(list(int)) -> int; math.greatest(list(double)) -> double; math.greatest(list(uint)) -> uint; "
        "math.greatest(list(number)) -> dyn",
        "The greatest of the numbers.", math::greatest},
    Function{"math.least", math_library,
        "math.least(int, int...) -> int; math.least(double, double...) -> double; "
        "math.least(uint, uint...) -> uint; math.least(number, number...) -> dyn; "
        "math.least(list(int)) -> int; math.least(list(double)) -> double; math.least(list(uint)) -> uint; "
        "math.least(list(number)) -> dyn",
        "The smallest of the numbers.", math::least},
    Function{"math.ceil", math_library, "math.ceil(double) -> double", "Rounded up.", math::ceil},
    Function{"math.floor", math_library, "math.floor(double) -> double", "Rounded down.", math::floor},
    Function{"math.round", math_library, "math.round(double) -> double",
        "Rounded, halves away from zero.", math::round},
    Function{"math.trunc", math_library, "math.trunc(double) -> double", "Without its fraction.", math::trunc},
    Function{"math.sqrt", math_library,
        "math.sqrt(double) -> double; math.sqrt(int) -> double; math.sqrt(uint) -> double", "The square root.",
        math::sqrt},
    Function{"math.abs", math_library,
        "math.abs(int) -> int; math.abs(uint) -> uint; math.abs(double) -> double", "Without its sign.", math::abs},
    Function{"math.sign", math_library,
        "math.sign(int) -> int; math.sign(uint) -> uint; math.sign(double) -> double", "-1, 0 or 1.", math::sign},
    Function{"math.isNaN", math_library, "math.isNaN(double) -> bool", "Whether it is no number.", math::is_nan},
    Function{"math.isInf", math_library, "math.isInf(double) -> bool", "Whether it is infinite.", math::is_inf},
    Function{"math.isFinite", math_library, "math.isFinite(double) -> bool", "Whether it is an ordinary number.",
        math::is_finite},
    Function{"math.bitOr", math_library, "math.bitOr(int, int) -> int; math.bitOr(uint, uint) -> uint",
        "The bits that are set in either.", math::bit_or},
    Function{"math.bitAnd", math_library, "math.bitAnd(int, int) -> int; math.bitAnd(uint, uint) -> uint",
        "The bits that are set in both.", math::bit_and},
    Function{"math.bitXor", math_library, "math.bitXor(int, int) -> int; math.bitXor(uint, uint) -> uint",
        "The bits that are set in one only.", math::bit_xor},
    Function{"math.bitNot", math_library, "math.bitNot(int) -> int; math.bitNot(uint) -> uint", "All bits turned over.",
        math::bit_not},
    Function{"math.bitShiftLeft", math_library,
        "math.bitShiftLeft(int, int) -> int; math.bitShiftLeft(uint, int) -> uint", "The bits moved up.",
        math::bit_shift_left},
    Function{"math.bitShiftRight", math_library,
        "math.bitShiftRight(int, int) -> int; math.bitShiftRight(uint, int) -> uint", "The bits moved down.",
        math::bit_shift_right},

    // ---- Encodings ----
    Function{"base64.encode", encoding, "base64.encode(bytes) -> string", "The bytes as base64 text.",
        conversion::base64_encode},
    Function{"base64.decode", encoding, "base64.decode(string) -> bytes", "The bytes of base64 text.",
        conversion::base64_decode},
};
// clang-format on

} // namespace

std::span<const Function> functions() {
    return function_table;
}

const Function* find_function(std::string_view name, Dialect dialect) {
    static const auto by_name = [] {
        std::unordered_map<std::string_view, const Function*> index;
        for (const Function& function : function_table) {
            index.emplace(function.name, &function);
        }
        return index;
    }();
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
        return nullptr;
    }
    return found->second->library == Library::rules && dialect != Dialect::rules ? nullptr
                                                                                 : found->second;
}

} // namespace reviewd::cel
