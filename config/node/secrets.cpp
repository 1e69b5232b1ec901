// What a key says of its value is one decision (secret_parts), whether the value is a node of the
// tree or, where there is no tree yet, the rest of a line.
#include "config/node/secrets.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace reviewd::config {
namespace {

constexpr std::string_view file_suffix = "_file";
constexpr std::string_view hidden = "***";
constexpr std::string_view scheme_mark = "://";
constexpr std::string_view quotes = "\"'";
/// Our own address, which stands in every message: its path is nobody's password.
constexpr std::string_view open_address_key = "public_url";

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_word_letter(char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-';
}

bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// "X-Api-Key", "apiKey" and "API_KEY" are all "api" and "key".
std::vector<std::string> parts_of(std::string_view key) {
    std::vector<std::string> parts(1);
    for (std::size_t at = 0; at < key.size(); ++at) {
        const bool is_hump = at > 0 && is_capital(key[at]) && is_letter_or_digit(key[at - 1])
                             && !is_capital(key[at - 1]);
        if (!is_letter_or_digit(key[at]) || is_hump) {
            parts.emplace_back();
        }
        if (is_letter_or_digit(key[at])) {
            parts.back() += lower_case(key.substr(at, 1));
        }
    }
    return parts;
}

/// Whether one of the parts of a key says that its value is a secret.
bool has_secret_part(const std::vector<std::string>& parts) {
    static constexpr std::array<std::string_view, 8> anywhere{
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "bearer",
        "authorization",
        "credentials"};
    static constexpr std::array<std::string_view, 2> at_the_end{"pass", "pwd"};
    static constexpr std::array<std::string_view, 7> of_keys{
        "api", "private", "auth", "access", "signing", "encryption", "shared"};
    static constexpr std::array<std::string_view, 5> measures{
        "count", "limit", "length", "days", "name"};
    if (is_one_of(parts.back(), measures)) {
        return false; // a number of them, or what they are called
    }
    const bool is_key =
        parts.size() > 1 && parts.back() == "key" && is_one_of(parts[parts.size() - 2], of_keys);
    return is_key || is_one_of(parts.back(), at_the_end)
           || std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
                  return is_one_of(part, anywhere);
              });
}

/// A bit for each letter that occurs.
std::uint32_t letters_of(std::string_view word) {
    std::uint32_t letters = 0;
    for (const char c : word) {
        letters |= c >= 'a' && c <= 'z' ? 1U << static_cast<unsigned>(c - 'a') : 0U;
    }
    return letters;
}

/// Whether the word is a secret's but for a slip of the keyboard. A slip brings or takes one
/// letter, so a word that lacks more letters than slips are allowed is not compared.
bool is_nearly_secret(const std::string& word) {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> words(secret_keys().begin(), secret_keys().end());
        words.insert(words.end(), {"credentials", "bearer", "authorization"});
        return words;
    }();
    constexpr std::size_t shortest = 5;
    constexpr std::size_t longest = 16; // the longest of them, and some letters too many
    if (word.size() < shortest || word.size() > longest) {
        return false;
    }
    const std::uint32_t letters = letters_of(word);
    const std::size_t slips = largest_slip(word);
    std::vector<std::string> comparable;
    for (const std::string& each : all) {
        const auto lacking = static_cast<std::size_t>(std::popcount(letters_of(each) & ~letters));
        if (lacking <= slips) {
            comparable.push_back(each);
        }
    }
    return closest_match(word, comparable).has_value();
}

bool names_place(std::string_view key) {
    const std::string word = lower_case(key);
    return word.ends_with(file_suffix) || word.ends_with("_credential");
}

/// Whether the value is an address even where it does not look like one.
bool names_address(std::string_view key) {
    static constexpr std::array<std::string_view, 8> words{
        "url", "urls", "uri", "webhook", "webhooks", "hook", "endpoint", "dsn"};
    const std::vector<std::string> parts = parts_of(key);
    return !names_place(key)
           && std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
                  return is_one_of(part, words);
              });
}

