#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/daemon_link.hpp"
#include "daemon/ctl/reading.hpp"
#include "daemon/ctl/repeatable.hpp"
#include "daemon/ctl/review_sheet.hpp"
#include "daemon/ctl/review_table.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct ReviewOptions {
    std::string review;
    std::string day;
    std::string time;
    std::string because;
    std::string result;
    std::string note;
    std::string promise;
    std::string promise_due;
    std::vector<std::string> answers;
    std::vector<std::int64_t> kept;
    std::string recommendation;
    std::map<std::string, std::string> usual; ///< answers that have an option of their own
    std::int64_t version = 0;                 ///< 0: not given
    bool is_with_subsidiaries = false;
};

using ReviewOptionsPointer = std::shared_ptr<ReviewOptions>;

void put(json::object& arguments, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        arguments[name] = value;
    }
}

/// `question=answer` of --answer.
Result<json::object> parse_answers(const std::vector<std::string>& texts) {
    json::object answers;
    for (const std::string& each : texts) {
        const std::size_t mark = each.find('=');
        const std::string question{trim(each.substr(0, mark))};
        if (mark == std::string::npos || question.empty()) {
            return fail(
                ErrorCode::usage,
                fmt::format(
                    "--answer takes question=answer, for instance satisfaction=8; found `{}`", each
                )
            );
        }
        if (answers.contains(question)) {
            return fail(ErrorCode::usage, fmt::format("--answer names `{}` twice", question));
        }
        answers[question] = std::string{trim(each.substr(mark + 1))};
    }
    return answers;
}

Result<json::object> arguments_of(const ReviewOptions& options) {
    json::object arguments{{"review", options.review}};
    put(arguments, "because", options.because);
    put(arguments, "result", options.result);
    put(arguments, "note", options.note);
    put(arguments, "recommendation", options.recommendation);
    put(arguments, "promise", options.promise);
    put(arguments, "promise_due", options.promise_due);
    put(arguments, "time", options.time);
    Result<json::object> answers = parse_answers(options.answers);
    if (!answers) {
        return answers.error();
    }
    for (const auto& [question, answer] : options.usual) {
        if (!answer.empty() && answers->contains(question)) {
            return fail(ErrorCode::usage, fmt::format("`{}` is answered twice", question));
        }
        put(*answers, question, answer);
    }
    if (!answers->empty()) {
        arguments["answers"] = *answers;
    }
    if (options.version > 0) {
        arguments["version"] = options.version;
    }
    if (options.is_with_subsidiaries) {
        arguments["with_subsidiaries"] = true;
    }
    if (!options.kept.empty()) {
        arguments["kept"] = json::array(options.kept.begin(), options.kept.end());
    }
    return arguments;
}

int run_review_verb(
    std::string_view verb,
    std::string_view day_argument,
    const ReviewOptions& options,
    const Invocation& invocation
) {
    Result<json::object> arguments = arguments_of(options);
    if (!arguments) {
        return invocation.failed(arguments.error());
    }
    put(*arguments, day_argument, options.day);
    const Result<json::value> answer = ask(invocation, fmt::format("review.{}", verb), *arguments);
    return invocation.answered(answer, [&] {
        if (verb == "show") {
            *invocation.terminal.out().stream << review_sheet(*answer, invocation.terminal.out());
        } else {
            *invocation.terminal.out().stream << change_page(*answer, options.time);
        }
    });
}

