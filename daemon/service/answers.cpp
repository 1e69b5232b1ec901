#include "daemon/service/answers.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

namespace reviewd::service {
namespace {

Error wrong_answer(
    const std::string& question, std::string_view expected, const std::string& found
) {
    return fail(
        ErrorCode::usage,
        fmt::format(
            "answer `{}`: expected {}, found `{}`", question, expected, escape_controls(found)
        )
    );
}

std::optional<bool> yes_or_no(const std::string& text) {
    for (const std::string_view yes : {"yes", "true", "1"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"no", "false", "0"}) {
        if (text == no) {
            return false;
        }
    }
    return std::nullopt;
}

std::optional<double> number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    return is_whole && std::isfinite(value) ? std::optional{value} : std::nullopt;
}

/// How the answers to a question are read.
enum class AnswerForm { text, scale, yes_no, number };

std::optional<AnswerForm> form_of(
    const config::Configuration& configuration, const std::string& id
) {
    for (const config::Question& question : configuration.agenda->questions) {
        if (question.id == id) {
            switch (question.kind) {
            case config::Question::Kind::text:
                return AnswerForm::text;
            case config::Question::Kind::scale:
                return AnswerForm::scale;
            case config::Question::Kind::yes_no:
                return AnswerForm::yes_no;
            }
        }
    }
    if (id == config::recommendation_answer) {
        return AnswerForm::text;
    }
    for (const rules::Fact& fact : configuration.rules->facts.facts) {
        const auto* answer = std::get_if<rules::AnswerFact>(&fact.form);
        if (answer != nullptr && answer->question == id) {
            const bool is_text = fact.type == rules::FactType::text;
            const bool is_boolean = fact.type == rules::FactType::boolean;
            return is_text      ? AnswerForm::text
                   : is_boolean ? AnswerForm::yes_no
                                : AnswerForm::number;
        }
    }
    return std::nullopt;
}

Error unknown_question(const config::Configuration& configuration, const std::string& id) {
    std::vector<std::string> known;
    for (const config::Question& question : configuration.agenda->questions) {
        known.push_back(question.id);
    }
    known.emplace_back(config::recommendation_answer);
    const std::string hint = did_you_mean(id, known);
    return fail(
        ErrorCode::usage,
        fmt::format(
            "no question is called `{}`; {}",
            escape_controls(id),
            hint.empty() ? fmt::format("there are {}", fmt::join(known, ", ")) : hint
        )
    );
}

} // namespace

Result<cel::Value> read_answer(
    const config::Configuration& configuration, const std::string& id, const std::string& text
) {
    const std::optional<AnswerForm> form = form_of(configuration, id);
    if (!form) {
        return unknown_question(configuration, id);
    }
    switch (*form) {
    case AnswerForm::text:
        break;
    case AnswerForm::yes_no:
        if (const std::optional<bool> value = yes_or_no(text)) {
            return cel::Value::of(*value);
        }
        return wrong_answer(id, "yes or no", text);
    case AnswerForm::scale: {
        const std::optional<double> value = number(text);
        if (value && *value >= 0 && *value <= 10 && std::floor(*value) == *value) {
            return cel::Value::of(static_cast<std::int64_t>(*value));
        }
        return wrong_answer(id, "a whole number from 0 to 10", text);
    }
    case AnswerForm::number:
        if (const std::optional<double> value = number(text)) {
            return cel::Value::of(*value);
        }
        return wrong_answer(id, "a number", text);
    }
    constexpr std::size_t answer_bytes = 10'000;
    if (find_invalid_utf8(text) || text.size() > answer_bytes) {
        return wrong_answer(id, "at most 10,000 bytes of UTF-8", "something else");
    }
    return cel::Value::of(text);
}

Result<void> check_text(std::string_view what, const std::string& text) {
    constexpr std::size_t text_bytes = 10'000;
    if (find_invalid_utf8(text) || text.size() > text_bytes) {
        return fail(
            ErrorCode::usage, fmt::format("the {} has to be at most 10,000 bytes of UTF-8", what)
        );
    }
    return {};
}

Result<void> check_reason(const std::string& because) {
    if (trim(because).empty()) {
        return fail(ErrorCode::usage, "a reason is needed: say why (`--because \"…\"`)");
    }
    return check_text("reason", because);
}

} // namespace reviewd::service
