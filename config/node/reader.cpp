// Each type has its own strict form, checked letter by letter: YAML's guesses (octal, sexagesimal,
// `yes`) never get a say.
#include "config/node/reader.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace reviewd::config {
namespace {

constexpr std::size_t longest_shown_value = 60;
constexpr std::size_t longest_name = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool are_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

void wrong(const Node& node, Report& report, std::string_view expected, std::string hint = {}) {
    report.error(
        node, fmt::format("expected {}, found {}", expected, described(node)), std::move(hint)
    );
}

/// The text of a plain scalar, or nothing after reporting. Quotes make a text of anything.
const std::string* plain_text(const Node& node, Report& report, std::string_view expected) {
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, expected);
        return nullptr;
    }
    if (node.style() != Node::Style::plain) {
        wrong(node, report, expected, "write it without quotes");
        return nullptr;
    }
    return &node.text();
}

/// `-`, digits without a leading zero, and with `decimals` also a fraction.
enum class Decimals { none, allowed };

bool is_plain_number(std::string_view text, Decimals decimals) {
    if (!text.empty() && text.front() == '-') {
        text.remove_prefix(1);
    }
    const std::size_t point =
        decimals == Decimals::allowed ? text.find('.') : std::string_view::npos;
    const std::string_view whole = text.substr(0, point);
    const bool has_fraction = point != std::string_view::npos;
    return are_digits(whole) && (whole == "0" || whole.front() != '0')
           && (!has_fraction || are_digits(text.substr(point + 1)));
}

std::string without(std::string_view text, std::string_view letters) {
    std::string kept;
    for (const char c : text) {
        if (letters.find(c) == std::string_view::npos) {
            kept += c;
        }
    }
    return kept;
}

std::size_t count_of(std::string_view text, char letter) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), letter));
}

/// Whether exactly three digits follow the last sign of that kind: no others, or a fraction.
bool ends_in_thousands(std::string_view text, char sign) {
    const std::string_view group = text.substr(text.rfind(sign) + 1); // npos + 1 is 0
    return group.substr(0, group.find('.')).size() == 3;
}

/// What a number with separators comes to, if they part thousands; empty: they do not.
std::string read_as_thousands(std::string_view text) {
    const std::size_t commas = count_of(text, ',');
    const std::size_t points = count_of(text, '.');
    if (commas == 0 && points > 1 && ends_in_thousands(text, '.')) {
        return without(text, ".");
    }
    // With one comma it may be a decimal sign, and 1234,567 is one surely.
    constexpr std::size_t longest_first_group = 3;
    const std::size_t first_group = text.find(',') - (text.starts_with('-') ? 1 : 0);
    const bool is_parted =
        commas == 0
        || (ends_in_thousands(text, ',') && (commas > 1 || first_group <= longest_first_group));
    return is_parted ? without(text, ",") : std::string{};
}

/// What it comes to, if its only comma is the decimal sign; empty: that it cannot be.
std::string read_as_fraction(std::string_view text) {
    const std::size_t comma = text.find(',');
    if (count_of(text, ',') != 1 || text.find('.', comma) != std::string_view::npos) {
        return {};
    }
    return fmt::format("{}.{}", without(text.substr(0, comma), "."), text.substr(comma + 1));
}

std::string without_last_zeros(std::string fraction) {
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (fraction.back() == '.') {
        fraction.pop_back();
    }
    return fraction;
}

