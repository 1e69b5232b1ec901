// Positions count characters (code points), as the specification has it; text is UTF-8.
#include "scoring/cel/implementations.hpp"
#include "scoring/cel/pattern.hpp"
#include "scoring/cel/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace reviewd::cel::text {
namespace {

const std::string* text_at(Arguments arguments, std::size_t index) {
    return index < arguments.size() ? arguments[index]->get_if<std::string>() : nullptr;
}

const std::int64_t* integer_at(Arguments arguments, std::size_t index) {
    return index < arguments.size() ? arguments[index]->get_if<std::int64_t>() : nullptr;
}

/// Both texts of a function that takes exactly two; null pointers otherwise.
struct TwoTexts {
    const std::string* first = nullptr;
    const std::string* second = nullptr;
    [[nodiscard]] bool is_there() const { return first != nullptr && second != nullptr; }
};

TwoTexts two_texts(Arguments arguments) {
    return arguments.size() == 2 ? TwoTexts{text_at(arguments, 0), text_at(arguments, 1)}
                                 : TwoTexts{};
}

Value outside(std::int64_t position) {
    return Value::error(fmt::format("position {} is outside the text", position));
}

Value count(std::size_t number) {
    return Value::of(static_cast<std::int64_t>(number));
}

/// Byte offset of character `position`, which may be the end; nothing outside the text.
std::optional<std::size_t> offset_of(const std::string& text, std::int64_t position) {
    if (position < 0 || static_cast<std::uint64_t>(position) > text.size()) {
        return std::nullopt;
    }
    std::size_t at = 0;
    for (std::int64_t left = position; left > 0; --left) {
        if (at >= text.size()) {
            return std::nullopt;
        }
        at += character_bytes(text, at);
    }
    return at;
}

std::string mapped(const std::string& text, char first, char last, int shift) {
    std::string result = text;
    for (char& c : result) {
        if (c >= first && c <= last) {
            c = static_cast<char>(c + shift);
        }
    }
    return result;
}

/// White space of Unicode.
bool is_white(char32_t point) {
    return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0
           || point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028
           || point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

/// How often a replacement or split may happen at most; a negative number means without limit.
std::size_t limit_of(const std::int64_t* number) {
    constexpr std::size_t without = std::numeric_limits<std::size_t>::max();
    return number == nullptr || *number < 0 ? without : static_cast<std::size_t>(*number);
}

std::string replaced(
    const std::string& text, const std::string& old, const std::string& fresh, std::size_t limit
) {
    std::string result;
    std::size_t at = 0;
    std::size_t done = 0;
    while (done < limit) {
        // An empty text stands before every character and at the end.
        const std::size_t found = old.empty() ? at : text.find(old, at);
        if (found == std::string::npos) {
            break;
        }
        result.append(text, at, found - at);
        result += fresh;
        ++done;
        at = found + old.size();
        if (old.empty()) {
            if (at >= text.size()) {
                break;
            }
            const std::size_t bytes = character_bytes(text, at);
            result.append(text, at, bytes);
            at += bytes;
        }
    }
    return at < text.size() ? result.append(text, at) : result;
}

/// Upper bound of the bytes that `replaced` makes, so that the limit is checked before the memory
/// is taken.
std::size_t replaced_bytes(
    const std::string& text, const std::string& old, const std::string& fresh, std::size_t limit
) {
    const std::size_t most = old.empty() ? text.size() + 1 : text.size() / old.size();
    return text.size() + std::min(most, limit) * fresh.size();
}

List split_characters(const std::string& text, std::size_t limit) {
    List parts;
    std::size_t at = 0;
    while (at < text.size() && parts.size() + 1 < limit) {
        const std::size_t bytes = character_bytes(text, at);
        parts.push_back(Value::of(text.substr(at, bytes)));
        at += bytes;
    }
    if (at < text.size()) {
        parts.push_back(Value::of(text.substr(at)));
    }
    return parts;
}

List split_at(const std::string& text, const std::string& separator, std::size_t limit) {
    if (limit == 0) {
        return {};
    }
    if (separator.empty()) {
        return split_characters(text, limit);
    }
    List parts;
    std::size_t at = 0;
    for (std::size_t found = text.find(separator);
         found != std::string::npos && parts.size() + 1 < limit;
         found = text.find(separator, at)) {
        parts.push_back(Value::of(text.substr(at, found - at)));
        at = found + separator.size();
    }
    parts.push_back(Value::of(text.substr(at)));
    return parts;
}

} // namespace

Value size(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    if (arguments.size() == 1) {
        const Value& value = *arguments[0];
        if (const auto* text = value.get_if<std::string>()) {
            evaluation.budget.spend_bytes(text->size());
            return count(count_characters(*text));
        }
        if (const auto* bytes = value.get_if<Bytes>()) {
            return count(bytes->data.size());
        }
        if (const auto* list = value.get_if<std::shared_ptr<const List>>()) {
            return count((*list)->size());
        }
        if (const auto* map = value.get_if<std::shared_ptr<const Map>>()) {
            return count((*map)->size());
        }
    }
    return no_overload(name, arguments);
}

Value contains(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const TwoTexts texts = two_texts(arguments);
    if (!texts.is_there()) {
        return no_overload(name, arguments);
    }
    // Finding takes at worst the product of both lengths.
    evaluation.budget.spend_bytes(
        texts.first->size() * std::min<std::size_t>(texts.second->size(), 64) / 8
    );
    return Value::of(texts.first->find(*texts.second) != std::string::npos);
}

Value starts_with(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    const TwoTexts texts = two_texts(arguments);
    return texts.is_there() ? Value::of(texts.first->starts_with(*texts.second))
                            : no_overload(name, arguments);
}

Value ends_with(std::string_view name, Arguments arguments, Evaluation& /*evaluation*/) {
    const TwoTexts texts = two_texts(arguments);
    return texts.is_there() ? Value::of(texts.first->ends_with(*texts.second))
                            : no_overload(name, arguments);
}

Value matches(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const TwoTexts texts = two_texts(arguments);
    if (!texts.is_there()) {
        return no_overload(name, arguments);
    }
    if (!evaluation.budget.spend(2000) || !evaluation.budget.spend_bytes(texts.first->size())) {
        return Value::error("matches() costs too much");
    }
    std::string problem;
    const std::shared_ptr<const Pattern> pattern = Pattern::compile(*texts.second, &problem);
    return pattern ? Value::of(pattern->matches(*texts.first)) : Value::error(problem);
}

Value char_at(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    const std::int64_t* position = integer_at(arguments, 1);
    if (arguments.size() != 2 || text == nullptr || position == nullptr) {
        return no_overload(name, arguments);
    }
    evaluation.budget.spend_bytes(text->size());
    const std::optional<std::size_t> at = offset_of(*text, *position);
    if (!at) {
        return outside(*position);
    }
    return Value::of(
        *at < text->size() ? text->substr(*at, character_bytes(*text, *at)) : std::string{}
    );
}

Value index_of(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    const std::string* part = text_at(arguments, 1);
    const std::int64_t* from = integer_at(arguments, 2);
    const bool is_count_right = arguments.size() == 2 || (arguments.size() == 3 && from != nullptr);
    if (!is_count_right || text == nullptr || part == nullptr) {
        return no_overload(name, arguments);
    }
    evaluation.budget.spend_bytes(text->size());
    const std::optional<std::size_t> start = offset_of(*text, from != nullptr ? *from : 0);
    if (!start) {
        return outside(*from);
    }
    const std::size_t found = text->find(*part, *start);
    return found == std::string::npos
               ? Value::of(std::int64_t{-1})
               : count(count_characters(std::string_view{*text}.substr(0, found)));
}

Value last_index_of(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    const std::string* part = text_at(arguments, 1);
    const std::int64_t* up_to = integer_at(arguments, 2);
    const bool is_count_right =
        arguments.size() == 2 || (arguments.size() == 3 && up_to != nullptr);
    if (!is_count_right || text == nullptr || part == nullptr) {
        return no_overload(name, arguments);
    }
    evaluation.budget.spend_bytes(text->size());
    std::size_t last = std::string::npos;
    if (up_to != nullptr) {
        const std::optional<std::size_t> at = offset_of(*text, *up_to);
        if (!at) {
            return outside(*up_to);
        }
        last = *at;
    }
    const std::size_t found = text->rfind(*part, last);
    return found == std::string::npos
               ? Value::of(std::int64_t{-1})
               : count(count_characters(std::string_view{*text}.substr(0, found)));
}

Value lower_ascii(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    return arguments.size() == 1 && text != nullptr
               ? text_value(mapped(*text, 'A', 'Z', 'a' - 'A'), evaluation)
               : no_overload(name, arguments);
}

Value upper_ascii(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    return arguments.size() == 1 && text != nullptr
               ? text_value(mapped(*text, 'a', 'z', 'A' - 'a'), evaluation)
               : no_overload(name, arguments);
}

Value replace(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    const std::string* old = text_at(arguments, 1);
    const std::string* fresh = text_at(arguments, 2);
    const std::int64_t* number = integer_at(arguments, 3);
    const bool is_count_right =
        arguments.size() == 3 || (arguments.size() == 4 && number != nullptr);
    if (!is_count_right || text == nullptr || old == nullptr || fresh == nullptr) {
        return no_overload(name, arguments);
    }
    const std::size_t limit = limit_of(number);
    if (fresh->size() > old->size()
        && replaced_bytes(*text, *old, *fresh, limit) > 4 * evaluation.limits.text_bytes) {
        return Value::error("replace() would make a text that is too long");
    }
    return text_value(replaced(*text, *old, *fresh, limit), evaluation);
}

Value split(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    const std::string* separator = text_at(arguments, 1);
    const std::int64_t* number = integer_at(arguments, 2);
    const bool is_count_right =
        arguments.size() == 2 || (arguments.size() == 3 && number != nullptr);
    if (!is_count_right || text == nullptr || separator == nullptr) {
        return no_overload(name, arguments);
    }
    evaluation.budget.spend_bytes(text->size());
    // One part more than allowed is enough to be refused.
    const std::size_t limit = limit_of(number);
    List parts = split_at(*text, *separator, std::min(limit, evaluation.limits.list_size + 1));
    return list_value(std::move(parts), evaluation);
}

Value join(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const auto* list =
        arguments.empty() ? nullptr : arguments[0]->get_if<std::shared_ptr<const List>>();
    const std::string* separator = text_at(arguments, 1);
    const bool is_count_right =
        arguments.size() == 1 || (arguments.size() == 2 && separator != nullptr);
    if (!is_count_right || list == nullptr) {
        return no_overload(name, arguments);
    }
    std::string joined;
    bool is_first = true;
    for (const Value& element : **list) {
        const auto* part = element.get_if<std::string>();
        if (part == nullptr) {
            return Value::error("join() expects a list of text");
        }
        if (!is_first && separator != nullptr) {
            joined += *separator;
        }
        joined += *part;
        is_first = false;
        if (joined.size() > evaluation.limits.text_bytes) {
            break; // text_value refuses it
        }
    }
    return text_value(std::move(joined), evaluation);
}

Value substring(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    const std::int64_t* from = integer_at(arguments, 1);
    const std::int64_t* to = integer_at(arguments, 2);
    const bool is_count_right = arguments.size() == 2 || (arguments.size() == 3 && to != nullptr);
    if (!is_count_right || text == nullptr || from == nullptr) {
        return no_overload(name, arguments);
    }
    evaluation.budget.spend_bytes(text->size());
    const std::optional<std::size_t> begin = offset_of(*text, *from);
    const std::optional<std::size_t> end = to != nullptr ? offset_of(*text, *to) : text->size();
    if (!begin || !end) {
        return outside(begin ? *to : *from);
    }
    if (*begin > *end) {
        return Value::error(fmt::format("substring() cannot go from {} back to {}", *from, *to));
    }
    return text_value(text->substr(*begin, *end - *begin), evaluation);
}

Value trim(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    if (arguments.size() != 1 || text == nullptr) {
        return no_overload(name, arguments);
    }
    std::size_t begin = std::string::npos;
    std::size_t end = 0;
    for (std::size_t at = 0; at < text->size(); at += character_bytes(*text, at)) {
        if (!is_white(code_point(*text, at))) {
            begin = std::min(begin, at);
            end = at + character_bytes(*text, at);
        }
    }
    return text_value(begin < end ? text->substr(begin, end - begin) : std::string{}, evaluation);
}

Value reverse(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    if (arguments.size() != 1 || text == nullptr) {
        return no_overload(name, arguments);
    }
    std::string reversed(text->size(), '\0');
    std::size_t to = text->size();
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t bytes = character_bytes(*text, at);
        to -= bytes;
        reversed.replace(to, bytes, *text, at, bytes);
        at += bytes;
    }
    return text_value(std::move(reversed), evaluation);
}

