#include "scoring/base/diagnostic.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace reviewd {
namespace {

constexpr std::size_t widest_line = 110;

struct Style {
    std::string_view bold, red, yellow, blue, green, reset;
};

constexpr Style plain{};
constexpr Style coloured{
    "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1;32m", "\x1b[0m"};

std::string_view colour_of(Severity severity, const Style& style) {
    switch (severity) {
    case Severity::error:
        return style.red;
    case Severity::warning:
        return style.yellow;
    case Severity::note:
        break;
    }
    return style.blue;
}

/// Byte offset of the code point number `index` (from 0), or the text's end.
std::size_t offset_of(std::string_view text, std::size_t index) {
    std::size_t at = 0;
    for (std::size_t seen = 0; at < text.size(); ++at) {
        const bool is_start = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
        if (is_start && seen++ == index) {
            break;
        }
    }
    return at;
}

struct Excerpt {
    std::string before; ///< text before the caret, escaped
    std::string after;  ///< text from the caret on, escaped
};

/// The line split at the column, each part escaped and cut so that the caret stays in view.
Excerpt excerpt(std::string_view line, int column) {
    const std::size_t split =
        column > 0 ? offset_of(line, static_cast<std::size_t>(column - 1)) : 0;
    std::string before = escape_controls(line.substr(0, split));
    if (std::size_t width = display_width(before); width > widest_line / 2) {
        std::size_t from = 0;
        while (width > widest_line / 2 - 1) {
            const std::size_t bytes = offset_of(std::string_view{before}.substr(from), 1);
            width -= display_width(std::string_view{before}.substr(from, bytes));
            from += bytes;
        }
        before = "…" + before.substr(from);
    }
    const std::string after = escape_controls(line.substr(split));
    return {
        before,
        cut_to_width(after, widest_line - std::min(widest_line / 2, display_width(before)))};
}

std::string location(const SourcePosition& position) {
    std::string text = escape_controls(position.file_name());
    if (position.line > 0) {
        text += text.empty() ? "" : ":";
        text += std::to_string(position.line);
        if (position.column > 0) {
            text += fmt::format(":{}", position.column);
        }
    }
    return text.empty() ? text : text + ": ";
}

auto order(const Diagnostic& d) {
    return std::make_tuple(d.position.file_name(), d.position.line, d.position.column, d.message);
}

} // namespace

std::string_view word(Severity severity) {
    switch (severity) {
    case Severity::error:
        return "error";
    case Severity::warning:
        return "warning";
    case Severity::note:
        break;
    }
    return "note";
}

bool has_errors(const Diagnostics& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) {
        return d.severity == Severity::error;
    });
}

bool is_temporary(const Diagnostics& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) {
        return d.severity == Severity::error && d.is_temporary;
    });
}

std::string render(const Diagnostic& diagnostic, Colour colour) {
    const Style& style = colour == Colour::on ? coloured : plain;
    const bool has_line = !diagnostic.source_line.empty() && diagnostic.position.column > 0;
    std::string text = fmt::format(
        "{}{}{}{}{}:{} {}\n",
        style.bold,
        location(diagnostic.position),
        style.reset,
        colour_of(diagnostic.severity, style),
        word(diagnostic.severity),
        style.reset,
        escape_controls(diagnostic.message)
    );
    if (!has_line) {
        return diagnostic.hint.empty()
                   ? text
                   : text + fmt::format("  {}\n", escape_controls(diagnostic.hint));
    }
    const Excerpt shown = excerpt(diagnostic.source_line, diagnostic.position.column);
    const std::string hint = diagnostic.hint.empty() ? "" : " " + escape_controls(diagnostic.hint);
    text += fmt::format("  {}{}\n", shown.before, shown.after);
    text += fmt::format(
        "  {}{}^{}{}\n",
        std::string(display_width(shown.before), ' '),
        style.green,
        hint,
        style.reset
    );
    return text;
}

std::string render(Diagnostics diagnostics, Colour colour) {
    std::stable_sort(
        diagnostics.begin(),
        diagnostics.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return order(a) < order(b); }
    );
    const auto end = std::unique(
        diagnostics.begin(),
        diagnostics.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return order(a) == order(b); }
    );
    std::string text;
    for (auto it = diagnostics.begin(); it != end; ++it) {
        text += render(*it, colour);
    }
    return text;
}

} // namespace reviewd
