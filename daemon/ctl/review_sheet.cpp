#include "daemon/ctl/review_sheet.hpp"

#include "daemon/ctl/reading.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

constexpr std::size_t margin_width = 12;

class Sheet {
public:
    /// Lines are broken only on a terminal.
    explicit Sheet(const Screen& screen)
        : colour_{screen.colour},
          width_{
              screen.is_terminal ? screen.columns - std::min(screen.columns, margin_width)
                                 : std::string::npos} {}

    /// A word at the margin for the first of the lines, blanks for the rest; nothing without lines.
    void add(std::string_view word, const std::vector<std::string>& lines) {
        bool is_first = true;
        for (const std::string& line : lines) {
            for (const std::string& row : rows_of(line)) {
                const std::string margin =
                    fmt::format("{:<{}}", is_first ? word : std::string_view{}, margin_width);
                text_ += styled(margin, Style::faint, colour_) + row + '\n';
                is_first = false;
            }
        }
    }
    void heading(const std::string& line) {
        text_ += styled(safe(line), Style::strong, colour_) + '\n';
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    /// Broken where its writer broke it, and where the terminal ends.
    [[nodiscard]] std::vector<std::string> rows_of(const std::string& line) const {
        std::vector<std::string> rows;
        for (std::size_t begin = 0; begin < line.size();) {
            const std::size_t end = std::min(line.find('\n', begin), line.size());
            std::string_view part{line.data() + begin, end - begin};
            if (!part.empty() && part.back() == '\r') {
                part.remove_suffix(1);
            }
            if (!part.empty()) {
                const auto wrapped_rows = wrapped(safe(std::string{part}), width_);
                rows.insert(rows.end(), wrapped_rows.begin(), wrapped_rows.end());
            }
            begin = end + 1;
        }
        return rows;
    }

    Colour colour_;
    std::size_t width_; ///< of what stands beside the margin
    std::string text_;
};

std::vector<std::string> lines_of(const json::array& array, auto&& line_of) {
    std::vector<std::string> lines;
    for (const json::value& element : array) {
        lines.push_back(line_of(element));
    }
    return lines;
}

std::string joined(const json::value& object, std::initializer_list<std::string_view> names) {
    std::string line;
    for (const std::string_view name : names) {
        const std::string part = text(object, name);
        line += part.empty() ? "" : (line.empty() ? "" : ", ") + part;
    }
    return line;
}

/// What changed the score, the heaviest first and the base last.
std::vector<json::value> weighty_lines(const json::value& review) {
    std::vector<json::value> lines;
    for (const json::value& line : list(review, "ledger")) {
        if (text(line, "verdict") == "fired" && real(line, "points") != 0) {
            lines.push_back(line);
        }
    }
    std::stable_sort(lines.begin(), lines.end(), [](const json::value& a, const json::value& b) {
        const auto weight = [](const json::value& line) {
            return text(line, "kind") == "base" ? -1.0 : std::abs(real(line, "points"));
        };
        return weight(a) > weight(b);
    });
    return lines;
}

/// "room-to-grow"; what is no rule by what it is.
std::string ledger_name(const json::value& line) {
    const std::string kind = text(line, "kind");
    if (kind == "group_cap") {
        return "cap of " + text(line, "name");
    }
    return kind == "rule" ? text(line, "name") : kind == "clamp" ? "limit of the score" : kind;
}

/// The lines that made the score, as "+45 room-to-grow"; they add up to it.
std::vector<std::string> reasons(const json::value& review) {
    std::vector<std::string> lines;
    for (const json::value& line : weighty_lines(review)) {
        std::string facts;
        const json::object* const values = member(line, "facts").if_object();
        if (values != nullptr) {
            for (const json::key_value_pair& fact : *values) {
                facts += fmt::format(
                    "{}{} {}",
                    facts.empty() ? "" : ", ",
                    std::string_view{fact.key()},
                    text(member(line, "facts"), fact.key())
                );
            }
        }
        const std::string points = text(line, "points");
        lines.push_back(fmt::format(
            "{:>4}  {}{}",
            points.empty() || points.front() == '-' ? points : "+" + points,
            ledger_name(line),
            facts.empty() ? "" : "  (" + facts + ")"
        ));
    }
    return lines;
}

std::string answer_line(const json::value& each) {
    const json::value& value = member(each, "value");
    const std::string said = !value.is_bool()   ? text(each, "value")
                             : value.get_bool() ? "yes"
                                                : "no";
    return fmt::format("{}: {}", text(each, "question"), said);
}

/// "2026-10-16 call by ana: wants an offer".
std::string talk_line(const json::value& talk) {
    constexpr std::size_t most = 240;
    const std::string kind = text(talk, "kind");
    const std::string who = text(talk, "who");
    const std::string note = text(talk, "note");
    const std::string line = fmt::format(
        "{} {}{}{}",
        text(talk, "day"),
        kind.empty() ? "contact" : kind,
        who.empty() ? "" : " by " + who,
        note.empty() ? "" : ": " + note
    );
    return cut_to_width(line, most);
}

/// When the last review was, and what came out of it.
std::vector<std::string> held_lines(const json::value& review) {
    const std::string last = text(review, "last_held");
    if (last.empty()) {
        return {"never reviewed"};
    }
    std::vector<std::string> lines{last};
    const json::array& answers = list(review, "last_answers");
    if (const std::string note = text(review, "last_note"); !note.empty()) {
        lines.front() += ": " + note;
    }
    for (const json::value& answer : answers) {
        lines.push_back(answer_line(answer));
    }
    return lines;
}

/// The newest of the last review and the last talk; of one day the review. A talk stands before the
/// review that was earlier.
std::vector<std::string> last_lines(const json::value& review) {
    std::vector<std::string> lines = held_lines(review);
    const json::value& talk = member(review, "last_talk");
    const std::string held = text(review, "last_held");
    if (talk.is_object() && held < text(talk, "day")) {
        lines.front() = held.empty() ? lines.front() : "reviewed " + lines.front();
        lines.insert(lines.begin(), talk_line(talk));
    }
    return lines;
}

std::string occasion_line(const json::value& each) {
    const std::string by = text(each, "contact_by");
    return text(each, "text") + (by.empty() ? "" : ", contact by " + by);
}

std::string ageing_line(const json::value& each) {
    const bool is_due = text(each, "need") == "replacement";
    return fmt::format(
        "{}: bought {}, {} {}",
        text(each, "name"),
        text(each, "bought"),
        is_due ? "a replacement is due, its lifetime ends" : "no contract, its lifetime ends",
        text(each, "end")
    );
}

std::string owned_line(const json::value& each) {
    return fmt::format("{}, bought {}", text(each, "name"), text(each, "bought"));
}

/// "Maintenance contract until 2027-02-14 (C-oasis)".
std::string contract_line(const json::value& each) {
    const std::string name = text(each, "name");
    const std::string start = text(each, "start");
    const std::string end = text(each, "end");
    return fmt::format(
        "{}{}{} ({})",
        name.empty() ? "of all they own" : name,
        start.empty() ? "" : " from " + start,
        end.empty() ? "" : " until " + end,
        text(each, "key")
    );
}

/// The first of many lines, and how many there are beside them.
std::vector<std::string> first_lines(std::vector<std::string> lines) {
    constexpr std::size_t shown = 12;
    if (lines.size() > shown) {
        const std::size_t more = lines.size() - shown;
        lines.resize(shown);
        lines.push_back(fmt::format("and {} more", more));
    }
    return lines;
}

std::string problem_line(const json::value& each) {
    return fmt::format(
        "{}: {}. Fix: {}", text(each, "name"), text(each, "problem"), text(each, "fix")
    );
}

std::string missing_line(const json::value& each) {
    return fmt::format(
        "{}, for {}{}",
        text(each, "fact"),
        text(each, "rule"),
        is_true(each, "would_change_level") ? "  might change the level" : ""
    );
}

std::string value_line(const json::value& each) {
    const std::string alike = text(each, "alike_in");
    return fmt::format(
        "\"{}\" ({}, {}{})",
        text(each, "text"),
        text(each, "account"),
        text(each, "day"),
        alike == "segment" ? ", of the same segment and another size"
        : alike == "size"  ? ", of the same size and another segment"
                           : ""
    );
}

/// What was said to others, and what may be sent to them.
void add_draft(Sheet& sheet, const json::value& review) {
    const json::value& draft = member(review, "draft");
    if (!draft.is_object()) {
        return;
    }
    const std::string to = text(draft, "to");
    std::vector<std::string> lines{fmt::format(
        "{}: {}", to.empty() ? "no address is known" : "to " + to, text(draft, "subject")
    )};
    std::string rest = text(draft, "text");
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines.push_back("  " + rest.substr(0, end));
        rest.erase(0, end + 1);
    }
    sheet.add("Draft", lines);
}