/// Whether what stands before the path is a user with a password whose host was cut off.
bool lacks_host(std::string_view authority) {
    const std::size_t colon = authority.find(':');
    return !authority.empty() && authority.front() != '[' && colon != std::string_view::npos
           && colon + 1 < authority.size()
           && (authority[colon + 1] < '0' || authority[colon + 1] > '9');
}

enum class Paths { shown, hidden };

/// What is not to be seen of "user:password@host/path?query", which begins at `begin`.
void add_parts_of_address(
    std::string_view text, std::size_t begin, Paths paths, std::vector<TextRange>& parts
) {
    const std::size_t blank = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    const std::size_t at = text.substr(0, blank).rfind('@');
    std::size_t host = begin;
    if (at != std::string_view::npos && at >= begin) {
        parts.push_back({begin, at});
        host = at;
    }
    const std::size_t end = std::min(text.find_first_of("\"'`,}]", host), blank);
    const std::size_t host_end = std::min(text.find_first_of("/?#", host), end);
    if (host == begin && lacks_host(text.substr(host, host_end - host))) {
        parts.push_back({begin, end});
        return;
    }
    const std::size_t query = std::min(text.find('?', host_end), end);
    const std::size_t from = paths == Paths::hidden ? host_end : query;
    if (from + 1 < end) {
        parts.push_back({from + 1, end});
    }
}

/// Where the scheme before `mark` begins.
std::size_t scheme_begin(std::string_view text, std::size_t mark) {
    while (mark > 0 && (is_letter_or_digit(text[mark - 1]) || text[mark - 1] == '+')) {
        --mark;
    }
    return mark;
}

/// The key in front of `end` ("key: "), or nothing.
std::string_view key_before(std::string_view line, std::size_t end) {
    std::string_view before = trim(line.substr(0, end));
    if (before.empty() || before.back() != ':') {
        return {};
    }
    before = trim(before.substr(0, before.size() - 1));
    if (!before.empty() && quotes.find(before.back()) != std::string_view::npos) {
        before.remove_suffix(1);
    }
    std::size_t begin = before.size();
    while (begin > 0 && is_word_letter(before[begin - 1])) {
        --begin;
    }
    return before.substr(begin);
}

/// Whether the address that begins at `begin` is a whole value: not a word of a sentence, not our
/// own address.
bool is_closed_value(std::string_view line, std::size_t begin) {
    if (begin > 0 && quotes.find(line[begin - 1]) != std::string_view::npos) {
        --begin;
    }
    const std::string_view before = trim(line.substr(0, begin));
    const bool begins_value =
        before.empty() || std::string_view{":-[,{"}.find(before.back()) != std::string_view::npos;
    return begins_value && key_before(line, begin) != open_address_key;
}

std::vector<TextRange> parts_of_addresses(std::string_view text, Paths paths) {
    std::vector<TextRange> parts;
    for (std::size_t mark = text.find(scheme_mark); mark != std::string_view::npos;
         mark = text.find(scheme_mark, mark)) {
        const bool is_hidden =
            paths == Paths::hidden && is_closed_value(text, scheme_begin(text, mark));
        mark += scheme_mark.size();
        add_parts_of_address(text, mark, is_hidden ? Paths::hidden : Paths::shown, parts);
        mark = std::max(mark, parts.empty() ? 0 : parts.back().end);
    }
    return parts;
}

/// A key of a line and where its value begins.
struct KeyInLine {
    std::string_view key;
    std::size_t value = 0;
};

