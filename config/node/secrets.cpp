#include "config/node/secrets.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::config {
namespace {

constexpr std::string_view file_suffix = "_file";
constexpr std::string_view hidden = "***";

bool is_word_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-';
}

/// Where the colon behind a key is; npos: the word that ends at `end` is no key.
std::size_t colon_behind(std::string_view line, std::size_t end) {
    end += end < line.size() && (line[end] == '"' || line[end] == '\'') ? 1U : 0U;
    end = std::min(line.find_first_not_of(' ', end), line.size());
    return end < line.size() && line[end] == ':' ? end : std::string_view::npos;
}

/// Everything behind the first key of a secret is left out.
std::string without_values(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size()) {
        if (!is_word_letter(line[at])) {
            ++at;
            continue;
        }
        const auto end = static_cast<std::size_t>(
            std::find_if_not(
                line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), is_word_letter
            )
            - line.begin()
        );
        const std::size_t colon = colon_behind(line, end);
        if (colon != std::string_view::npos && resembles_secret_key(line.substr(at, end - at))) {
            return fmt::format("{} {}", line.substr(0, colon + 1), hidden);
        }
        at = end;
    }
    return std::string{line};
}

/// Whether the address behind `at` is the value of `url`: that of a chat room is its own password.
bool is_of_url(std::string_view line, std::size_t scheme_end) {
    const std::size_t colon = line.substr(0, scheme_end).rfind(": ");
    const std::string_view before = line.substr(0, colon == std::string_view::npos ? 0 : colon);
    return before.ends_with("url")
           && (before.size() == 3 || !is_word_letter(before[before.size() - 4]));
}

/// "user:password@host/path?query" as it may be shown.
std::string shown_address(std::string_view address, bool is_url) {
    const std::size_t host_end = std::min(address.find_first_of("/?#"), address.size());
    const std::size_t user_end = address.substr(0, host_end).rfind('@');
    const bool has_user = user_end != std::string_view::npos;
    const std::size_t host = has_user ? user_end : 0;
    const std::size_t path_end = std::min(address.find('?'), address.size());
    std::string_view path = address.substr(host_end, path_end - host_end);
    const bool is_path_hidden = is_url && path.size() > 1;
    return fmt::format(
        "{}{}{}{}",
        has_user ? hidden : "",
        address.substr(host, host_end - host),
        is_path_hidden ? fmt::format("/{}", hidden) : std::string{path},
        path_end < address.size() && !is_path_hidden ? fmt::format("?{}", hidden) : ""
    );
}

std::string without_address_secrets(const std::string& line) {
    constexpr std::string_view mark = "://";
    std::string shown;
    std::size_t at = 0;
    for (std::size_t found = line.find(mark); found != std::string::npos;
         found = line.find(mark, at)) {
        const std::size_t begin = found + mark.size();
        const std::size_t end = std::min(line.find_first_of(" \t\"',}]", begin), line.size());
        shown += line.substr(at, begin - at);
        shown += shown_address(
            std::string_view{line}.substr(begin, end - begin), is_of_url(line, found)
        );
        at = end;
    }
    return shown + line.substr(at);
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
    static const std::vector<std::string> near = [] {
        std::vector<std::string> all(secret_keys().begin(), secret_keys().end());
        all.insert(all.end(), {"pass", "pwd", "credentials", "bearer"});
        return all;
    }();
    const std::string word = lower_case(key);
    if (word.ends_with(file_suffix) || word.ends_with("_credential")) {
        return false; // names a place
    }
    return std::find(near.begin(), near.end(), word) != near.end()
           || (word.size() > 4 && closest_match(word, near).has_value());
}

std::string without_secrets(std::string_view line) {
    return without_address_secrets(without_values(line));
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