void add_talk(Sheet& sheet, const json::value& review) {
    const auto ticket_line = [](const json::value& each) {
        const std::string fix = text(each, "fix");
        return fmt::format(
            "{} {}, open since {}{}",
            text(each, "key"),
            text(each, "title"),
            text(each, "opened"),
            fix.empty() ? "" : ". Fix: " + fix
        );
    };
    sheet.add("Now", lines_of(list(review, "tickets"), ticket_line));
    sheet.add("Known", lines_of(list(review, "known_problems"), problem_line));
    sheet.add("Promised", lines_of(list(review, "promises"), [](const json::value& each) {
                  const std::string due = text(each, "due");
                  return fmt::format(
                      "#{} {}{}",
                      text(each, "id"),
                      text(each, "text"),
                      due.empty() ? "" : " (until " + due + ")"
                  );
              }));
    sheet.add("Ask", lines_of(list(review, "agenda"), [](const json::value& each) {
                  return fmt::format(
                      "{}  [{}]{}",
                      text(each, "text"),
                      text(each, "id"),
                      is_true(each, "would_change_level") ? "  its answer may change the level" : ""
                  );
              }));
    sheet.add("Offer", lines_of(list(review, "offers"), [](const json::value& each) {
                  const std::string apart = text(each, "sets_apart");
                  return text(each, "name") + (apart.empty() ? "" : ": " + apart);
              }));
    sheet.add("Owns", first_lines(lines_of(list(review, "owned"), owned_line)));
    sheet.add("Contract", first_lines(lines_of(list(review, "contracts"), contract_line)));
    sheet.add("Ages", lines_of(list(review, "ageing"), ageing_line));
    sheet.add("Missing", lines_of(list(review, "missing"), missing_line));
    sheet.add("Others like", lines_of(list(review, "value_points"), value_line));
    sheet.add("Subsidiary", lines_of(list(review, "subsidiaries"), [](const json::value& each) {
                  return joined(each, {"name", "due"});
              }));
    std::vector<std::string> tips;
    for (const json::value& tip : list(review, "tips")) {
        tips.push_back(tip.is_string() ? std::string{tip.get_string()} : std::string{});
    }
    const bool has_offer = !list(review, "offers").empty() || !list(review, "ageing").empty();
    sheet.add(has_offer ? "Else a tip" : "Tip", tips);
    sheet.add("Invite", {text(review, "invitation")});
    sheet.add("If unsure", {text(review, "free_review")});
    add_draft(sheet, review);
}

