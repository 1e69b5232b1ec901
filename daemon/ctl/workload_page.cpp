#include "daemon/ctl/workload_page.hpp"

#include "daemon/ctl/csv_text.hpp"
#include "daemon/ctl/reading.hpp"
#include "scoring/base/counted.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

constexpr std::int64_t widest_bar = 50;
constexpr std::size_t most_late_shown = 10;
constexpr std::array<std::string_view, 4> week_columns{"week", "planned", "expected", "capacity"};

std::string repeated(std::string_view piece, std::int64_t count) {
    std::string all;
    for (std::int64_t i = 0; i < count; ++i) {
        all += piece;
    }
    return all;
}

/// A week as a bar: planned full, expected lighter, up to the room; what is beyond it marked.
std::string bar(
    const json::value& week, std::int64_t capacity, std::int64_t largest, const Screen& screen
) {
    const auto scaled = [&](std::int64_t count) {
        return largest <= widest_bar ? count : (count * widest_bar + largest - 1) / largest;
    };
    const std::int64_t planned = scaled(number(week, "planned"));
    const std::int64_t all = scaled(number(week, "planned") + number(week, "expected"));
    const std::int64_t room = scaled(capacity);
    std::string text = repeated("█", planned) + repeated("▒", all - planned);
    const bool is_beyond = number(week, "planned") + number(week, "expected") > capacity;
    text = styled(text, is_beyond ? Style::bad : Style::plain, screen.colour);
    return text + repeated(" ", std::max<std::int64_t>(room - all, 0)) + (is_beyond ? "" : "|");
}

/// What an owner is called: with the key where another one of the list has the same name.
std::string called(const json::value& owner, const json::array& among) {
    const std::string key = text(owner, "owner");
    const std::string name = text(owner, "name");
    const bool is_shared = std::any_of(among.begin(), among.end(), [&](const json::value& other) {
        return text(other, "name") == name && text(other, "owner") != key;
    });
    const std::string full = is_shared ? fmt::format("{} ({})", name, key) : name;
    const std::string shown = name.empty() ? key : full;
    return shown.empty() ? "nobody" : safe(shown);
}

std::string reviews_words(std::int64_t count) {
    return counted(count, "review", "reviews");
}

/// Rounded up: what does not fit never looks as if it did.
std::string stretch_text(double stretch) {
    constexpr double places = 100;
    constexpr double noise = 1e-6; // of what is no fraction in binary
    return fmt::format("{:.2f}", std::ceil(stretch * places - noise) / places);
}

/// One owner's year. Reviews that nobody owns have no room to show, and only weeks with some.
std::string forecast_of(const json::value& owner, std::string_view name, const Screen& screen) {
    const bool is_nobody = text(owner, "owner").empty();
    const std::string load = is_nobody ? ": give their accounts an owner"
                                       : fmt::format(
                                           ", room for {}, stretch {}",
                                           number(owner, "capacity"),
                                           stretch_text(real(owner, "stretch"))
                                       );
    std::string page = fmt::format(
        "{}   {} in a year{}\n",
        styled(name, Style::strong, screen.colour),
        reviews_words(number(owner, "reviews")),
        load
    );
    // The planner spreads them as if somebody with the defaults held them: that is nobody's room.
    const auto room_of = [&](const json::value& week) {
        return is_nobody ? 0 : number(week, "capacity");
    };
    std::int64_t largest = 1;
    for (const json::value& week : list(owner, "weeks")) {
        const std::int64_t reviews = number(week, "planned") + number(week, "expected");
        largest = std::max({largest, reviews, room_of(week)});
    }
    for (const json::value& week : list(owner, "weeks")) {
        const std::int64_t reviews = number(week, "planned") + number(week, "expected");
        if (is_nobody && reviews == 0) {
            continue;
        }
        page += fmt::format(
            "  {}  {:>4} {:<7} {}\n",
            text(week, "week"),
            reviews,
            is_nobody ? std::string{} : fmt::format("of {}", number(week, "capacity")),
            bar(week, room_of(week), largest, screen)
        );
    }
    return page;
}

} // namespace

std::string forecast_page(const json::array& owners, const Screen& screen) {
    std::string page;
    for (const json::value& owner : owners) {
        page += (page.empty() ? "" : "\n") + forecast_of(owner, called(owner, owners), screen);
    }
    if (page.empty()) {
        return "no review is planned\n";
    }
    return page + "\n█ planned   ▒ expected after those   | room of the week\n";
}

