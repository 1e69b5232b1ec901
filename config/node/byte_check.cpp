#include "config/node/byte_check.hpp"

#include "config/node/finding.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace reviewd::config {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::size_t most_byte_findings = 10;

struct Encoding {
    std::string_view mark;
    std::string_view name;
};

constexpr std::array encodings{
    Encoding{"\xFF\xFE\0\0"sv, "UTF-32"},
    Encoding{"\0\0\xFE\xFF"sv, "UTF-32"},
    Encoding{"\xFF\xFE"sv, "UTF-16"},
    Encoding{"\xFE\xFF"sv, "UTF-16"},
};

void report_whole(const std::string& name, Report& report, std::string message, std::string hint) {
    Diagnostic finding;
    finding.position = {std::make_shared<const std::string>(name), 1, 1};
    finding.message = std::move(message);
    finding.hint = std::move(hint);
    report.add(std::move(finding));
}

/// What is wrong with the character at `at`, or an empty text.
std::string fault_at(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto next = [&](std::size_t offset) {
        return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
    };
    if (byte == '\r' && next(1) != '\n') {
        return "a carriage return without a line feed";
    }
    if ((byte < 0x20U && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7FU) {
        return fmt::format("a control character, U+{:04X}", byte);
    }
    if (byte == 0xC2U && next(1) < 0xA0U) {
        return fmt::format("a control character, U+{:04X}", next(1));
    }
    if (byte == 0xE2U && next(1) == 0x80U && (next(2) == 0xA8U || next(2) == 0xA9U)) {
        return fmt::format("an invisible line separator, U+{:04X}", 0x2000U + next(2) - 0x80U);
    }
    if (text.substr(at, utf8_mark.size()) == utf8_mark) {
        return "a byte order mark inside the file";
    }
    return {};
}

bool report_faults(const SourceText& source, Report& report) {
    std::size_t found = 0;
    for (std::size_t at = 0; at < source.text.size() && found < most_byte_findings; ++at) {
        std::string fault = fault_at(source.text, at);
        if (!fault.empty()) {
            report.add(finding_at(
                {source, at},
                Severity::error,
                "the file holds " + fault,
                "remove it; inside double quotes an escape such as `\\t` can be written"
            ));
            ++found;
        }
    }
    return found == 0;
}

/// The first line that says something, from the front.
std::string_view first_line(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = trim(text.substr(0, text.find('\n')));
        if (!line.empty() && line.front() != '#') {
            return text.substr(0, text.find('\n'));
        }
        const std::size_t end = text.find('\n');
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return {};
}

/// Whether the line is the mark, with nothing but white space or a comment behind it.
bool is_marker(std::string_view line, std::string_view marker) {
    if (line.substr(0, marker.size()) != marker) {
        return false;
    }
    const std::string_view rest = line.substr(marker.size());
    const std::string_view word = trim(rest);
    return word.empty() || (word.size() != rest.size() && word.front() == '#');
}

/// Reports a file in another encoding than UTF-8, or with line ends that YAML has not, once.
bool report_foreign(const std::string& name, std::string_view text, Report& report) {
    for (const Encoding& encoding : encodings) {
        if (text.substr(0, encoding.mark.size()) == encoding.mark) {
            report_whole(
                name,
                report,
                fmt::format("the file is {}, not UTF-8", encoding.name),
                "save it as UTF-8"
            );
            return true;
        }
    }
    if (text.find('\r') != std::string_view::npos && text.find('\n') == std::string_view::npos) {
        report_whole(
            name,
            report,
            "the file ends its lines with carriage returns alone",
            "save it with the line ends of Unix or of Windows"
        );
        return true;
    }
    return false;
}

} // namespace

bool check_bytes(
    const std::string& name, std::string& text, Report& report, const ParseLimits& limits
) {
    if (text.size() > limits.bytes) {
        report_whole(
            name,
            report,
            fmt::format("the file is larger than {} bytes, the limit", limits.bytes),
            "split it, or move data into a CSV source"
        );
        return false;
    }
    if (report_foreign(name, text, report)) {
        return false;
    }
    if (std::string_view{text}.substr(0, utf8_mark.size()) == utf8_mark) {
        text.erase(0, utf8_mark.size());
    }
    if (const auto bad = find_invalid_utf8(text)) {
        const SourceText source{name, text};
        report.add(finding_at(
            {source, *bad},
            Severity::error,
            fmt::format(
                "the file is not UTF-8: byte 0x{:02X}", static_cast<unsigned char>(text[*bad])
            ),
            "save it as UTF-8"
        ));
        return false;
    }
    return report_faults(SourceText{name, text}, report);
}

bool has_end_marker(std::string_view text) {
    while (!text.empty()) {
        if (text.back() == '\n') {
            text.remove_suffix(1);
        }
        const std::size_t begin = text.rfind('\n') + 1; // npos + 1 is 0
        const std::string_view line = text.substr(begin);
        const std::string_view word = trim(line);
        if (!word.empty() && word.front() != '#') {
            return is_marker(line, "...");
        }
        text = text.substr(0, begin);
    }
    return false;
}

bool has_begin_marker(std::string_view text) {
    return is_marker(first_line(text), "---");
}

void check_end_marker(const SourceText& source, Report& report) {
    if (has_begin_marker(source.text) && !has_end_marker(source.text)) {
        const std::size_t last = source.text.find_last_not_of(" \t\r\n");
        report.add(finding_at(
            {source, last == std::string::npos ? 0 : last},
            Severity::error,
            "the file begins with `---` but does not end with `...`: it may be cut off",
            "if it is complete, add a last line of three dots"
        ));
    }
}

} // namespace reviewd::config
