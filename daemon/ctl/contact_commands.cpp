#include "daemon/control/limits.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/repeatable.hpp"
#include "daemon/ctl/review_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <vector>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct ContactOptions {
    std::string account;
    std::string day;
    std::string note;
    std::vector<std::int64_t> kept;
};

struct PromiseOptions {
    std::int64_t number = 0;
    std::string day;
};

struct MergeOptions {
    std::string from;
    std::string into;
    bool is_confirmed = false;
};

struct AuditOptions {
    std::string account;
    std::string review;
    std::string who;
    std::int64_t limit = 0;
};

void put_text(json::object& arguments, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        arguments[name] = value;
    }
}

int log_contact(const ContactOptions& options, const Invocation& invocation) {
    json::object arguments{{"account", options.account}};
    put_text(arguments, "day", options.day);
    put_text(arguments, "note", options.note);
    if (!options.kept.empty()) {
        arguments["kept"] = json::array(options.kept.begin(), options.kept.end());
    }
    const Result<json::value> answer = ask(invocation, "contact", arguments);
    return invocation.answered(answer, [&] {
        const json::value& review = member(*answer, "review");
        const bool is_in_time = text(review, "due") <= text(review, "latest");
        invocation.terminal.line(fmt::format(
            "noted; review {} of {} is {}{}",
            text(review, "id"),
            safe(text(member(review, "account"), "name")),
            due_words(review),
            is_in_time ? ", at the latest " + text(review, "latest") : ""
        ));
    });
}

int keep_promise(const PromiseOptions& options, const Invocation& invocation) {
    json::object arguments{{"promise", options.number}};
    put_text(arguments, "day", options.day);
    const Result<json::value> answer = ask(invocation, "promise.kept", arguments);
    return invocation.answered(answer, [&] {
        const json::value& promise = member(*answer, "promise");
        const json::value& review = member(*answer, "review");
        invocation.terminal.line(fmt::format(
            "noted; promise {} to {} is kept: {}",
            text(promise, "id"),
            safe(text(member(promise, "account"), "name")),
            safe(text(promise, "text"))
        ));
        invocation.terminal.line(
            fmt::format("review {} is {}", text(review, "id"), due_words(review))
        );
    });
}

/// "Brook (brook, of Ana Lima)"
std::string account_words(const json::value& account) {
    const std::string owner = text(member(account, "owner"), "name");
    return fmt::format(
        "{} ({}, of {})",
        safe(text(account, "name")),
        safe(text(account, "key")),
        owner.empty() ? "nobody" : safe(owner)
    );
}

/// "purchases 3, reviews 2"
std::string moves_words(const json::value& answer) {
    std::string words;
    if (const json::object* const moves = member(answer, "moves").if_object()) {
        for (const json::key_value_pair& each : *moves) {
            std::string what{each.key()};
            std::replace(what.begin(), what.end(), '_', ' ');
            words += fmt::format(
                "{}{} {}",
                words.empty() ? "" : ", ",
                what,
                text(member(answer, "moves"), each.key())
            );
        }
    }
    return words.empty() ? "nothing but its name" : words;
}

void show_merge(const json::value& answer, const Terminal& terminal) {
    const json::value& review = member(answer, "review");
    const std::string owner = text(member(member(answer, "into"), "owner"), "name");
    const bool is_merged = is_true(answer, "is_merged");
    terminal.line(fmt::format(
        "{} {} into {}, which stays",
        is_merged ? "merged" : "would merge",
        account_words(member(answer, "from")),
        account_words(member(answer, "into"))
    ));
    terminal.line(fmt::format(
        "  to the portfolio of {}: {}", owner.empty() ? "nobody" : safe(owner), moves_words(answer)
    ));
    terminal.line(fmt::format(
        "  review {} goes on, due {}; review {} is cancelled",
        text(review, "id"),
        text(review, "due"),
        text(answer, "ends")
    ));
    const json::value& off = member(answer, "called_off");
    if (off.is_object()) {
        terminal.line(fmt::format(
            "the appointment of {} with {} {} off: tell them, or agree on review {}",
            text(off, "appointment_local"),
            safe(text(member(off, "account"), "name")),
            is_merged ? "is" : "would be",
            text(review, "id")
        ));
    }
}