void add_past(Sheet& sheet, const json::value& review) {
    sheet.add("Tried", lines_of(list(review, "attempts"), [](const json::value& each) {
                  return joined(each, {"day", "result", "who", "note"});
              }));
    sheet.add("Spoke", lines_of(list(review, "contacts_logged"), [](const json::value& each) {
                  return joined(each, {"day", "who", "note"});
              }));
    sheet.add("Answers", lines_of(list(review, "answers"), answer_line));
    sheet.add("History", lines_of(list(review, "history"), [](const json::value& each) {
                  return fmt::format(
                      "{}  {} by {} ({}){}",
                      moment(each, "at"),
                      text(each, "what"),
                      text(each, "who"),
                      text(each, "origin"),
                      details_text(member(each, "details"))
                  );
              }));
}

/// A list stands in details as JSON: its texts, without a word where it is empty. Any other detail
/// may be a person's own words, which stay as they are, whatever they look like.
std::string detail_text(const json::value& details, std::string_view name) {
    const bool is_list_of_texts = name == "reasons" || name == "put_off";
    const std::string value = text(details, name);
    if (!is_list_of_texts) {
        return value;
    }
    boost::system::error_code problem;
    const json::value parsed = json::parse(value, problem);
    const json::array* const texts = problem ? nullptr : parsed.if_array();
    const auto is_text = [](const json::value& each) {
        return each.is_string();
    };
    if (texts == nullptr || !std::all_of(texts->begin(), texts->end(), is_text)) {
        return value;
    }
    std::string line;
    for (const json::value& each : *texts) {
        line += line.empty() ? "" : "; ";
        line += std::string_view{each.get_string()};
    }
    return line;
}

} // namespace

