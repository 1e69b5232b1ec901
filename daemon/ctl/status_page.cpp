#include "daemon/ctl/status_page.hpp"

#include "daemon/ctl/idle_overrides.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/unknown_words.hpp"
#include "daemon/store/sources.hpp"
#include "scoring/base/counted.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
using store::SourceState;

std::string heading(std::string_view word, const Screen& screen) {
    return styled(word, Style::strong, screen.colour) + '\n';
}

std::string daemon_lines(const json::value& status) {
    const json::value& daemon = member(status, "daemon");
    if (!daemon.is_object()) {
        return {};
    }
    return fmt::format(
        "reviewd {}, process {}, running since {} UTC\n"
        "configuration {} of {} UTC, rules {}\n",
        safe(text(daemon, "version")),
        text(daemon, "process"),
        moment(daemon, "started"),
        safe(text(daemon, "config_file")),
        moment(daemon, "config_loaded"),
        text(status, "rules_version").empty() ? "not scored yet" : text(status, "rules_version")
    );
}

std::string portfolio_lines(const json::value& status) {
    const json::value& accounts = member(status, "accounts");
    const json::value& reviews = member(status, "reviews");
    std::string levels;
    for (const json::value& level : list(status, "levels")) {
        levels += fmt::format(
            "{}{} {}",
            levels.empty() ? "" : ", ",
            number(level, "accounts"),
            safe(text(level, "level"))
        );
    }
    return fmt::format(
        "accounts   {} active{}{}\n"
        "reviews    {} open, {} due today, {} overdue\n",
        number(accounts, "active"),
        levels.empty() ? "" : ": ",
        levels,
        number(reviews, "open"),
        number(reviews, "due_today"),
        number(reviews, "overdue")
    );
}

/// A cell that says how the source is, with the error if there is one.
Cell state_of(const json::value& source) {
    const std::string error = text(source, "last_error");
    switch (store::source_state(error)) {
    case SourceState::held:
    case SourceState::dropped:
        return Cell{error, Style::warning};
    case SourceState::failed:
        return Cell{"failed: " + error, Style::bad};
    case SourceState::good:
        break;
    }
    if (is_true(source, "is_stale")) {
        return Cell{"stale", Style::warning};
    }
    return text(source, "last_success").empty() ? Cell{"never read", Style::warning}
                                                : Cell{"fresh", Style::good};
}

std::string source_table(const json::value& status, const Screen& screen) {
    Table table{
        {{.title = "SOURCE"},
         {.title = "ROWS", .align = Table::Align::right},
         {.title = "BAD", .align = Table::Align::right},
         {.title = "LAST SUCCESS (UTC)"},
         {.title = "NEXT (UTC)"},
         {.title = "STATE", .cut = Table::Column::Cut::if_needed}}};
    for (const json::value& source : list(status, "sources")) {
        const std::int64_t bad = number(source, "bad_rows");
        table.add(
            {Cell{text(source, "name"), Style::strong},
             text(source, "rows"),
             Cell{bad == 0 ? "" : std::to_string(bad), Style::warning},
             moment(source, "last_success"),
             moment(source, "next"),
             state_of(source)}
        );
    }
    return table.is_empty() ? "no sources\n" : table.render(screen);
}

std::string delivery_table(const json::value& status, const Screen& screen) {
    Table table{
        {{.title = "CHANNEL"},
         {.title = "STATE"},
         {.title = "DELIVERIES", .align = Table::Align::right}}};
    for (const json::value& count : list(status, "deliveries")) {
        table.add(
            {Cell{text(count, "channel"), Style::strong},
             text(count, "state"),
             text(count, "deliveries")}
        );
    }
    return table.is_empty() ? "no deliveries yet\n" : table.render(screen);
}

/// Never 0 % or 100 % of what is neither.
std::string share_text(double share) {
    const double percent = 100.0 * share;
    const bool is_at_an_end = share > 0 && share < 1 && (percent < 1 || percent > 99);
    if (!is_at_an_end) {
        return fmt::format("{:.0f} %", percent);
    }
    constexpr double smallest = 0.1;
    return percent < smallest           ? "< 0.1 %"
           : percent > 100.0 - smallest ? "> 99.9 %"
                                        : fmt::format("{:.1f} %", percent);
}

