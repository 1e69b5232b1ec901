#include "config/loader/agenda_reader.hpp"

#include "config/loader/expression_reader.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::array<std::string_view, 3> kind_names{"text", "scale", "yes_no"};

/// A misspelt level would silently never fit.
void check_levels(
    const Node& node,
    const std::vector<std::string>& names,
    const std::vector<std::string>& known,
    Report& report
) {
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            report.error(
                node,
                fmt::format("no level is called `{}`", cut_to_width(name, 60)),
                did_you_mean(name, known)
            );
        }
    }
}

QuestionVariant read_variant(
    const Node& node, const std::vector<std::string>& levels, Report& report
) {
    QuestionVariant variant;
    MapReader reader{node, report};
    const auto names = [&](const Node& value) {
        return read_texts(value, report);
    };
    if (const Node* level = reader.find("level")) {
        variant.levels = names(*level);
        check_levels(*level, variant.levels, levels, report);
    }
    if (const Node* product = reader.find("product")) {
        variant.products = names(*product);
    }
    variant.segments = reader.read("segment", names);
    if (variant.levels.empty() && variant.segments.empty() && variant.products.empty()
        && node.is_map()) {
        report.error(
            node, "the variant would always be asked", "give `level:`, `segment:` or `product:`"
        );
    }
    if (const Node* text = reader.require("text")) {
        variant.text = read_language_texts(*text, report);
    }
    return variant;
}

void read_variants(
    const Node& node, const std::vector<std::string>& levels, Question& question, Report& report
) {
    if (!node.is_sequence()) {
        report.error(
            node,
            fmt::format("expected a list of variants, found {}", described(node)),
            "begin each with `- `"
        );
        return;
    }
    for (const Node& element : node.elements()) {
        question.variants.push_back(read_variant(element, levels, report));
    }
}

Question read_question(
    const Node& node,
    const cel::Environment& environment,
    const std::vector<std::string>& levels,
    Report& report
) {
    Question question;
    MapReader reader{node, report};
    if (const Node* id = reader.require("id")) {
        question.id = read_name(*id, report).value_or("");
    }
    question.topic =
        reader.read(
                  "topic", [&](const Node& topic) { return read_name(topic, report); }
        ).value_or(question.id);
    if (const Node* kind = reader.find("kind")) {
        const auto index = read_word(*kind, report, kind_names);
        question.kind = static_cast<Question::Kind>(index.value_or(0));
    }
    if (const Node* text = reader.require("text")) {
        question.text = read_language_texts(*text, report);
    }
    if (const Node* variants = reader.find("variants")) {
        read_variants(*variants, levels, question, report);
    }
    question.when = reader.read("when", [&](const Node& when) {
        return read_expression(when, environment, Wanted::condition, report);
    });
    return question;
}

/// What the sheet fills into a draft; `.` is the value of the section that it stands in.
const std::vector<std::string> draft_names{
    "contact", "owner", "company", "invitation", "free_review", "."};

/// A mail to a customer with a hole in it would only be seen when it is sent.
rules::Texts read_draft(const Node& node, Report& report) {
    for_each_tag(node, [&](const Node& scalar, const TemplateTag& tag) {
        if (std::find(draft_names.begin(), draft_names.end(), tag.name) == draft_names.end()) {
            report.error_in_text(
                scalar,
                tag.offset,
                fmt::format("`{}` is nothing that a draft has", cut_to_width(tag.name, 60)),
                did_you_mean(tag.name, draft_names)
            );
        }
    });
    return read_templates(node, report);
}

/// What is said as it stands: a customer would read the braces.
rules::Texts read_plain(const Node& node, Report& report) {
    for_each_tag(node, [&](const Node& scalar, const TemplateTag& tag) {
        report.error_in_text(
            scalar,
            tag.offset,
            fmt::format(
                "nothing is filled in here, and `{}` would be read as it stands",
                cut_to_width(tag.name, 60)
            ),
            "only `draft` and `draft_subject` have names to fill in"
        );
    });
    return read_language_texts(node, report);
}

bool fits(Question::Kind kind, rules::FactType type) {
    switch (kind) {
    case Question::Kind::text:
        return type == rules::FactType::text;
    case Question::Kind::yes_no:
        return type == rules::FactType::boolean;
    case Question::Kind::scale:
        break;
    }
    return type == rules::FactType::number || type == rules::FactType::integer;
}

} // namespace

Agenda read_agenda(
    const Node& root,
    const cel::Environment& environment,
    const std::vector<std::string>& levels,
    Report& report
) {
    Agenda agenda;
    MapReader reader{root, report};
    const Node* questions = reader.require("questions");
    if (questions != nullptr && !questions->is_sequence()) {
        report.error(
            *questions,
            fmt::format("expected a list of questions, found {}", described(*questions)),
            "begin each with `- `"
        );
    } else if (questions != nullptr) {
        std::map<std::string, Node> ids;
        for (const Node& node : questions->elements()) {
            Question question = read_question(node, environment, levels, report);
            if (question.id.empty()) {
                continue;
            }
            const auto [first, is_new] = ids.emplace(question.id, *node.find("id"));
            if (is_new) {
                agenda.questions.push_back(std::move(question));
            } else {
                report.error(
                    *node.find("id"),
                    fmt::format("the question `{}` is given a second time", question.id),
                    first_given(first->second)
                );
            }
        }
    }
    const auto texts = [&](const Node& node) {
        return read_plain(node, report);
    };
    if (const Node* invitation = reader.require("invitation")) {
        agenda.invitation = texts(*invitation);
    }
    agenda.free_review = reader.read("free_review", texts);
    const auto templates = [&](const Node& node) {
        return read_draft(node, report);
    };
    agenda.draft = reader.read("draft", templates);
    agenda.draft_subject = reader.read("draft_subject", templates);
    if (!agenda.draft.empty() && agenda.draft_subject.empty()) {
        report.warning(
            *root.find("draft"), "the draft has no subject", "give it one: `draft_subject:`"
        );
    }
    return agenda;
}

void check_answers(const std::vector<AnswerUse>& answers, const Agenda& agenda, Report& report) {
    std::vector<std::string> ids;
    for (const Question& question : agenda.questions) {
        ids.push_back(question.id);
    }
    for (const AnswerUse& use : answers) {
        if (use.question == recommendation_answer && use.type == rules::FactType::text) {
            continue;
        }
        const auto found = std::find(ids.begin(), ids.end(), use.question);
        if (found == ids.end()) {
            report.error(
                use.node,
                fmt::format("no question `{}` is on the agenda", use.question),
                did_you_mean(use.question, ids)
            );
            continue;
        }
        const Question& question = agenda.questions[static_cast<std::size_t>(found - ids.begin())];
        if (!fits(question.kind, use.type)) {
            report.error(
                use.node,
                fmt::format(
                    "the answer to `{}` is of kind {}, and the fact is of type {}",
                    question.id,
                    kind_names.at(static_cast<std::size_t>(question.kind)),
                    rules::name(use.type)
                ),
                "a scale is a number, yes_no a boolean, text a text"
            );
        }
    }
}

} // namespace reviewd::config
