#include "daemon/ctl/doctor_page.hpp"

#include "scoring/base/error.hpp"
#include "scoring/base/text.hpp"

#include <algorithm>

namespace reviewd::ctl {

namespace {

using State = Finding::State;

constexpr std::string_view name_title = "CHECK";
constexpr std::string_view state_title = "STATE";
constexpr std::string_view text_title = "FOUND, AND WHAT TO DO";
constexpr std::size_t gap = 2;
constexpr std::size_t state_width = 7; ///< "warning"
/// On a screen narrower than that many columns for the text, the terminal may wrap it itself.
constexpr std::size_t narrowest_text = 20;

Style style_of(State state) {
    switch (state) {
    case State::good:
        return Style::good;
    case State::warning:
        return Style::warning;
    case State::bad:
        return Style::bad;
    }
    return Style::plain;
}

/// The text and the blanks that fill its column and the gap behind it.
std::string column(std::string_view text, std::size_t width, Style style, Colour colour) {
    const std::size_t used = display_width(text);
    return styled(text, style, colour) + std::string(std::max(width, used) - used + gap, ' ');
}

} // namespace

int exit_code_of(const Findings& findings) {
    const auto is_bad = [](const Finding& each) {
        return each.state == State::bad;
    };
    const bool is_silent = std::any_of(findings.begin(), findings.end(), [&](const Finding& each) {
        return is_bad(each) && each.name == daemon_check;
    });
    if (is_silent) {
        return exit_code(ErrorCode::unavailable);
    }
    const bool is_any_bad = std::any_of(findings.begin(), findings.end(), is_bad);
    return is_any_bad ? exit_code(ErrorCode::bad_config) : 0;
}

std::string_view word(State state) {
    switch (state) {
    case State::good:
        return "ok";
    case State::warning:
        return "warning";
    case State::bad:
        return "bad";
    }
    return "";
}

std::string findings_page(const Findings& findings, const Screen& screen) {
    std::size_t name_width = name_title.size();
    for (const Finding& each : findings) {
        name_width = std::max(name_width, display_width(safe(each.name)));
    }
    const std::size_t indent = name_width + gap + state_width + gap;
    const bool is_bounded = screen.is_terminal && screen.columns >= indent + narrowest_text;
    const std::size_t room = is_bounded ? screen.columns - indent : std::string::npos;
    const Colour colour = screen.colour;
    std::string page = column(name_title, name_width, Style::faint, colour)
                       + column(state_title, state_width, Style::faint, colour)
                       + styled(text_title, Style::faint, colour) + '\n';
    for (const Finding& each : findings) {
        const std::string text =
            safe(each.remedy.empty() ? each.found : each.found + ": " + each.remedy);
        page += column(safe(each.name), name_width, Style::strong, colour)
                + column(word(each.state), state_width, style_of(each.state), colour);
        bool is_first = true;
        for (const std::string& line : wrapped(text, room)) {
            page += (is_first ? "" : std::string(indent, ' ')) + line + '\n';
            is_first = false;
        }
    }
    return page;
}

} // namespace reviewd::ctl
