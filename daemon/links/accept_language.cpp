#include "daemon/links/accept_language.hpp"

#include "scoring/base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace reviewd::links {
namespace {

/// What is said beyond is not looked at; browsers send a handful.
constexpr int most_ranges = 32;
constexpr int whole = 1000;

constexpr std::array<std::string_view, 2> written_in{"en", "bn"};

/// A weight such as `0.8` or `1`, in thousandths; nothing for anything else.
std::optional<int> weight_in(std::string_view text) {
    constexpr std::size_t longest = 5;
    const bool is_short = !text.empty() && text.size() <= longest;
    if (!is_short || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.')) {
        return std::nullopt;
    }
    int weight = text[0] == '1' ? whole : 0;
    int place = whole / 10;
    for (const char c : text.substr(std::min<std::size_t>(text.size(), 2))) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        weight += (c - '0') * place;
        place /= 10;
    }
    return weight <= whole ? std::optional{weight} : std::nullopt;
}

/// What a range such as `bn-BD;q=0.8` says; 0 for what cannot be read or is not wanted.
int weight_of(std::string_view range) {
    const std::size_t end = range.find(';');
    if (end == std::string_view::npos) {
        return whole;
    }
    const std::string_view parameter = trim(range.substr(end + 1));
    const bool is_weight = parameter.starts_with("q=") || parameter.starts_with("Q=");
    return is_weight ? weight_in(parameter.substr(2)).value_or(0) : 0;
}

/// The language of a range, one of ours; nothing for another one. `*` takes the first.
std::optional<std::string_view> language_of(std::string_view range) {
    const std::string_view tag = trim(range.substr(0, range.find(';')));
    if (tag == "*") {
        return written_in.front();
    }
    const std::string primary = lower_case(tag.substr(0, tag.find('-')));
    const auto* const found = std::find(written_in.begin(), written_in.end(), primary);
    return found == written_in.end() ? std::nullopt : std::optional{*found};
}

} // namespace

std::string_view preferred_language(std::string_view field) {
    std::string_view best = written_in.front();
    int best_weight = 0;
    for (int i = 0; i < most_ranges && !field.empty(); ++i) {
        const std::size_t end = std::min(field.find(','), field.size());
        const std::string_view range = field.substr(0, end);
        field.remove_prefix(std::min(end + 1, field.size()));
        const int weight = weight_of(range);
        const std::optional<std::string_view> language = language_of(range);
        if (language && weight > best_weight) {
            best = *language;
            best_weight = weight;
        }
    }
    return best;
}

} // namespace reviewd::links