/// What to write for a number with commas, blanks and the like; empty: it is none.
std::string separator_hint(std::string_view text, Decimals decimals) {
    const std::string bare = without(text, "_ '");
    if (bare.size() == text.size() && bare.find_first_of(",.") == std::string::npos) {
        return {};
    }
    const std::string thousands = read_as_thousands(bare);
    const std::string fraction = read_as_fraction(bare);
    const bool may_be_thousands = thousands != text && is_plain_number(thousands, decimals);
    const bool is_fraction = is_plain_number(fraction, Decimals::allowed);
    if (may_be_thousands && is_fraction && decimals == Decimals::allowed) {
        return fmt::format(
            "write `{}` if the comma parts thousands, `{}` if it is the decimal sign",
            thousands,
            without_last_zeros(fraction)
        );
    }
    if (may_be_thousands) {
        return fmt::format("write it without separators: `{}`", thousands);
    }
    if (is_fraction) {
        return decimals == Decimals::allowed
                   ? fmt::format("write the decimal sign as a point: `{}`", fraction)
                   : "a fraction is not possible here";
    }
    return {};
}

/// What to write instead of something that only looks like a number.
std::string number_hint(std::string_view text, Decimals decimals) {
    const std::string folded = lower_case(text);
    const std::string_view digits = text.substr(
        text.find_first_not_of("+-0") == std::string_view::npos ? 0 : text.find_first_not_of("+-0")
    );
    if (folded == ".nan" || folded == "nan" || folded.find("inf") != std::string::npos) {
        return "a number must be finite";
    }
    if (text.find(':') != std::string_view::npos) {
        return "some programs read this as a number to the base 60; write the number out";
    }
    if (folded.substr(0, 2) == "0x" || folded.substr(0, 2) == "0o" || folded.substr(0, 2) == "0b") {
        return "write the number in decimal digits";
    }
    if (text.size() > 1 && text.front() == '0' && are_digits(text)) {
        return fmt::format("some programs read a leading 0 as octal; write `{}`", digits);
    }
    if (text.front() == '+' && is_plain_number(text.substr(1), decimals)) {
        return fmt::format("write `{}`", text.substr(1));
    }
    if (folded.find('e') != std::string::npos && is_digit(folded.front())) {
        return "write the number out, without an exponent";
    }
    if (text.ends_with('%') && is_plain_number(text.substr(0, text.size() - 1), decimals)) {
        return "write the number without `%`";
    }
    if (std::string hint = separator_hint(text, decimals); !hint.empty()) {
        return hint;
    }
    if (text.front() == '.' && is_plain_number("0" + std::string{text}, decimals)) {
        return fmt::format("write `0{}`", text);
    }
    if (decimals == Decimals::none && is_plain_number(text, Decimals::allowed)) {
        return "a fraction is not possible here";
    }
    return {};
}

struct UnitOf {
    std::string_view name;
    std::int64_t factor;
};

/// A whole count and the unit behind it.
struct Counted {
    std::int64_t count = 0;
    std::string_view unit;
};

std::optional<Counted> split_count(std::string_view text) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        ++digits;
    }
    Counted counted;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, counted.count);
    const bool is_padded = digits > 1 && text.front() == '0';
    if (digits == 0 || error != std::errc{} || end != text.data() + digits || is_padded) {
        return std::nullopt;
    }
    counted.unit = trim(text.substr(digits));
    return counted;
}

std::string unit_hint(std::string_view unit, std::span<const UnitOf> units) {
    std::vector<std::string> names;
    for (const UnitOf& candidate : units) {
        names.emplace_back(candidate.name);
    }
    return did_you_mean(unit, names);
}

/// `count` times the factor of its unit; nothing when the unit is unknown or the product too large.
std::optional<std::int64_t> scaled(
    const Counted& counted, std::span<const UnitOf> units, std::int64_t largest
) {
    for (const UnitOf& candidate : units) {
        if (candidate.name == counted.unit) {
            return counted.count <= largest / candidate.factor
                       ? std::optional{counted.count * candidate.factor}
                       : std::nullopt;
        }
    }
    return std::nullopt;
}

