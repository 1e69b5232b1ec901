// A number is read as people write it: perhaps a word such as "Tel.", the number with what stands
// between its digits, perhaps an extension. Whatever else there is makes it no number.
#include "daemon/message/phone_link.hpp"

#include "scoring/base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace reviewd::message {
namespace {

constexpr std::string_view ten_digits = "0123456789";

void replace_each(std::string& text, const auto& pieces, std::string_view by) {
    for (const std::string_view each : pieces) {
        for (std::size_t at = text.find(each); at != std::string::npos; at = text.find(each, at)) {
            text.replace(at, each.size(), by);
        }
    }
}

/// With the plain form of what word processors put between digits, and without marks of direction,
/// which come along from an address book.
std::string with_plain_blanks(std::string text) {
    constexpr std::array<std::string_view, 3> blanks{"\u00A0", "\u2009", "\u202F"};
    constexpr std::array<std::string_view, 6> dashes{
        "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"};
    constexpr std::array<std::string_view, 6> marks{
        "\u200E", "\u200F", "\u202A", "\u202C", "\u2066", "\u2069"};
    replace_each(text, blanks, " ");
    replace_each(text, dashes, "-");
    replace_each(text, marks, "");
    return text;
}

/// Takes the first of the words that the text begins with from it, and what may follow the word.
bool take_word(std::string_view& text, const auto& words, std::string_view behind) {
    for (const std::string_view word : words) {
        if (text.starts_with(word)) {
            text.remove_prefix(word.size());
            text.remove_prefix(std::min(text.find_first_not_of(behind), text.size()));
            return true;
        }
    }
    return false;
}

/// The number itself, digit by digit.
class NumberReader {
public:
    /// @returns its digits with the plus; nothing: it is not sure which
    std::optional<std::string> read(std::string_view text) {
        if (text.find(" - ") != std::string_view::npos) {
            return std::nullopt; // from one number to another
        }
        for (std::size_t at = 0; at < text.size(); ++at) {
            const char c = text[at];
            if (c == '(') {
                const std::size_t end = text.find(')', at);
                if (end == std::string_view::npos
                    || !take_group(text.substr(at + 1, end - at - 1))) {
                    return std::nullopt;
                }
                at = end;
            } else if (!take(c)) {
                return std::nullopt;
            }
        }
        const std::size_t count = digits_.size() - (has_plus_ ? 1 : 0);
        const bool has_exit_code = digits_.starts_with(exit_code);
        return count >= fewest && count <= (has_exit_code ? most + exit_code.size() : most)
                   ? std::optional{digits_}
                   : std::nullopt;
    }

private:
    static constexpr std::size_t fewest = 3;
    static constexpr std::size_t most = 15; // E.164; beyond it there are two numbers
    static constexpr std::string_view exit_code = "00";

    bool take(char c) {
        if (c == '+') {
            const bool is_first = digits_.empty();
            has_plus_ = true;
            digits_ += c;
            return is_first;
        }
        if (c == '/') {
            // Behind the code of an area, as "030/1234567"; else it parts two numbers.
            constexpr std::size_t longest_code = 6;
            const bool is_first = !has_slash_;
            has_slash_ = true;
            return is_first && digits_.size() <= longest_code + (has_plus_ ? 1 : 0);
        }
        if (ten_digits.find(c) != std::string_view::npos) {
            digits_ += c;
        }
        return true;
    }

    /// The zero that is dialled within the country only stands in parentheses: "+44 (0)20".
    bool take_group(std::string_view group) {
        const bool is_from_abroad = has_plus_ || digits_.starts_with(exit_code);
        const std::string_view inner = trim(group);
        if (is_from_abroad && inner.starts_with('0')) {
            return inner == "0" && !keeps_zero();
        }
        return std::all_of(inner.begin(), inner.end(), [this](char c) { return take(c); });
    }

    /// Italy and San Marino dial it from abroad, too; those who write it so may mean either.
    [[nodiscard]] bool keeps_zero() const {
        constexpr std::array<std::string_view, 4> numbers{"+39", "0039", "+378", "00378"};
        return std::find(numbers.begin(), numbers.end(), digits_) != numbers.end();
    }

    std::string digits_;
    bool has_plus_ = false;
    bool has_slash_ = false;
};

/// The digits behind "ext."; nothing: it is something else.
std::optional<std::string> extension_of(std::string_view text) {
    constexpr std::array<std::string_view, 4> words{"extension", "ext", "x", "#"};
    constexpr std::size_t longest = 8;
    text.remove_prefix(std::min(text.find_first_not_of(" ,;"), text.size()));
    const bool is_named = take_word(text, words, " .:=");
    const bool is_number = !text.empty() && text.size() <= longest
                           && text.find_first_not_of(ten_digits) == std::string_view::npos;
    return is_named && is_number ? std::optional{std::string{text}} : std::nullopt;
}

} // namespace

std::string dialled(const std::string& phone) {
    constexpr std::array<std::string_view, 6> labels{
        "telephone", "tel", "phone", "mobile", "mob", "cell"};
    const std::string plain = with_plain_blanks(lower_case(phone));
    std::string_view text = trim(plain);
    take_word(text, labels, " .:");
    const std::size_t end = std::min(text.find_first_not_of("0123456789+ ()-./"), text.size());
    const std::optional<std::string> number = NumberReader{}.read(text.substr(0, end));
    const std::string_view rest = trim(text.substr(end));
    if (!number || rest.empty()) {
        return number.value_or("");
    }
    const std::optional<std::string> extension = extension_of(rest);
    return extension ? *number + ";ext=" + *extension : std::string{};
}

} // namespace reviewd::message
