// Structure and places are our own, so that every mistake is shown with its line; rules of
// recurrence and durations are libical's, zones are cctz's.

#include "config/calendar/icalendar.hpp"

#include "config/calendar/calendar_lines.hpp"
#include "config/node/finding.hpp"
#include "config/node/parse.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <libical/ical.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace reviewd::config {
namespace {

using std::chrono::days;
using std::chrono::minutes;

/// More occurrences than this in one file are a mistake rather than a calendar: a daily event has
/// 40,000 until last_calendar_day.
constexpr int most_occurrences = 200'000;
constexpr days longest_event{3653};
constexpr std::chrono::hours work_begins{8};
constexpr std::chrono::hours work_ends{18};
constexpr std::chrono::hours least_absence{4};

/// A point of an event: a day, or a day and the time on its clock.
struct CalendarTime {
    Date day{};
    minutes clock{};
    bool is_whole_day = true;
    friend auto operator<=>(const CalendarTime&, const CalendarTime&) = default;
};

/// A number of `count` digits, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int number = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

/// "20261225" or "20261225T083000", with or without a Z.
std::optional<CalendarTime> parse_time(std::string_view text) {
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 4, 2);
    const auto day = digits(text, 6, 2);
    if (!year || !month || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{*year},
        std::chrono::month{static_cast<unsigned>(*month)},
        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *year < 1800 || *year > 2199) {
        return std::nullopt;
    }
    CalendarTime time{std::chrono::local_days{date}, {}, true};
    if (text.size() == 8) {
        return time;
    }
    const auto hour = digits(text, 9, 2);
    const auto minute = digits(text, 11, 2);
    const auto second = digits(text, 13, 2);
    const bool is_ended = text.size() == 15 || (text.size() == 16 && text[15] == 'Z');
    if (text[8] != 'T' || !hour || !minute || !second || !is_ended || *hour > 23 || *minute > 59
        || *second > 60) {
        return std::nullopt;
    }
    time.clock = std::chrono::hours{*hour} + minutes{*minute};
    time.is_whole_day = false;
    return time;
}