constexpr std::array duration_units{
    UnitOf{"ms", 1},
    UnitOf{"millisecond", 1},
    UnitOf{"milliseconds", 1},
    UnitOf{"s", 1000},
    UnitOf{"second", 1000},
    UnitOf{"seconds", 1000},
    UnitOf{"min", 60'000},
    UnitOf{"minute", 60'000},
    UnitOf{"minutes", 60'000},
    UnitOf{"h", 3'600'000},
    UnitOf{"hour", 3'600'000},
    UnitOf{"hours", 3'600'000},
    UnitOf{"d", 86'400'000},
    UnitOf{"day", 86'400'000},
    UnitOf{"days", 86'400'000},
    UnitOf{"week", 604'800'000},
    UnitOf{"weeks", 604'800'000},
};
/// Ten years: longer is a slip of the keyboard.
constexpr std::int64_t longest_duration_ms = 315'576'000'000;

/// YAML 1.1 reads these as true, false or nothing; another program may do so with our file.
bool is_other_programs_word(std::string_view text) {
    static constexpr std::array<std::string_view, 6> words{
        "true", "false", "yes", "no", "on", "off"};
    const std::string folded = lower_case(text);
    return std::find(words.begin(), words.end(), folded) != words.end();
}

} // namespace

std::string described(const Node& node) {
    if (node.is_map()) {
        return "keys with values";
    }
    if (node.is_sequence()) {
        return "a list";
    }
    if (node.is_null()) {
        return node.text().empty() ? "nothing" : fmt::format("`{}`, nothing", node.text());
    }
    const std::string shown = cut_to_width(node.shown_text(), longest_shown_value);
    return node.style() == Node::Style::plain ? fmt::format("`{}`", shown)
                                              : fmt::format("the text \"{}\"", shown);
}

std::optional<std::string> read_text(const Node& node, Report& report) {
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, "a text");
        return std::nullopt;
    }
    if (node.style() == Node::Style::plain && is_other_programs_word(node.text())) {
        wrong(
            node,
            report,
            "a text",
            fmt::format("many programs read this as yes or no; write \"{}\"", node.text())
        );
        return std::nullopt;
    }
    return node.text();
}

std::optional<std::int64_t> read_integer(
    const Node& node, Report& report, std::int64_t smallest, std::int64_t largest
) {
    const std::string expected = fmt::format("a whole number from {} to {}", smallest, largest);
    const std::string* text = plain_text(node, report, expected);
    if (text == nullptr) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (!is_plain_number(*text, Decimals::none) || *text == "-0") {
        wrong(node, report, expected, number_hint(*text, Decimals::none));
        return std::nullopt;
    }
    if (error != std::errc{} || value < smallest || value > largest) {
        wrong(node, report, expected);
        return std::nullopt;
    }
    return value;
}

std::optional<double> read_number(const Node& node, Report& report) {
    const std::string* text = plain_text(node, report, "a number");
    if (text == nullptr) {
        return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (!is_plain_number(*text, Decimals::allowed)) {
        wrong(node, report, "a number", number_hint(*text, Decimals::allowed));
        return std::nullopt;
    }
    if (error != std::errc{} || !std::isfinite(value) || std::abs(value) > 1e15) {
        wrong(node, report, "a number between -10^15 and 10^15");
        return std::nullopt;
    }
    return value;
}

std::optional<Money> read_money(const Node& node, Report& report, int minor_digits) {
    const std::string* text = plain_text(node, report, "an amount of money");
    if (text == nullptr) {
        return std::nullopt;
    }
    if (!is_plain_number(*text, Decimals::allowed)) {
        wrong(node, report, "an amount of money", number_hint(*text, Decimals::allowed));
        return std::nullopt;
    }
    const Result<Money> money = parse_money(*text, minor_digits);
    if (!money.has_value()) {
        wrong(node, report, "an amount of money", money.error().message);
        return std::nullopt;
    }
    return *money;
}

std::optional<bool> read_boolean(const Node& node, Report& report) {
    const std::string* text = plain_text(node, report, "true or false");
    if (text == nullptr) {
        return std::nullopt;
    }
    if (*text == "true" || *text == "false") {
        return *text == "true";
    }
    const std::string folded = lower_case(*text);
    const bool is_yes = folded == "yes" || folded == "on" || folded == "true" || folded == "y";
    const bool is_no = folded == "no" || folded == "off" || folded == "false" || folded == "n";
    const std::string_view hint = is_yes ? "write `true`" : is_no ? "write `false`" : "";
    wrong(node, report, "true or false", std::string{hint});
    return std::nullopt;
}

std::optional<Date> read_date(const Node& node, Report& report) {
    constexpr std::string_view expected = "a day as YYYY-MM-DD";
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, expected);
        return std::nullopt;
    }
    const Result<Date> date = parse_date(node.text());
    if (!date.has_value()) {
        wrong(node, report, expected, date.error().message);
        return std::nullopt;
    }
    return *date;
}