/// @param part "facts" or "rules"
std::string share_table(
    const json::value& known,
    const char* part,
    Table::Column first,
    KnownFacts which,
    const Screen& screen
) {
    const auto accounts = static_cast<double>(number(known, "accounts"));
    Table table{
        {std::move(first),
         {.title = "ACCOUNTS", .align = Table::Align::right},
         {.title = "SHARE", .align = Table::Align::right}}};
    for (const json::value& each : list(known, part)) {
        const std::int64_t count = number(each, "known");
        const double share = static_cast<double>(count) / accounts;
        if (which == KnownFacts::incomplete && share == 1) {
            continue;
        }
        table.add(
            {Cell{text(each, "name"), Style::strong},
             std::to_string(count),
             Cell{
                 share_text(share),
                 count == 0  ? Style::bad
                 : share < 1 ? Style::warning
                             : Style::plain}}
        );
    }
    return table.is_empty() ? std::string{} : '\n' + table.render(screen);
}

/// For how many accounts each fact is known, and each rule can be judged.
std::string known_tables(const json::value& status, KnownFacts which, const Screen& screen) {
    const json::value& known = member(status, "known");
    if (number(known, "accounts") == 0) {
        return {};
    }
    std::string page = share_table(known, "facts", {.title = "FACT KNOWN"}, which, screen);
    page += share_table(known, "rules", {.title = "RULE JUDGED"}, which, screen);
    if (!page.empty() && which == KnownFacts::incomplete) {
        page += "all others for every account; `reviewctl status --facts` lists them too\n";
    }
    return page;
}

std::vector<std::string> held(const json::value& status) {
    std::vector<std::string> lines;
    for (const json::value& import : list(status, "imports_held")) {
        lines.push_back(fmt::format(
            "the import of {0} is held: {1} of its rows vanished; `reviewctl import --confirm {0}` "
            "lets it in, `--drop` gives it up",
            text(import, "source"),
            number(member(import, "counts"), "vanished")
        ));
    }
    if (const json::value& levels = member(status, "levels_held"); levels.is_object()) {
        lines.push_back(fmt::format(
            "{} of {} accounts would change their level; `reviewctl {} --confirm` lets them",
            number(levels, "moving"),
            number(levels, "accounts"),
            member(status, "daemon").is_object() ? "reload" : "import" // both do, with a daemon
        ));
    }
    return lines;
}

/// Rules that wait for a decision, and files that say something else than the rules in force.
void add_rules(const json::value& status, std::vector<std::string>& lines) {
    const json::value& rules = member(status, "rules");
    const json::value& waiting = member(rules, "waiting");
    if (text(waiting, "state") == "held") {
        lines.push_back(fmt::format(
            "rules {} of {} are held: {} of {} accounts would change their level; `reviewctl rules "
            "diff current held` shows what differs, `reviewctl rules confirm` lets it happen, "
            "`reviewctl rules drop` gives it up",
            text(waiting, "version"),
            text(waiting, "who"),
            number(waiting, "moving"),
            number(waiting, "accounts")
        ));
        return;
    }
    for (const json::value& file : list(rules, "drift")) {
        const std::string kind = text(file, "kind");
        lines.push_back(fmt::format(
            "{}/{} {}; {}",
            text(rules, "directory"),
            text(file, "file"),
            kind == "differs"   ? "differs from the rules in force"
            : kind == "missing" ? "is missing, and part of the rules in force"
                                : "is not part of the rules in force",
            !text(rules, "dropped").empty() ? fmt::format(
                "{} of the files was dropped, and is passed over until they change",
                text(rules, "dropped")
            )
            : text(rules, "authority") == "files"
                ? "`reviewctl reload` reads the files again"
                : "`reviewctl rules publish` puts a draft in force, `reviewctl rules export` writes "
                  "back what is"
        ));
    }
}

