#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/message/templates.hpp"
#include "daemon/message/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::message {

/// One question of the form.
struct AnswerField {
    std::string id;
    std::string text;
    enum class Kind { text, scale, yes_no } kind = Kind::text;
    bool would_change_level = false;
    std::string value; ///< as it was entered before, after a mistake
};

/// What was promised to the account and is not kept yet.
struct OpenPromise {
    std::int64_t id = 0;
    std::string text;
    Date made_on{};
    std::optional<Date> due;
    bool is_kept = false; ///< as it was entered before, after a mistake
};

/// The page behind a link: a form, or what there is to say instead. Texts may be hostile.
struct AnswerPage {
    enum class Kind {
        form,
        recorded, ///< an action was done just now
        closed,   ///< the review is closed already
        not_yours,
        expired,
        unknown, ///< no link of ours
        busy,    ///< nothing could be recorded; `problem` may say why
    } kind = Kind::unknown;
    Habits habits;
    Date today{};
    Date owners_today{}; ///< where the review's owner is, who may be a day ahead of the reader
    std::string company;
    std::optional<Item> item; ///< the review; none where the holder may not know
    // The form:
    int version = 0; ///< of the review, as the form shows it
    std::vector<AnswerField> fields;
    std::vector<OpenPromise> promises; ///< latest first
    std::string open;                  ///< action that was tried: its part of the page is unfolded
    std::string note, promise, because, chosen_day; ///< as entered for it
    std::string problem;                            ///< what is wrong with what was entered
    std::string free_review;                        ///< what to offer when they hesitate
    std::vector<Date> snoozes;                      ///< days to choose from
    bool is_owners = false;                         ///< the reader is the review's owner
    std::string manager;               ///< who is told of "not mine"; empty: there is nobody
    bool needs_reason = false;         ///< every other day does: the latest one is over
    std::string changed_what;          ///< "attempt on 20 Nov": the last thing that happened
    bool was_changed_since = false;    ///< between the form and its sending
    bool is_older_than_review = false; ///< something happened since the message
    // What was recorded, or what comes next:
    std::string action; ///< "done", "attempt", "snooze", "reschedule", "not-mine"
    std::optional<Date> next_day;
};

/// "no answer on 20 Nov": what a line of a review's history says, in the reader's words.
/// @param what as the history has it: "done", "attempt", "snoozed" …
[[nodiscard]] std::string event_text(
    const std::string& what, Date day, Date today, const Habits& habits
);

/// What its template may name.
[[nodiscard]] Value view_of(const AnswerPage& page);

/// The page as a whole HTML document without script; its only style element has exactly the text of
/// the template `answer_style`.
/// @param problems gets what is wrong with the template; then a plain page is made in code
[[nodiscard]] std::string render_page(
    const AnswerPage& page, const Templates& templates, std::vector<std::string>& problems
);

} // namespace reviewd::message