namespace {

constexpr std::string_view period_units =
    "the units are days (d), working days, weeks (w), months (m) and years (y)";

/// What to write for a count with a fraction: in months where they come to whole ones.
std::string fraction_hint(std::string_view text, std::size_t digits) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", digits + 1), text.size());
    const std::string_view unit = trim(text.substr(end));
    const bool is_half = text.substr(digits + 1, end - digits - 1) == "5";
    int whole = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + digits, whole);
    const bool is_years = unit == "year" || unit == "years" || unit == "y";
    if (is_half && is_years && error == std::errc{} && whole < 100) {
        return fmt::format("write a whole count of a smaller unit: `{} months`", whole * 12 + 6);
    }
    return "write a whole count of a smaller unit, such as `18 months` for 1.5 years";
}

/// What to write in the place of a text that is no period.
std::string period_hint(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const bool has_fraction = digits > 0 && digits + 1 < text.size()
                              && (text[digits] == '.' || text[digits] == ',')
                              && is_digit(text[digits + 1]);
    if (has_fraction) {
        return fraction_hint(text, digits);
    }
    const std::optional<Counted> counted = split_count(text);
    if (digits > 0 && (!counted || counted->count > Period::largest_count)) {
        return fmt::format("the count is a whole number from 0 to {}", Period::largest_count);
    }
    if (!counted) {
        return "write a count and a unit, for instance `14 days`, `6 weeks`, `1 month`";
    }
    if (counted->unit.empty()) {
        return fmt::format(
            "of what? write `{0} days`, `{0} weeks`, `{0} months` …", counted->count
        );
    }
    const std::array<std::string, 5> units{"days", "working days", "weeks", "months", "years"};
    const std::string near = did_you_mean(counted->unit, units);
    return near.empty() ? std::string{period_units} : near;
}

} // namespace

std::optional<Period> read_period(const Node& node, Report& report) {
    constexpr std::string_view expected = "a length of time";
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, expected, "write a count and a unit, for instance `6 weeks`");
        return std::nullopt;
    }
    const Result<Period> period = parse_period(node.text().empty() ? " " : node.text());
    if (period.has_value()) {
        return *period;
    }
    wrong(node, report, expected, period_hint(node.text()));
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> read_duration(const Node& node, Report& report) {
    constexpr std::string_view expected = "a span of time";
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, expected, "write a count and a unit, for instance `10 s`");
        return std::nullopt;
    }
    const std::optional<Counted> counted = split_count(node.text());
    if (counted) {
        if (const auto value = scaled(*counted, duration_units, longest_duration_ms)) {
            return std::chrono::milliseconds{*value};
        }
    }
    std::string hint = "write a count and a unit, for instance `500 ms`, `10 s`, `5 minutes`";
    const std::string units =
        "the units are ms, s, min, h and d, and seconds, minutes, hours, days and weeks";
    if (counted && counted->unit == "m") {
        hint = fmt::format("write `min` for minutes; {}", units);
    } else if (counted && counted->unit.empty()) {
        hint = fmt::format("of what? write `{0} s`, `{0} minutes`, `{0} hours` …", counted->count);
    } else if (counted) {
        const std::string near = unit_hint(counted->unit, duration_units);
        hint = near.empty() ? units : near;
    }
    wrong(node, report, expected, std::move(hint));
    return std::nullopt;
}

