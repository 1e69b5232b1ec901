#include "daemon/app/once_summary.hpp"

#include "daemon/store/sources.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace reviewd::app {

namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
    return value.is_string() ? escape_controls(std::string{value.get_string()}) : std::string{};
}

std::string source_line(const json::value& source) {
    const std::string error = text_of(source.at("last_error"));
    const std::int64_t rows = source.at("rows").as_int64();
    const std::int64_t bad = source.at("bad_rows").as_int64();
    std::string line = fmt::format(
        "{:<14} {:>7} {}  {}",
        text_of(source.at("name")),
        rows,
        rows == 1 ? "row " : "rows",
        text_of(source.at("file"))
    );
    if (bad > 0) {
        line += fmt::format("  ({} left out)", counted(bad, "bad row", "bad rows"));
    }
    if (!error.empty()) {
        const bool is_failed = store::source_state(error) == store::SourceState::failed;
        line += fmt::format("  {}{}", is_failed ? "failed: " : "", error);
    }
    return line;
}

std::string levels_line(const json::value& status) {
    std::string levels;
    for (const json::value& level : status.at("levels").as_array()) {
        levels += fmt::format(
            "{}{} {}",
            levels.empty() ? "" : ", ",
            level.at("accounts").as_int64(),
            text_of(level.at("level"))
        );
    }
    return levels;
}

std::string held_line(const json::value& status) {
    std::string text;
    for (const json::value& held : status.at("imports_held").as_array()) {
        text += fmt::format(
            "  held           the file of {0} lacks many rows that were there; look at it and confirm "
            "it with `reviewctl import --confirm {0}`\n",
            text_of(held.at("source"))
        );
    }
    if (const json::object* const levels = status.at("levels_held").if_object()) {
        text += fmt::format(
            "  held           {} of {} accounts would change their level; `reviewctl reload "
            "--confirm` lets them\n",
            levels->at("moving").as_int64(),
            levels->at("accounts").as_int64()
        );
    }
    return text;
}

std::string channel_line(const OnceSummary::Channel& channel) {
    std::string line = fmt::format(
        "  {:<14} {} delivered{}",
        escape_controls(channel.name),
        channel.accepted,
        channel.where.empty() ? "" : " to " + escape_controls(channel.where)
    );
    if (channel.not_accepted > 0) {
        line += fmt::format(", {} failed", counted(channel.not_accepted, "attempt", "attempts"));
    }
    return line + '\n';
}

} // namespace

std::string render(const OnceSummary& summary, Colour colour) {
    const auto heading = [&](std::string_view text) {
        return colour == Colour::on ? fmt::format("\x1b[1m{}\x1b[0m\n", text)
                                    : fmt::format("{}\n", text);
    };
    const json::value& status = summary.status;
    const json::value& accounts = status.at("accounts");
    const json::value& reviews = status.at("reviews");
    std::string out = heading("Sources");
    for (const json::value& source : status.at("sources").as_array()) {
        out += "  " + source_line(source) + '\n';
    }
    out += heading("Portfolio");
    out += fmt::format("  {:<14} {}\n", "accounts", accounts.at("active").as_int64());
    out += fmt::format("  {:<14} {}\n", "levels", levels_line(status));
    out += fmt::format(
        "  {:<14} {} open, {} due today, {} overdue\n",
        "reviews",
        reviews.at("open").as_int64(),
        reviews.at("due_today").as_int64(),
        reviews.at("overdue").as_int64()
    );
    out += held_line(status);
    out += heading("Reminders");
    for (const OnceSummary::Channel& channel : summary.channels) {
        out += channel_line(channel);
    }
    if (summary.waiting > 0) {
        out += fmt::format("  {:<14} {} to be tried again later\n", "waiting", summary.waiting);
    }
    return out;
}

} // namespace reviewd::app