/// Adds `review VERB REVIEW`; `day_argument` is what the daemon calls the command's day.
CLI::App* add_review_verb(
    CLI::App& family,
    Invocation& invocation,
    const char* verb,
    const char* summary,
    const char* day_argument,
    const ReviewOptionsPointer& options
) {
    CLI::App* const command = family.add_subcommand(verb, summary);
    command
        ->add_option(
            "REVIEW",
            options->review,
            "its number, or an account with an open review; `review:3` or `account:3` where 3 is both"
        )
        ->required();
    if (verb != std::string_view{"show"}) {
        command
            ->add_option(
                "--if-version",
                options->version,
                "only if the review still has this version, which `--json review show` tells"
            )
            ->check(CLI::Range(1, 1'000'000'000));
    }
    command->callback([verb, day_argument, options, &invocation] {
        invocation.action = [verb, day_argument, options, &invocation] {
            return run_review_verb(verb, day_argument, *options, invocation);
        };
    });
    return command;
}

void add_closing_verbs(CLI::App& family, Invocation& invocation) {
    const auto options = std::make_shared<ReviewOptions>();
    CLI::App* const done =
        add_review_verb(family, invocation, "done", "it was held", "held_on", options);
    done->add_option("--on", options->day, "the day it was held; today when not given")
        ->check(day_problem);
    repeatable(*done->add_option("--answer", options->answers, "question=answer"));
    for (const auto& [question, summary] :
         {std::pair{"satisfaction", "how content they are, from 0 to 10"},
          std::pair{"effort", "how easy help was to get, from 0 to 10"},
          std::pair{"needs", "what else it should do for them"},
          std::pair{"competitors", "whom else they considered, and what they thought"},
          std::pair{"value", "what they like best: a value point"}}) {
        done->add_option(
            fmt::format("--{}", question), options->usual[question], std::string{summary}
        );
    }
    done->add_option("--recommendation", options->recommendation, "what was recommended to them");
    done->add_option("--note", options->note, "what is worth remembering");
    done->add_option("--promise", options->promise, "what was promised; opens the next agenda");
    done->add_option("--promise-due", options->promise_due, "until when it was promised")
        ->check(day_problem);
    repeatable(
        *done->add_option("--kept", options->kept, "number of an earlier promise that is kept now")
    );
    done->add_flag(
        "--with-subsidiaries",
        options->is_with_subsidiaries,
        "the open reviews of the account's subsidiaries were held with it"
    );
    for (const auto& [verb, summary] :
         {std::pair{"missed", "it was not held and will not be"},
          std::pair{"skip", "leave it out on purpose; the reason is needed"}}) {
        const auto closing = std::make_shared<ReviewOptions>();
        CLI::App* const command = add_review_verb(family, invocation, verb, summary, "", closing);
        auto* const because = command->add_option("--because", closing->because, "why");
        because->required(verb == std::string_view{"skip"});
    }
}

constexpr const char* beyond_help = "needed for a day beyond the hard maximum of its level";

void add_planning_verbs(CLI::App& family, Invocation& invocation) {
    const auto appointing = std::make_shared<ReviewOptions>();
    CLI::App* const appoint =
        add_review_verb(family, invocation, "appoint", "a day was agreed", "day", appointing);
    appoint->add_option("DAY", appointing->day, "YYYY-MM-DD")->required()->check(day_problem);
    appoint->add_option("--time", appointing->time, "HH:MM in the owner's zone");
    appoint->add_option("--because", appointing->because, beyond_help);

    const auto snoozing = std::make_shared<ReviewOptions>();
    CLI::App* const snooze = add_review_verb(
        family,
        invocation,
        "snooze",
        "no reminder before a day; the due day stays",
        "until",
        snoozing
    );
    snooze->add_option("UNTIL", snoozing->day, "YYYY-MM-DD")->required()->check(day_problem);

    const auto moving = std::make_shared<ReviewOptions>();
    CLI::App* const reschedule =
        add_review_verb(family, invocation, "reschedule", "another due day", "day", moving);
    reschedule->add_option("DAY", moving->day, "YYYY-MM-DD")->required()->check(day_problem);
    reschedule->add_option("--because", moving->because, beyond_help);
}

} // namespace

void add_review_commands(CLI::App& app, Invocation& invocation) {
    CLI::App* const family =
        app.add_subcommand("review", "show a review and say what became of it");
    add_review_verb(
        *family, invocation, "show", "all that a call needs", "", std::make_shared<ReviewOptions>()
    );
    add_review_verb(
        *family,
        invocation,
        "invite",
        "the customer was invited",
        "",
        std::make_shared<ReviewOptions>()
    );
    add_planning_verbs(*family, invocation);
    const auto trying = std::make_shared<ReviewOptions>();
    CLI::App* const attempt =
        add_review_verb(*family, invocation, "attempt", "a call that failed", "", trying);
    attempt->add_option("RESULT", trying->result, "no-answer, hesitated or declined")->required();
    attempt->add_option("--note", trying->note, "what is worth remembering");
    add_closing_verbs(*family, invocation);
    add_review_verb(
        *family,
        invocation,
        "reopen",
        "undo done, missed or skip, with the answers and the promise that were reported",
        "",
        std::make_shared<ReviewOptions>()
    );
    add_reassign_command(*family, invocation);
    family->require_subcommand(0, 1);
}

} // namespace reviewd::ctl