int merge(const MergeOptions& options, const Invocation& invocation) {
    json::object arguments{{"from", options.from}, {"into", options.into}};
    if (options.is_confirmed) {
        arguments["confirmed"] = true;
    }
    const Result<json::value> answer = ask(invocation, "account.merge", arguments);
    const int code = invocation.answered(answer, [&] { show_merge(*answer, invocation.terminal); });
    if (code != 0 || options.is_confirmed) {
        return code;
    }
    return invocation.failed(fail(
        ErrorCode::usage,
        "nothing was merged: only a backup takes a merge back; give --yes if this is what you want"
    ));
}

int show_audit(const AuditOptions& options, const Invocation& invocation) {
    json::object arguments;
    put_text(arguments, "account", options.account);
    put_text(arguments, "review", options.review);
    put_text(arguments, "who", options.who);
    const bool has_filter = !arguments.empty();
    if (options.limit > 0) {
        arguments["limit"] = options.limit;
    }
    const Result<json::value> answer = ask(invocation, "audit", arguments);
    return invocation.answered(answer, [&] {
        const json::array& trail = list(*answer, "trail");
        const Terminal& terminal = invocation.terminal;
        if (trail.empty()) {
            terminal.line(has_filter ? "nothing that fits was done yet" : "nothing was done yet");
            return;
        }
        *terminal.out().stream << trail_table(trail, terminal.out());
        note_if_cut(*answer, "lines", terminal);
    });
}

} // namespace

namespace {

void add_promise_commands(CLI::App& app, Invocation& invocation) {
    const auto options = std::make_shared<PromiseOptions>();
    CLI::App* const family = app.add_subcommand("promise", "what was promised to a customer");
    CLI::App* const kept = family->add_subcommand(
        "kept", "it was done without a talk: the next review stays where it is"
    );
    kept->add_option("NUMBER", options->number, "its number; `due` and `review show` have it")
        ->required();
    kept->add_option("--on", options->day, "the day (YYYY-MM-DD); today when not given")
        ->check(day_problem);
    kept->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return keep_promise(*options, invocation);
        };
    });
    family->require_subcommand(0, 1);
}

} // namespace

void add_contact_commands(CLI::App& app, Invocation& invocation) {
    const auto contact = std::make_shared<ContactOptions>();
    CLI::App* const log = app.add_subcommand(
        "contact", "you spoke with a customer already: the next review counts from then"
    );
    log->add_option(
           "ACCOUNT", contact->account, "key, name, or the beginning of a name or of a word in it"
    )
        ->required();
    log->add_option("--on", contact->day, "the day (YYYY-MM-DD); today when not given")
        ->check(day_problem);
    log->add_option("--note", contact->note, "what is worth remembering");
    repeatable(*log->add_option(
        "--kept",
        contact->kept,
        "number of a promise that was kept with it; `promise kept` notes it alone"
    ));
    log->callback([contact, &invocation] {
        invocation.action = [contact, &invocation] {
            return log_contact(*contact, invocation);
        };
    });
    add_promise_commands(app, invocation);
    const auto merging = std::make_shared<MergeOptions>();
    CLI::App* const account = app.add_subcommand("account", "what concerns one account");
    CLI::App* const join = account->add_subcommand(
        "merge", "one customer under two identities; the review that is due first goes on"
    );
    join->add_option("FROM", merging->from, "the account that becomes an alias")->required();
    join->add_option("INTO", merging->into, "the account that goes on")->required();
    join->add_flag(
        "--yes",
        merging->is_confirmed,
        "merge them: that is final, and only a backup takes it back; without it what would happen "
        "is shown"
    );
    join->callback([merging, &invocation] {
        invocation.action = [merging, &invocation] {
            return merge(*merging, invocation);
        };
    });
    account->require_subcommand(0, 1);
    const auto trail = std::make_shared<AuditOptions>();
    CLI::App* const audit =
        app.add_subcommand("audit", "who did what, when and from where, the newest first");
    audit->add_option("--account", trail->account, "of one account")->check(name_problem);
    audit->add_option("--review", trail->review, "of one review")->check(name_problem);
    audit->add_option("--who", trail->who, "by one user")->check(name_problem);
    audit->add_option("--limit", trail->limit, "at most so many lines, the latest ones")
        ->default_str(fmt::format("{}", control::trail_rows.usual))
        ->check(CLI::Range(std::int64_t{1}, control::trail_rows.largest));
    audit->callback([trail, &invocation] {
        invocation.action = [trail, &invocation] {
            return show_audit(*trail, invocation);
        };
    });
}

} // namespace reviewd::ctl