std::vector<std::string> about_deliveries(const json::value& status) {
    std::vector<std::string> lines;
    for (const json::value& count : list(status, "deliveries")) {
        const std::string state = text(count, "state");
        const std::int64_t waiting = number(count, "deliveries");
        if (state == "wait") {
            lines.push_back(fmt::format(
                "{} on {} for another try; `reviewctl outbox list --state wait` says why",
                waiting == 1 ? "a delivery waits" : fmt::format("{} deliveries wait", waiting),
                text(count, "channel")
            ));
        }
        if (state == "failed" || state == "expired" || state == "uncertain") {
            lines.push_back(fmt::format(
                "{0} on {1} {2} {3}; `reviewctl outbox list --state {3}` shows {4}",
                counted(waiting, "delivery", "deliveries"),
                text(count, "channel"),
                waiting == 1 ? "is" : "are",
                state,
                waiting == 1 ? "it" : "them"
            ));
        }
    }
    return lines;
}

/// What to do about the source; empty: nothing.
std::string about_source(const json::value& source) {
    const std::string name = text(source, "name");
    const std::string last = moment(source, "last_success");
    switch (store::source_state(text(source, "last_error"))) {
    case SourceState::held:
        return {}; // the decision is a line of its own
    case SourceState::failed:
        return fmt::format(
            "the source {0} cannot be read; mend it, then `reviewctl import {0}`", name
        );
    case SourceState::dropped:
        return fmt::format(
            "the file of {} was dropped, and what was there before it stays; see that a better one "
            "comes in its place",
            name
        );
    case SourceState::good:
        break;
    }
    if (last.empty()) {
        return fmt::format(
            "the source {0} was never read; `reviewctl import {0}` reads it now", name
        );
    }
    return is_true(source, "is_stale") ? fmt::format(
               "the source {0} is stale, it was last read at {1} UTC; look at whoever writes "
               "its file, then `reviewctl import {0}`",
               name,
               last
           )
                                       : std::string{};
}

std::vector<std::string> about_sources(const json::value& status) {
    std::vector<std::string> lines;
    for (const json::value& source : list(status, "sources")) {
        if (std::string line = about_source(source); !line.empty()) {
            lines.push_back(std::move(line));
        }
        if (const std::int64_t bad = number(source, "bad_rows"); bad > 0) {
            lines.push_back(fmt::format(
                "{0} of {1} {2} left out; `reviewctl import --dry-run {1}` says which and why",
                bad == 1 ? "a row" : fmt::format("{} rows", bad),
                text(source, "name"),
                bad == 1 ? "was" : "were"
            ));
        }
        const std::vector<std::string> unknown = unknown_lines(source, text(source, "name"));
        lines.insert(lines.end(), unknown.begin(), unknown.end());
    }
    return lines;
}

std::string about_paused(const json::value& paused) {
    const std::string channel = text(paused, "channel");
    if (is_true(paused, "limit")) {
        return fmt::format(
            "channel {} {}; if that is too few, raise its `per_day:`, then `reviewctl reload`",
            channel,
            limit_words(paused)
        );
    }
    return fmt::format(
        "channel {0} is paused: {1}; mend it, try `reviewctl notifier test {0}`, then `reviewctl "
        "notifier resume {0}`",
        channel,
        text(paused, "reason")
    );
}

std::vector<std::string> about_reviews(const json::value& status) {
    std::vector<std::string> lines;
    const auto say = [&lines](std::int64_t count, std::string_view one, std::string_view many) {
        if (count > 0) {
            lines.push_back(count == 1 ? std::string{one} : fmt::format("{} {}", count, many));
        }
    };
    const json::value& accounts = member(status, "accounts");
    say(number(member(status, "reviews"), "overdue"),
        "a review is overdue; `reviewctl due` shows it",
        "reviews are overdue; `reviewctl due` shows them");
    say(number(accounts, "without_owner"),
        "an account belongs to nobody; `reviewctl plan --owner none` shows it, `reviewctl review "
        "reassign --from none --to PERSON` hands it over",
        "accounts belong to nobody; `reviewctl plan --owner none` lists them, `reviewctl review "
        "reassign --from none --to PERSON` hands them over");
    say(number(accounts, "without_review"),
        "an active account has no review planned",
        "active accounts have no review planned");
    say(number(accounts, "not_judged"),
        "an account cannot be judged by any rule and has the lowest level (`?` in lists); `reviewctl "
        "status --facts` shows what is missing",
        "accounts cannot be judged by any rule and have the lowest level (`?` in lists); `reviewctl "
        "status --facts` shows what is missing");
    const json::array& late = list(status, "late");
    if (!late.empty()) {
        const json::value& first = late.front();
        lines.push_back(fmt::format(
            "{} no room before {} latest day; the first is {} on {}",
            late.size() == 1 ? "a review has" : fmt::format("{} reviews have", late.size()),
            late.size() == 1 ? "its" : "their",
            text(first, "account"),
            text(first, "due")
        ));
    }
    return lines;
}