/// The first key behind `at`.
std::optional<KeyInLine> next_key(std::string_view line, std::size_t at) {
    while (at < line.size()) {
        if (!is_word_letter(line[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < line.size() && is_word_letter(line[end])) {
            ++end;
        }
        const std::string_view word = line.substr(at, end - at);
        const bool is_quoted =
            end < line.size() && quotes.find(line[end]) != std::string_view::npos;
        std::size_t colon = line.find_first_not_of(' ', is_quoted ? end + 1 : end);
        if (colon != std::string_view::npos && line[colon] == ':') {
            return KeyInLine{word, colon + 1};
        }
        at = end;
    }
    return std::nullopt;
}

/// Behind an address's key what has no scheme, as `hooks.example/services/secret`.
void add_bare_address(std::string_view line, std::size_t begin, std::vector<TextRange>& parts) {
    begin = line.find_first_not_of(" \"'", begin);
    if (begin == std::string_view::npos || line[begin] == '{' || line[begin] == '[') {
        return;
    }
    const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    if (line.substr(begin, end - begin).find(scheme_mark) == std::string_view::npos) {
        add_parts_of_address(line, begin, Paths::hidden, parts);
    }
}

} // namespace

std::span<const std::string_view> secret_keys() {
    static constexpr std::array<std::string_view, 8> keys{
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "api_key",
        "private_key",
        "auth_key"};
    return keys;
}

bool resembles_secret_key(std::string_view key) {
    // A file may have a hundred thousand keys: most are told apart at a glance.
    static constexpr std::array<std::string_view, 8> cores{
        "pass", "pwd", "secret", "token", "bearer", "authorization", "credentials", "key"};
    if (key.empty() || names_place(key)) {
        return false;
    }
    const std::string word = lower_case(key);
    const bool has_core = std::any_of(cores.begin(), cores.end(), [&](std::string_view core) {
        return word.find(core) != std::string::npos;
    });
    return (has_core && has_secret_part(parts_of(key))) || is_nearly_secret(word);
}

std::vector<TextRange> secret_parts(std::string_view key, std::string_view text) {
    if (resembles_secret_key(key)) {
        return {{0, text.size()}};
    }
    if (text.find(scheme_mark) != std::string_view::npos) {
        return parts_of_addresses(text, key == open_address_key ? Paths::shown : Paths::hidden);
    }
    std::vector<TextRange> parts;
    if (names_address(key)) {
        add_bare_address(text, 0, parts);
    }
    return parts;
}

std::string without_parts(std::string_view text, std::span<const TextRange> parts) {
    std::string shown;
    std::size_t at = 0;
    for (const TextRange& part : parts) {
        shown += text.substr(at, part.begin - at);
        shown += hidden;
        at = part.end;
    }
    return shown.append(text.substr(at));
}

std::string without_secrets(std::string_view line) {
    std::vector<TextRange> parts = parts_of_addresses(line, Paths::hidden);
    std::string_view open = line;
    std::size_t at = 0;
    while (const std::optional<KeyInLine> found = next_key(line, at)) {
        at = found->value;
        if (resembles_secret_key(found->key)) {
            open = line.substr(0, at);
            break;
        }
        if (names_address(found->key)) {
            add_bare_address(line, at, parts);
        }
    }
    std::erase_if(parts, [&](const TextRange& part) { return part.begin >= open.size(); });
    std::sort(parts.begin(), parts.end(), [](const TextRange& a, const TextRange& b) {
        return a.begin < b.begin;
    });
    const bool is_cut = open.size() < line.size();
    return without_parts(open, parts) + (is_cut ? fmt::format(" {}", hidden) : "");
}

std::string without_address_secrets(std::string_view message) {
    return without_parts(message, parts_of_addresses(message, Paths::shown));
}

std::string place_for_secret(std::string_view key, const std::vector<std::string>& known) {
    std::vector<std::string> names;
    for (const std::string& each : known) {
        if (each.ends_with(file_suffix)) {
            names.push_back(each.substr(0, each.size() - file_suffix.size()));
        }
    }
    const std::optional<std::string> match = closest_match(key, names);
    return match ? fmt::format("a secret stands in a file of its own: `{}_file: /path`", *match)
                 : "a secret never stands in YAML: it has a file of its own";
}

} // namespace reviewd::config