std::string details_text(const json::value& details) {
    std::string line;
    if (const json::object* const members = details.if_object()) {
        for (const json::key_value_pair& each : *members) {
            const std::string value = detail_text(details, each.key());
            std::string name{each.key()};
            std::replace(name.begin(), name.end(), '_', ' ');
            line += value.empty() ? "" : fmt::format(", {} {}", name, value);
        }
    }
    constexpr std::size_t most = 160;
    return cut_to_width(line, most);
}

std::string handover_line(const json::value& review) {
    const json::value& handover = member(review, "handover");
    if (!handover.is_object()) {
        return {};
    }
    const std::string because = text(handover, "because");
    return fmt::format(
        "from {} to {} on {}{}",
        text(handover, "from_name"),
        text(handover, "to_name"),
        text(handover, "day"),
        because.empty() ? "" : " (" + because + ")"
    );
}

namespace {

/// "9 planned, due 2026-12-10, at the latest 2026-12-18, 2 days late"; of a closed review its end.
std::string standing_line(const json::value& review) {
    const std::string begin = text(review, "id") + " " + text(review, "state");
    if (const std::string end = ending_text(review); !end.empty()) {
        return begin + end;
    }
    const std::int64_t late = number(review, "days_late");
    return fmt::format(
        "{}, due {}, at the latest {}{}",
        begin,
        text(review, "due"),
        text(review, "latest"),
        late > 0 ? fmt::format(", {} late", counted(late, "day", "days")) : ""
    );
}

/// What happens meanwhile is told all the same.
void add_silence(Sheet& sheet, const json::value& review) {
    const std::string next_try = text(review, "next_try");
    const std::string quiet = text(review, "quiet_until");
    if (!next_try.empty()) {
        sheet.add("Next try", {next_try});
    } else if (!quiet.empty()) {
        sheet.add("Quiet until", {quiet + ", but for what happens meanwhile"});
    }
}

/// "Omar Nasser until 2026-11-26"; empty: the owner has the contact.
std::string stand_in_words(const json::value& review) {
    const std::string name = text(review, "stands_in_name");
    return name.empty() ? name : fmt::format("{} until {}", name, text(review, "stands_in_until"));
}

} // namespace

std::string ending_text(const json::value& review) {
    if (text(review, "closed_at").empty()) {
        return {};
    }
    const std::string held = text(review, "held_on");
    return held.empty() ? ", was due " + text(review, "due") : ", held on " + held;
}

std::string review_sheet(const json::value& review, const Screen& screen) {
    const json::value& account = member(review, "account");
    const json::value& score = member(review, "score");
    Sheet sheet{screen};
    sheet.heading(
        fmt::format("{}  {} {}", text(account, "name"), text(score, "level"), text(score, "points"))
    );
    sheet.add("Handed over", {handover_line(review)});
    sheet.add("Review", {standing_line(review)});
    sheet.add("Agreed", {text(review, "appointment_local")});
    add_silence(sheet, review);
    sheet.add("Part of", {text(member(review, "parent"), "name")});
    sheet.add("Owner", {text(member(account, "owner"), "name")});
    sheet.add("Stands in", {stand_in_words(review)});
    sheet.add("Call", lines_of(list(review, "contacts"), [](const json::value& each) {
                  return joined(each, {"name", "role", "phone", "email"});
              }));
    sheet.add("Last", last_lines(review));
    sheet.add("Reason", lines_of(list(review, "occasions"), occasion_line));
    sheet.add("Why", reasons(review));
    add_talk(sheet, review);
    add_past(sheet, review);
    return sheet.text();
}

} // namespace reviewd::ctl