/// The value of a line's parameter, without its quotes; empty: it has none of that name.
/// @param name in lower case
std::string_view parameter(const CalendarLine& line, std::string_view name) {
    const std::string_view all = line.parameters;
    for (std::size_t at = 0; at < all.size();) { // each begins with its semicolon
        std::size_t end = at + 1;
        for (bool is_quoted = false; end < all.size() && (is_quoted || all[end] != ';'); ++end) {
            is_quoted = all[end] == '"' ? !is_quoted : is_quoted;
        }
        const std::string_view one = all.substr(at + 1, end - at - 1);
        const std::size_t sign = std::min(one.find('='), one.size());
        if (lower_case(one.substr(0, sign)) == name) {
            std::string_view value = one.substr(std::min(sign + 1, one.size()));
            if (value.size() > 1 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            return value;
        }
        at = end;
    }
    return {};
}

constexpr std::string_view utc = "UTC";

/// A time, and whose clock shows it.
struct Stamp {
    CalendarTime time;
    std::string zone; ///< empty: whoever reads it
    const CalendarLine* line = nullptr;
};

/// A zone of the tz database. Other names, those of Outlook for instance, mean what the file itself
/// says of them.
std::optional<cctz::time_zone> find_zone(const std::string& name) {
    cctz::time_zone zone;
    const bool is_path = name.find("..") != std::string::npos || name.front() == '/';
    if (is_path || name == "localtime" || !cctz::load_time_zone(name, &zone)) {
        return std::nullopt;
    }
    return zone;
}

/// What the clock of another zone shows; nothing where one of the zones is not known.
std::optional<CalendarTime> on_clock(
    const CalendarTime& time, const std::string& from, const std::string& to
) {
    const auto written = find_zone(from);
    const auto read = find_zone(to);
    if (!written || !read) {
        return std::nullopt;
    }
    const cctz::civil_second shown = cctz::civil_second{1970, 1, 1}
                                     + (time.day.time_since_epoch() / std::chrono::seconds{1})
                                     + time.clock / std::chrono::seconds{1};
    const cctz::civil_minute local{cctz::convert(cctz::convert(shown, *written), *read)};
    const cctz::civil_day day{local};
    return CalendarTime{
        Date{days{day - cctz::civil_day{1970, 1, 1}}},
        minutes{local - cctz::civil_minute{day}},
        false};
}

icaltimetype to_ical(const CalendarTime& time) {
    const std::chrono::year_month_day date{time.day};
    icaltimetype result = icaltime_null_time();
    result.year = static_cast<int>(date.year());
    result.month = static_cast<int>(static_cast<unsigned>(date.month()));
    result.day = static_cast<int>(static_cast<unsigned>(date.day()));
    result.is_date = time.is_whole_day ? 1 : 0;
    result.hour = static_cast<int>(time.clock.count() / 60);
    result.minute = static_cast<int>(time.clock.count() % 60);
    return result;
}

CalendarTime from_ical(const icaltimetype& time) {
    const std::chrono::year_month_day date{
        std::chrono::year{time.year},
        std::chrono::month{static_cast<unsigned>(time.month)},
        std::chrono::day{static_cast<unsigned>(time.day)}};
    return {
        std::chrono::local_days{date},
        std::chrono::hours{time.hour} + minutes{time.minute},
        time.is_date != 0};
}

struct IteratorFree {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

std::vector<std::string_view> split_at_commas(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

/// What one VEVENT says, read and checked.
struct Event {
    std::string uid;
    CalendarTime start;
    std::string zone; ///< of the clock that shows `start`, `more` and `except`
    minutes length{}; ///< whole days for all-day events
    std::vector<const CalendarLine*> rules;
    std::vector<CalendarTime> more; ///< RDATE
    std::set<CalendarTime> except;  ///< EXDATE
    std::optional<Stamp> replaces;
    bool is_cancelled = false;
};

void note_time(Event& event, std::string_view name, const CalendarTime& time) {
    if (name == "RDATE") {
        event.more.push_back(time);
    } else {
        event.except.insert(time);
    }
}

/// Whether a time is one of these; where one of both is a whole day, the day decides.
bool is_among(const std::set<CalendarTime>& times, const CalendarTime& time) {
    const CalendarTime day_begins{time.day, minutes{0}, false};
    for (auto other = times.lower_bound(day_begins); other != times.end(); ++other) {
        if (other->day != time.day) {
            return false;
        }
        if (other->is_whole_day || time.is_whole_day || other->clock == time.clock) {
            return true;
        }
    }
    return false;
}

/// Reads the events of one text and adds up their days.
class CalendarReader {
public:
    CalendarReader(const SourceText& source, Report& report) : source_(source), report_(report) {}

    [[nodiscard]] std::optional<std::vector<DaySpan>> read() {
        const auto split = split_calendar(source_, report_);
        if (!split) {
            return std::nullopt;
        }
        std::vector<Event> events;
        for (const CalendarEvent& lines : *split) {
            if (std::optional<Event> event = read_event(lines)) {
                events.push_back(std::move(*event));
            }
        }
        for (const Event& event : events) {
            if (event.replaces) {
                replaced_[event.uid].push_back(*event.replaces);
            }
        }
        for (const Event& event : events) {
            expand(event);
        }
        return is_fine_ ? std::optional{joined()} : std::nullopt;
    }

private:
    void refuse(const CalendarLine& line, std::string_view what, std::string hint) {
        report_at(
            source_,
            line.offset,
            fmt::format(
                "expected {} in `{}`, found `{}`", what, line.name, cut_to_width(line.value, 60)
            ),
            std::move(hint),
            report_
        );
        is_fine_ = false;
    }

    [[nodiscard]] std::optional<Stamp> stamp_in(const CalendarLine& line, std::string_view text) {
        const std::optional<CalendarTime> time = parse_time(text);
        if (!time) {
            refuse(
                line, "a day that exists", "written as 20261225, or with a time as 20261225T083000"
            );
            return std::nullopt;
        }
        if (time->is_whole_day) {
            return Stamp{*time, {}, &line};
        }
        return Stamp{*time, std::string{text.back() == 'Z' ? utc : parameter(line, "tzid")}, &line};
    }

    /// On the clock of the event. A day is a day everywhere.
    [[nodiscard]] CalendarTime time_for(const Event& event, const Stamp& stamp) {
        const bool is_day = stamp.time.is_whole_day || event.start.is_whole_day;
        if (is_day || stamp.zone.empty() || event.zone.empty() || stamp.zone == event.zone) {
            return stamp.time;
        }
        const std::optional<CalendarTime> time = on_clock(stamp.time, stamp.zone, event.zone);
        if (!time) {
            report_.add(finding_at(
                {source_, stamp.line->offset},
                Severity::warning,
                fmt::format(
                    "`{}` is not in the zone of `DTSTART`, `{}`, and the tz database lacks one of "
                    "both: it counts as if it were",
                    stamp.line->name,
                    cut_to_width(event.zone, 60)
                ),
                "zones have names such as Europe/London"
            ));
        }
        return time.value_or(stamp.time);
    }

    [[nodiscard]] std::optional<CalendarTime> time_in(
        const Event& event, const CalendarLine& line, std::string_view text
    ) {
        const std::optional<Stamp> stamp = stamp_in(line, text);
        return stamp ? std::optional{time_for(event, *stamp)} : std::nullopt;
    }

    [[nodiscard]] std::optional<Event> read_event(const CalendarEvent& lines) {
        const CalendarLine* start = lines.find("DTSTART");
        if (start == nullptr) {
            report_at(source_, lines.offset, "this event has no `DTSTART`", {}, report_);
            is_fine_ = false;
            return std::nullopt;
        }
        const std::optional<Stamp> begins = stamp_in(*start, start->value);
        if (!begins) {
            return std::nullopt;
        }
        Event event;
        event.start = begins->time;
        event.zone = begins->zone;
        const CalendarLine* uid = lines.find("UID");
        event.uid = uid == nullptr ? std::string{} : uid->value;
        const CalendarLine* status = lines.find("STATUS");
        event.is_cancelled = status != nullptr && status->value == "CANCELLED";
        for (const CalendarLine& line : lines.lines) {
            read_recurrence(line, event);
        }
        return read_length(lines, event) ? std::optional{std::move(event)} : std::nullopt;
    }

    void read_recurrence(const CalendarLine& line, Event& event) {
        if (line.name == "RDATE" || line.name == "EXDATE") {
            for (const std::string_view part : split_at_commas(line.value)) {
                if (const auto time = time_in(event, line, part)) {
                    note_time(event, line.name, *time);
                }
            }
        } else if (line.name == "RRULE") {
            event.rules.push_back(&line);
        } else if (line.name == "EXRULE") {
            refuse(line, "no rule of exceptions, which is not followed", "name them in EXDATE");
        } else if (line.name == "RECURRENCE-ID") {
            event.replaces = stamp_in(line, line.value);
            if (!parameter(line, "range").empty()) {
                refuse(
                    line,
                    "a single occurrence: RANGE is not followed",
                    "end the rule with UNTIL before that day, and let another event begin there"
                );
            }
        }
    }

    [[nodiscard]] bool read_length(const CalendarEvent& lines, Event& event) {
        if (const CalendarLine* end = lines.find("DTEND")) {
            const std::optional<CalendarTime> ends = time_in(event, *end, end->value);
            if (!ends) {
                return false;
            }
            event.length = ends->day - event.start.day + ends->clock - event.start.clock;
            if (event.length < minutes{0} || ends->is_whole_day != event.start.is_whole_day) {
                refuse(*end, "an end of the same kind as `DTSTART`, not before it", {});
                return false;
            }
        } else if (const CalendarLine* duration = lines.find("DURATION")) {
            const icaldurationtype read = icaldurationtype_from_string(duration->value.c_str());
            if (icaldurationtype_is_bad_duration(read) != 0 || read.is_neg != 0) {
                refuse(*duration, "a length of time", "such as P1D or PT4H");
                return false;
            }
            event.length = minutes{icaldurationtype_as_int(read) / 60};
        }
        if (event.length > longest_event) {
            refuse(*lines.find("DTSTART"), "an event of at most ten years", {});
            return false;
        }
        if (event.start.is_whole_day) {
            // Without an end, or with one that is its beginning, it is the one day.
            event.length = std::max<minutes>(event.length, days{1});
        }
        return true;
    }

    void expand(const Event& event) {
        if (event.is_cancelled) {
            return;
        }
        const std::set<CalendarTime> replaced =
            event.replaces ? std::set<CalendarTime>{} : replaced_of(event);
        const auto is_left_out = [&](const CalendarTime& time) {
            return is_among(replaced, time) || is_among(event.except, time);
        };
        for (const CalendarTime& time : event.more) {
            if (!is_left_out(time)) {
                add(event, time);
            }
        }
        if (event.rules.empty() && !is_left_out(event.start)) {
            add(event, event.start);
        }
        for (const CalendarLine* line : event.rules) {
            recur(event, *line, is_left_out);
        }
    }

    /// The occurrences that other events of the same name stand for.
    [[nodiscard]] std::set<CalendarTime> replaced_of(const Event& event) {
        std::set<CalendarTime> times;
        for (const Stamp& stamp : replaced_[event.uid]) {
            times.insert(time_for(event, stamp));
        }
        return times;
    }

    /// The last moment of a rule, on the clock of the event.
    void settle_until(const Event& event, const CalendarLine& line, icalrecurrencetype& rule) {
        if (icaltime_is_null_time(rule.until) != 0 || icaltime_is_utc(rule.until) == 0) {
            return;
        }
        const Stamp until{from_ical(rule.until), std::string{utc}, &line};
        rule.until = to_ical(time_for(event, until));
    }

    template <class IsLeftOut>
    void recur(const Event& event, const CalendarLine& line, const IsLeftOut& is_left_out) {
        icalerror_set_errors_are_fatal(0);
        icalrecurrencetype rule = icalrecurrencetype_from_string(line.value.c_str());
        if (rule.freq > ICAL_YEARLY_RECURRENCE || rule.freq < ICAL_DAILY_RECURRENCE) {
            refuse(line, "a rule that recurs daily or less often", "such as FREQ=YEARLY");
            return;
        }
        settle_until(event, line, rule);
        const std::unique_ptr<icalrecur_iterator, IteratorFree> iterator{
            icalrecur_iterator_new(rule, to_ical(event.start))};
        if (!iterator) {
            refuse(line, "a rule that can be followed", "such as FREQ=YEARLY");
            return;
        }
        for (; occurrences_ < most_occurrences; ++occurrences_) {
            const icaltimetype next = icalrecur_iterator_next(iterator.get());
            if (icaltime_is_null_time(next) != 0) {
                return;
            }
            const CalendarTime time = from_ical(next);
            if (time.day > last_calendar_day) {
                return;
            }
            if (!is_left_out(time)) {
                add(event, time);
            }
        }
        refuse(
            line,
            fmt::format("at most {} days in one calendar", most_occurrences),
            "begin the event later, or end its rule with UNTIL=20301231"
        );
    }

    /// Takes the days between the first and the last; these two only if enough of them is covered.
    void add(const Event& event, const CalendarTime& begins) {
        const minutes until = begins.clock + event.length;
        const days whole = std::chrono::floor<days>(until);
        DaySpan span{begins.day, begins.day + whole};
        const auto is_absence = [](minutes from, minutes to) {
            return std::min<minutes>(to, work_ends) - std::max<minutes>(from, work_begins)
                   >= least_absence;
        };
        if (!is_absence(whole > days{0} ? minutes{0} : begins.clock, until - whole)) {
            span.last -= days{1};
        }
        if (whole > days{0} && !is_absence(begins.clock, days{1})) {
            span.first += days{1};
        }
        span.first = std::max(span.first, first_calendar_day);
        span.last = std::min(span.last, last_calendar_day);
        if (span.first <= span.last) {
            spans_.push_back(span);
        }
    }

    [[nodiscard]] std::vector<DaySpan> joined() {
        std::sort(spans_.begin(), spans_.end());
        std::vector<DaySpan> result;
        for (const DaySpan& span : spans_) {
            if (!result.empty() && span.first <= result.back().last + days{1}) {
                result.back().last = std::max(result.back().last, span.last);
            } else {
                result.push_back(span);
            }
        }
        return result;
    }

    const SourceText& source_;
    Report& report_;
    std::map<std::string, std::vector<Stamp>> replaced_;
    std::vector<DaySpan> spans_;
    int occurrences_ = 0; ///< of rules, in the whole text
    bool is_fine_ = true;
};

} // namespace

std::optional<std::vector<DaySpan>> parse_calendar(
    std::string name, std::string text, Report& report
) {
    const SourceText source{std::move(name), std::move(text)};
    return CalendarReader{source, report}.read();
}

std::optional<std::vector<DaySpan>> read_calendar_file(
    const std::string& path, const Node& named, Report& report
) {
    Report own;
    std::optional<std::string> text = read_yaml_file(path, own);
    if (!text) {
        const Diagnostics& findings = own.diagnostics();
        Report here;
        here.error(
            named,
            findings.empty() ? fmt::format("`{}` cannot be read", path)
                             : fmt::format("{}: {}", path, findings.front().message)
        );
        Diagnostic finding = here.diagnostics().front();
        finding.is_temporary = is_temporary(findings);
        report.add(std::move(finding));
        return std::nullopt;
    }
    return parse_calendar(path, std::move(*text), report);
}

} // namespace reviewd::config
