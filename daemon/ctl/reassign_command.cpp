// `review reassign`: another owner, with a sheet for each account that the new one gets.
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/private_file.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/review_sheet.hpp"
#include "daemon/ctl/review_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct ReassignOptions {
    std::string review;
    std::string from;
    std::string to;
    std::string because;
    std::string sheets; ///< folder
};

/// Writes the sheet of each review into the folder: customers' data, for the caller's eyes only.
/// @returns how many
Result<std::size_t> write_sheets(
    const json::array& reviews, const std::string& folder, const Invocation& invocation
) {
    std::size_t written = 0;
    for (const json::value& review : reviews) {
        const Result<json::value> whole =
            ask(invocation, "review.show", json::object{{"review", review_named(review)}});
        if (!whole) {
            return whole.error();
        }
        const std::filesystem::path file =
            std::filesystem::path{folder} / fmt::format("review-{}.txt", text(review, "id"));
        const Result<void> made = write_private_file(file, review_sheet(*whole, Screen{}));
        if (!made) {
            Error error = made.error();
            error.message += "; the accounts are handed over, `reviewctl review show review:ID` is "
                             "the sheet of each";
            return error;
        }
        ++written;
    }
    return written;
}

int reassign(const ReassignOptions& options, const Invocation& invocation) {
    json::object arguments{{"to", options.to}};
    const auto put = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            arguments[name] = value;
        }
    };
    put("review", options.review);
    put("from", options.from);
    put("because", options.because);
    if (!options.sheets.empty()) {
        if (const Result<void> made = make_private_folder(options.sheets); !made) {
            Error error = made.error();
            error.message += "; name another folder for the sheets: nothing was handed over";
            return invocation.failed(error);
        }
    }
    const Result<json::value> answer = ask(invocation, "review.reassign", arguments);
    if (!answer) {
        return invocation.failed(answer.error());
    }
    const json::array& reviews = list(*answer, "reviews");
    if (!options.sheets.empty()) {
        const Result<std::size_t> written = write_sheets(reviews, options.sheets, invocation);
        if (!written) {
            return invocation.failed(written.error());
        }
    }
    if (invocation.options.is_json) {
        invocation.show_json(*answer);
        return 0;
    }
    const Terminal& terminal = invocation.terminal;
    if (reviews.empty()) {
        terminal.line("no open review has moved");
        return 0;
    }
    *terminal.out().stream << review_table(reviews, terminal.out());
    if (const std::string how = handover_line(reviews.front()); !how.empty()) {
        terminal.line("Handed over " + safe(how));
    }
    terminal.line(
        options.sheets.empty()
            ? fmt::format(
                "{} handed over; `review show review:ID` is the sheet of each", reviews.size()
            )
            : fmt::format(
                "{} handed over; a sheet of each is in {}", reviews.size(), safe(options.sheets)
            )
    );
    return 0;
}

} // namespace

void add_reassign_command(CLI::App& family, Invocation& invocation) {
    const auto options = std::make_shared<ReassignOptions>();
    CLI::App* const command = family.add_subcommand(
        "reassign", "another owner, for one account or for all of an owner who leaves"
    );
    command->add_option(
        "REVIEW",
        options->review,
        "its number, or an account with an open review; `review:3` or `account:3` where 3 is both"
    );
    command->add_option(
        "--from",
        options->from,
        "all accounts of this person: key or name, also of somebody who is gone; none: of nobody"
    );
    command->add_option("--to", options->to, "the new owner: key or name")->required();
    command->add_option("--because", options->because, "why");
    command->add_option("--sheets", options->sheets, "writes a sheet per account into this folder");
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return reassign(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