/// What keeps the daemon from writing.
void add_storage(const json::value& daemon, std::vector<std::string>& lines) {
    constexpr std::int64_t least_room = 16 * 1024 * 1024;
    const json::value& room = member(daemon, "room_bytes");
    const bool is_narrow = room.is_int64() && room.get_int64() < least_room;
    if (is_narrow) {
        lines.push_back(fmt::format(
            "the disk of {} has {} KiB of room: make some, or nothing can be recorded",
            text(daemon, "state_directory"),
            room.get_int64() / 1024
        ));
    }
    if (const std::string problem = text(daemon, "problem"); !problem.empty()) {
        lines.push_back(
            fmt::format("the work of now cannot be done, and is tried again: {}", problem)
        );
    }
}

std::vector<std::string> wanting(const json::value& status) {
    std::vector<std::string> lines = held(status);
    add_rules(status, lines);
    const json::value& waiting = member(member(status, "rules"), "waiting");
    for (std::string idle : {idle_overrides_in_force(status), idle_overrides_of_waiting(waiting)}) {
        if (!idle.empty()) {
            lines.push_back(std::move(idle));
        }
    }
    const json::value& daemon = member(status, "daemon");
    if (!text(daemon, "clock_suspect").empty()) {
        lines.push_back(fmt::format(
            "nothing is planned or sent: {}; set the clock right, or say `reviewctl resume "
            "--clock`",
            text(daemon, "clock_suspect")
        ));
    }
    if (!text(status, "restored").empty()) {
        lines.push_back(fmt::format(
            "nothing is sent since a backup was restored at {}; look at `reviewctl outbox list`, "
            "then `reviewctl resume`, or `reviewctl resume --drop` to give up what was due",
            text(status, "restored")
        ));
    }
    add_storage(daemon, lines);
    if (!text(status, "drill_problem").empty()) {
        lines.push_back(fmt::format(
            "the newest backup would not serve: {}; make another one, then `systemctl start "
            "reviewd-drill`",
            text(status, "drill_problem")
        ));
    }
    if (const ReloadTrouble reload = reload_trouble(daemon); !reload.found.empty()) {
        lines.push_back(fmt::format("{}; {}", reload.found, reload.remedy));
    }
    for (const json::value& each : list(status, "paused")) {
        lines.push_back(about_paused(each));
    }
    for (const auto& about :
         {about_deliveries(status), about_sources(status), about_reviews(status)}) {
        lines.insert(lines.end(), about.begin(), about.end());
    }
    for (const char* const lost :
         {"lost_zones",
          "lost_regions",
          "lost_languages",
          "lost_links",
          "lost_parents",
          "lost_channels"}) {
        for (const json::value& each : list(status, lost)) {
            lines.emplace_back(each.is_string() ? each.get_string().c_str() : "");
        }
    }
    return lines;
}

} // namespace

std::string status_page(const json::value& status, const Screen& screen, KnownFacts which) {
    std::string page = daemon_lines(status) + portfolio_lines(status);
    page += '\n' + source_table(status, screen);
    page += '\n' + delivery_table(status, screen);
    page += known_tables(status, which, screen);
    const std::vector<std::string> lines = wanting(status);
    page += '\n';
    if (lines.empty()) {
        return page + styled("all is well", Style::good, screen.colour) + '\n';
    }
    page += heading("To do", screen);
    for (const std::string& line : lines) {
        page += "- " + safe(line) + '\n';
    }
    return page;
}

} // namespace reviewd::ctl
