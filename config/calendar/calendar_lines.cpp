#include "config/calendar/calendar_lines.hpp"

#include "config/node/finding.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reviewd::config {
namespace {

/// A component that has begun and not ended.
struct OpenComponent {
    std::string name;
    std::size_t offset = 0;
};

/// A physical line, without its end.
struct RawLine {
    std::string_view text;
    std::size_t offset = 0;
};

std::vector<RawLine> raw_lines(std::string_view text) {
    std::vector<RawLine> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        lines.push_back({line, at});
        at = end + 1;
    }
    return lines;
}

bool is_name_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

std::string upper(std::string_view text) {
    std::string result{text};
    for (char& c : result) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return result;
}

/// Name, parameters and value of a joined line; nothing when it has no name or no colon.
std::optional<CalendarLine> split_line(std::string_view text, std::size_t offset) {
    std::size_t end = 0;
    while (end < text.size() && is_name_letter(text[end])) {
        ++end;
    }
    bool is_quoted = false;
    std::size_t colon = end;
    while (colon < text.size() && (is_quoted || text[colon] != ':')) {
        is_quoted = text[colon] == '"' ? !is_quoted : is_quoted;
        ++colon;
    }
    const bool has_parameters = end < text.size() && text[end] == ';';
    if (end == 0 || colon == text.size() || (colon != end && !has_parameters)) {
        return std::nullopt;
    }
    return CalendarLine{
        upper(text.substr(0, end)),
        std::string{text.substr(end, colon - end)},
        std::string{text.substr(colon + 1)},
        offset};
}

/// Reads the lines one after the other and keeps what has begun.
class Splitter {
public:
    Splitter(const SourceText& source, Report& report) : source_(source), report_(report) {}

    [[nodiscard]] std::optional<std::vector<CalendarEvent>> split() {
        const std::vector<RawLine> lines = raw_lines(source_.text);
        for (std::size_t i = 0; i < lines.size() && is_fine_;) {
            std::string joined{lines[i].text};
            const std::size_t offset = lines[i].offset;
            for (++i; i < lines.size() && is_continuation(lines[i].text); ++i) {
                joined += lines[i].text.substr(1);
            }
            take(joined, offset);
        }
        check_end();
        return is_fine_ ? std::optional{std::move(events_)} : std::nullopt;
    }

private:
    static bool is_continuation(std::string_view line) {
        return !line.empty() && (line.front() == ' ' || line.front() == '\t');
    }

    void refuse(std::size_t offset, std::string message, std::string hint = {}) {
        report_at(source_, offset, std::move(message), std::move(hint), report_);
        is_fine_ = false;
    }

    void take(const std::string& joined, std::size_t offset) {
        if (joined.empty()) {
            return;
        }
        std::optional<CalendarLine> line = split_line(joined, offset);
        if (!line) {
            refuse(
                offset,
                "expected a line of an iCalendar file, such as `DTSTART;VALUE=DATE:20261225`",
                "is the file cut off, or no calendar at all?"
            );
        } else if (line->name == "BEGIN") {
            begin(upper(line->value), offset);
        } else if (line->name == "END") {
            end(upper(line->value), offset);
        } else if (open_.empty()) {
            refuse(offset, "expected `BEGIN:VCALENDAR`: this is no iCalendar file");
        } else if (open_.back().name == "VEVENT") {
            events_.back().lines.push_back(std::move(*line));
        }
    }

    void begin(std::string name, std::size_t offset) {
        if (open_.empty() && name != "VCALENDAR") {
            refuse(offset, "expected `BEGIN:VCALENDAR`: this is no iCalendar file");
            return;
        }
        if (name == "VEVENT") {
            events_.push_back({{}, offset});
        }
        open_.push_back({std::move(name), offset});
        has_calendar_ = true;
    }

    void end(const std::string& name, std::size_t offset) {
        if (open_.empty() || open_.back().name != name) {
            const std::string expected =
                open_.empty() ? std::string{"nothing, for nothing has begun"}
                              : fmt::format("`END:{}`", cut_to_width(open_.back().name, 40));
            refuse(
                offset, fmt::format("found `END:{}`, expected {}", cut_to_width(name, 40), expected)
            );
            return;
        }
        open_.pop_back();
    }

    void check_end() {
        if (!is_fine_) {
            return;
        }
        if (!has_calendar_) {
            refuse(0, "expected `BEGIN:VCALENDAR`, found nothing: this is no iCalendar file");
        } else if (!open_.empty()) {
            refuse(
                source_.text.size(),
                fmt::format(
                    "the file ends inside `{}`, which began on line {}: it seems to be cut off",
                    cut_to_width(open_.back().name, 40),
                    source_.position_of(open_.back().offset).line
                ),
                "fetch it again; until then the calendar in force stays"
            );
        }
    }

    const SourceText& source_;
    Report& report_;
    std::vector<CalendarEvent> events_;
    std::vector<OpenComponent> open_;
    bool has_calendar_ = false;
    bool is_fine_ = true;
};

} // namespace

const CalendarLine* CalendarEvent::find(std::string_view name) const {
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const CalendarLine& line) {
        return line.name == name;
    });
    return found == lines.end() ? nullptr : &*found;
}

void report_at(
    const SourceText& source,
    std::size_t offset,
    std::string message,
    std::string hint,
    Report& report
) {
    report.add(finding_at({source, offset}, Severity::error, std::move(message), std::move(hint)));
}

std::optional<std::vector<CalendarEvent>> split_calendar(const SourceText& source, Report& report) {
    return Splitter{source, report}.split();
}

} // namespace reviewd::config