Value quote(std::string_view name, Arguments arguments, Evaluation& evaluation) {
    const std::string* text = text_at(arguments, 0);
    if (arguments.size() != 1 || text == nullptr) {
        return no_overload(name, arguments);
    }
    static constexpr std::array<std::pair<char, std::string_view>, 9> escapes{{
        {'\a', "\\a"},
        {'\b', "\\b"},
        {'\f', "\\f"},
        {'\n', "\\n"},
        {'\r', "\\r"},
        {'\t', "\\t"},
        {'\v', "\\v"},
        {'\\', "\\\\"},
        {'"', "\\\""},
    }};
    std::string quoted = "\"";
    for (std::size_t at = 0; at < text->size();) {
        const char c = (*text)[at];
        const auto* escape = std::find_if(escapes.begin(), escapes.end(), [c](const auto& one) {
            return one.first == c;
        });
        const std::size_t bytes = character_bytes(*text, at);
        if (escape != escapes.end()) {
            quoted += escape->second;
        } else if (bytes == 1 && (static_cast<unsigned char>(c) & 0x80U) != 0) {
            append_utf8(quoted, 0xFFFD); // a byte that is no character
        } else {
            quoted.append(*text, at, bytes);
        }
        at += bytes;
    }
    return text_value(quoted + "\"", evaluation);
}

} // namespace reviewd::cel::text