std::string forecast_csv(const json::array& owners) {
    json::array rows;
    for (const json::value& owner : owners) {
        for (const json::value& week : list(owner, "weeks")) {
            json::object row{{"owner", member(owner, "owner")}};
            for (const std::string_view column : week_columns) {
                row[column] = member(week, column);
            }
            row["name"] = member(owner, "name");
            rows.push_back(std::move(row));
        }
    }
    std::vector<std::string_view> columns{"owner"};
    columns.insert(columns.end(), week_columns.begin(), week_columns.end());
    columns.push_back("name");
    return csv_of(columns, rows);
}

namespace {

using LateReviews = std::vector<const json::value*>;

/// Those that leave takes the days of, or those that there is no room for.
LateReviews late_reviews(const json::value& overload, bool is_for_leave) {
    LateReviews some;
    for (const json::value& late : list(overload, "late")) {
        if (is_true(late, "is_for_leave") == is_for_leave) {
            some.push_back(&late);
        }
    }
    return some;
}

std::string late_line(const json::value& late) {
    const std::string other = text(late, "stands_in_name");
    return fmt::format(
        "  {}  {} after its latest day {}: {} ({}){}\n",
        text(late, "due"),
        counted(number(late, "days_late"), "day", "days"),
        text(late, "latest"),
        safe(text(late, "account")),
        safe(text(late, "level")),
        other.empty()
            ? ""
            : fmt::format("; {} stands in until {}", safe(other), text(late, "stands_in_until"))
    );
}

std::string late_lines(const LateReviews& late) {
    std::string lines;
    for (std::size_t i = 0; i < std::min(late.size(), most_late_shown); ++i) {
        lines += late_line(*late[i]);
    }
    if (late.size() > most_late_shown) {
        lines += fmt::format(
            "  and {} more, due {} to {}; `reviewctl --json plan` names all\n",
            late.size() - most_late_shown,
            text(*late[most_late_shown], "due"),
            text(*late.back(), "due")
        );
    }
    return lines;
}

/// Whether more capacity would mend a plan, and which.
std::string cure_words(const json::value& overload) {
    const json::value& cure = member(overload, "cure");
    if (cure.is_object()) {
        return fmt::format(
            "with {} a day and {} a week everything would be in time.",
            number(cure, "per_day"),
            number(cure, "per_week")
        );
    }
    const std::string lacks = text(overload, "cure_lacks");
    if (lacks == "capacity") {
        return "not even 50 a day would be enough: give accounts to others, or review more rarely.";
    }
    if (lacks == "search") {
        return "how much more would help is not known of so many: give accounts to others.";
    }
    return lacks == "days" ? "more would not help: no working day is left in their windows."
                           : "there is room: the plan is about to be made again.";
}

/// What would mend a plan that has too little room.
std::string cure_line(const json::value& overload) {
    const json::value& capacity = member(overload, "capacity");
    return fmt::format(
        "  Capacity now {} a day, {} a week; {}\n",
        number(capacity, "per_day"),
        number(capacity, "per_week"),
        cure_words(overload)
    );
}

/// How full it is; a week can have room where the days of a review's window have none.
std::string fullness_words(double stretch) {
    return stretch > 1 ? fmt::format("stretch {}", stretch_text(stretch))
                       : "their weeks have room, the days of their windows have none";
}

std::string late_heading(std::string_view words, const Screen& screen) {
    return fmt::format("\n{}\n", styled(words, Style::bad, screen.colour));
}

std::string many_reviews(const LateReviews& late) {
    return reviews_words(static_cast<std::int64_t>(late.size()));
}

/// Without a review that is planned too late, it is the overdue ones that leave too few places.
std::string crowded_words(
    const json::value& overload, std::string_view owner, const LateReviews& crowded
) {
    const double stretch = real(overload, "stretch");
    if (crowded.empty()) {
        return fmt::format(
            "{} has too few places for what is overdue and what is to come (stretch {})",
            owner,
            stretch_text(stretch)
        );
    }
    return fmt::format(
        "{} has no room for {} in time ({})", owner, many_reviews(crowded), fullness_words(stretch)
    );
}

} // namespace

std::string overload_page(const json::array& overloads, const Screen& screen) {
    std::string page;
    for (const json::value& overload : overloads) {
        const std::string owner = called(overload, overloads);
        const LateReviews away = late_reviews(overload, true);
        const LateReviews crowded = late_reviews(overload, false);
        if (!away.empty()) {
            page += late_heading(
                fmt::format("{} is on leave on all days left for {}", owner, many_reviews(away)),
                screen
            );
            page += late_lines(away);
        }
        if (!crowded.empty() || away.empty()) {
            page += late_heading(crowded_words(overload, owner, crowded), screen);
            page += late_lines(crowded) + cure_line(overload);
        }
    }
    return page;
}

} // namespace reviewd::ctl
