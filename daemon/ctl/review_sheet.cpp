#include "daemon/ctl/review_sheet.hpp"

#include "daemon/ctl/reading.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

class Sheet {
public:
    explicit Sheet(Colour colour) : colour_{colour} {}

    /// A word at the margin for the first of the lines, blanks for the rest; nothing without lines.
    void add(std::string_view word, const std::vector<std::string>& lines) {
        bool is_first = true;
        for (const std::string& line : lines) {
            if (line.empty()) {
                continue;
            }
            const std::string margin = fmt::format("{:<12}", is_first ? word : "");
            text_ += styled(margin, Style::faint, colour_) + safe(line) + '\n';
            is_first = false;
        }
    }
    void heading(const std::string& line) {
        text_ += styled(safe(line), Style::strong, colour_) + '\n';
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    Colour colour_;
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

/// The rules that made the score, as "+45 room-to-grow".
std::vector<std::string> reasons(const json::value& review) {
    std::vector<std::string> lines;
    for (const json::value& line : list(review, "ledger")) {
        if (text(line, "verdict") != "fired" || text(line, "kind") != "rule") {
            continue;
        }
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
            text(line, "name"),
            facts.empty() ? "" : "  (" + facts + ")"
        ));
    }
    return lines;
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
    std::vector<std::string> tips;
    for (const json::value& tip : list(review, "tips")) {
        tips.push_back(tip.is_string() ? std::string{tip.get_string()} : std::string{});
    }
    sheet.add("Tip", tips);
    sheet.add("Invite", {text(review, "invitation")});
    sheet.add("If unsure", {text(review, "free_review")});
}

void add_past(Sheet& sheet, const json::value& review) {
    sheet.add("Tried", lines_of(list(review, "attempts"), [](const json::value& each) {
                  return joined(each, {"day", "result", "who", "note"});
              }));
    sheet.add("Answers", lines_of(list(review, "answers"), [](const json::value& each) {
                  return fmt::format("{}: {}", text(each, "question"), text(each, "value"));
              }));
    sheet.add("History", lines_of(list(review, "history"), [](const json::value& each) {
                  return fmt::format(
                      "{}  {} by {}", moment(each, "at"), text(each, "what"), text(each, "who")
                  );
              }));
}

} // namespace

std::string review_sheet(const json::value& review, const Screen& screen) {
    const json::value& account = member(review, "account");
    const json::value& score = member(review, "score");
    Sheet sheet{screen.colour};
    sheet.heading(
        fmt::format("{}  {} {}", text(account, "name"), text(score, "level"), text(score, "points"))
    );
    sheet.add(
        "Review",
        {fmt::format(
            "{} {}, due {}, at the latest {}{}",
            text(review, "id"),
            text(review, "state"),
            text(review, "due"),
            text(review, "latest"),
            number(review, "days_late") > 0
                ? fmt::format(", {} days late", number(review, "days_late"))
                : ""
        )}
    );
    const std::string appointment = moment(review, "appointment");
    sheet.add("Agreed", {appointment.empty() ? "" : appointment + " UTC"});
    sheet.add("Owner", {text(member(account, "owner"), "name")});
    sheet.add("Call", lines_of(list(review, "contacts"), [](const json::value& each) {
                  return joined(each, {"name", "role", "phone", "email"});
              }));
    const std::string last = text(review, "last_held");
    sheet.add("Last", {last.empty() ? "never reviewed" : last});
    sheet.add("Why", reasons(review));
    add_talk(sheet, review);
    add_past(sheet, review);
    return sheet.text();
}

} // namespace reviewd::ctl