std::optional<std::chrono::minutes> read_time_of_day(const Node& node, Report& report) {
    constexpr std::string_view expected = "a time of day from 00:00 to 23:59";
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, expected);
        return std::nullopt;
    }
    const std::string_view text = node.text();
    const bool is_formed = text.size() == 5 && text[2] == ':' && are_digits(text.substr(0, 2))
                           && are_digits(text.substr(3));
    if (is_formed) {
        const int hours = (text[0] - '0') * 10 + (text[1] - '0');
        const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
        if (hours < 24 && minutes < 60) {
            return std::chrono::minutes{hours * 60 + minutes};
        }
    }
    const bool is_short = text.size() == 4 && text[1] == ':' && is_digit(text[0]);
    wrong(node, report, expected, is_short ? fmt::format("write `0{}`", text) : "");
    return std::nullopt;
}

std::optional<std::string> read_name(const Node& node, Report& report) {
    constexpr std::string_view expected = "a name";
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, expected);
        return std::nullopt;
    }
    const std::string& text = node.text();
    const auto is_letter = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    const bool is_made_of_letters = std::all_of(text.begin(), text.end(), [&](char c) {
        return is_letter(c) || c == '-' || c == '_';
    });
    if (text.empty() || text.size() > longest_name || !is_made_of_letters
        || !is_letter(text.front())) {
        wrong(
            node,
            report,
            expected,
            "a name is made of letters a-z, digits, `-` and `_`, begins with a letter or digit and "
            "has at most 64"
        );
        return std::nullopt;
    }
    return read_text(node, report);
}

bool is_language_code(std::string_view text) {
    constexpr std::size_t most_parts = 3;
    std::size_t parts = 0;
    for (bool is_last = false; !is_last; ++parts) {
        const std::string_view part = text.substr(0, text.find('-'));
        is_last = part.size() == text.size();
        text.remove_prefix(is_last ? text.size() : part.size() + 1);
        const std::size_t longest = parts == 0 ? 3 : 4;
        const bool is_made_of_letters = std::all_of(part.begin(), part.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        });
        if (part.size() < 2 || part.size() > longest || !is_made_of_letters) {
            return false;
        }
    }
    return parts <= most_parts;
}

std::vector<std::string> read_texts(const Node& node, Report& report) {
    std::vector<std::string> texts;
    const auto take = [&](const Node& element) {
        if (std::optional<std::string> text = read_text(element, report)) {
            texts.push_back(std::move(*text));
        }
    };
    if (node.is_sequence()) {
        for (const Node& element : node.elements()) {
            take(element);
        }
    } else if (node.is_scalar()) {
        take(node);
    } else {
        wrong(node, report, "a list of texts");
    }
    return texts;
}

std::optional<std::size_t> read_word(
    const Node& node, Report& report, std::span<const std::string_view> words
) {
    const std::vector<std::string> candidates(words.begin(), words.end());
    std::string expected = "one of ";
    for (const std::string& word : candidates) {
        expected += (&word == candidates.data() ? "`" : ", `") + word + "`";
    }
    if (!node.is_scalar() || node.is_null()) {
        wrong(node, report, expected);
        return std::nullopt;
    }
    const auto found = std::find(candidates.begin(), candidates.end(), node.text());
    if (found == candidates.end()) {
        wrong(node, report, expected, did_you_mean(node.text(), candidates));
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - candidates.begin());
}

const Node& place_of(const Node& node, std::string_view key) {
    const Node* const value = node.is_map() ? node.find(key) : nullptr;
    return value == nullptr ? node : *value;
}

} // namespace reviewd::config
