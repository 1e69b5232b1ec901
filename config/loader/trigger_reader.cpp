#include "config/loader/expression_reader.hpp"
#include "config/loader/rules_context.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace reviewd::config {
namespace {

/// One trigger while it is read.
struct TriggerReading {
    RulesContext& context;
    MapReader& reader;
    rules::Trigger& trigger;
};

void read_source(const TriggerReading& reading, const Node& node) {
    const rules::Schema& schema = reading.context.rules.schema;
    std::vector<std::string> names;
    for (const rules::Table table : rules::all_tables()) {
        if (schema[table].index_of(rules::ColumnRole::happened)) {
            names.emplace_back(rules::name(table));
        }
    }
    const std::vector<std::string_view> words(names.begin(), names.end());
    if (const auto index = read_word(node, reading.context.report, words)) {
        reading.trigger.source = rules::find_table(words[*index]);
    }
}

/// `score: fell` and its `by:`.
void read_score_trigger(const TriggerReading& reading, const Node& node) {
    static constexpr std::array<std::string_view, 3> ways{"rose", "fell", "moved"};
    Report& report = reading.context.report;
    if (const auto index = read_word(node, report, ways)) {
        reading.trigger.score = static_cast<rules::Trigger::Score>(*index);
    }
    const Node* by = reading.reader.require("by");
    if (by == nullptr) {
        return;
    }
    const std::optional<rules::Points> points = read_points(*by, report);
    if (points && *points <= 0) {
        report.error(*by, "the score moves by more than none", "for instance `by: 15`");
    }
    reading.trigger.by = points.value_or(0);
}

/// `before: renewal` and its `lead:`.
void read_date_trigger(const TriggerReading& reading, const Node& node) {
    RulesContext& context = reading.context;
    const std::optional<std::string> name = read_text(node, context.report);
    const auto slot = name ? context.rules.facts.slot_of(*name) : std::nullopt;
    if (name && !slot) {
        context.report.error(
            node,
            fmt::format("`{}` is no fact", cut_to_width(*name, 60)),
            did_you_mean(*name, context.fact_names())
        );
    }
    if (slot) {
        context.use({*slot});
        reading.trigger.before = slot;
        if (context.rules.facts.facts[*slot].type != rules::FactType::date) {
            context.report.error(
                node,
                fmt::format(
                    "`before:` takes a fact of type date; `{}` is of type {}",
                    *name,
                    rules::name(context.rules.facts.facts[*slot].type)
                )
            );
        }
    }
    if (const Node* lead = reading.reader.require("lead")) {
        reading.trigger.lead = read_period(*lead, context.report);
    }
}

void read_condition(const TriggerReading& reading, const Node& node) {
    RulesContext& context = reading.context;
    if (reading.trigger.source) {
        const auto environment =
            rules::row_environment(context.rules.schema[*reading.trigger.source]);
        reading.trigger.when =
            read_expression(node, environment, Wanted::condition, context.report);
    } else {
        reading.trigger.when = context.condition(node);
    }
}

void refuse(const TriggerReading& reading, const char* key, std::string_view with) {
    if (const Node* node = reading.reader.find(key)) {
        reading.context.report.error(
            *node, fmt::format("`{}:` needs `{}:` in the same trigger", key, with)
        );
    }
}

void read_occasion(const TriggerReading& reading) {
    MapReader& reader = reading.reader;
    Report& report = reading.context.report;
    const Node* source = reader.find("source");
    const Node* before = reader.find("before");
    const Node* when = reader.find("when");
    const Node* score = reader.find("score");
    if (source != nullptr && before != nullptr) {
        report.error(*before, "a trigger has either `source:` or `before:`");
    }
    if (score != nullptr && (source != nullptr || before != nullptr || when != nullptr)) {
        report.error(*score, "a trigger with `score:` has no `source:`, `before:` or `when:`");
    }
    if (source == nullptr && before == nullptr && when == nullptr && score == nullptr
        && reader.node().is_map()) {
        report.error(
            reader.node(),
            "the trigger does not say what sets it off",
            "give `source:` (a table), `before:` (a date), `score:` (a jump or a fall) or `when:` (a "
            "condition over the facts)"
        );
    }
    if (source != nullptr) {
        read_source(reading, *source);
    }
    if (before != nullptr) {
        read_date_trigger(reading, *before);
    } else {
        refuse(reading, "lead", "before");
    }
    if (score != nullptr) {
        read_score_trigger(reading, *score);
    } else {
        refuse(reading, "by", "score");
    }
    if (when != nullptr && (source == nullptr || reading.trigger.source)) {
        read_condition(reading, *when);
    }
    if (source == nullptr) {
        refuse(reading, "after", "source");
    }
}

/// The kind of the reviews that a trigger makes: not one of those that are planned without it, or
/// a route of that kind would take both.
std::string read_kind(const Node& node, Report& report) {
    static constexpr std::array<std::string_view, 4> planned{
        "first", "periodic", "retry", "deferred"};
    const std::string kind = read_name(node, report).value_or("");
    if (std::find(planned.begin(), planned.end(), kind) != planned.end()) {
        report.error(
            node,
            fmt::format("`{}` is the kind of reviews that no trigger makes", kind),
            "choose a word of your own, for instance `check-in`; or leave `kind:` out"
        );
    }
    return kind;
}

rules::Trigger read_trigger(RulesContext& context, const Node& node) {
    static constexpr std::array<std::string_view, 2> stand_ins{"substitute", "manager"};
    rules::Trigger trigger;
    trigger.position = node.position();
    MapReader reader{node, context.report};
    const TriggerReading reading{context, reader, trigger};
    const auto period = [&](const Node& value) {
        return read_period(value, context.report);
    };
    if (const Node* id = reader.require("id")) {
        trigger.id = read_name(*id, context.report).value_or("");
    }
    read_occasion(reading);
    trigger.after = reader.read("after", period);
    trigger.contact_within = reader.read("contact_within", period);
    trigger.kind =
        reader
            .read(
                "kind",
                [&](const Node& kind) { return std::optional{read_kind(kind, context.report)}; }
            )
            .value_or("");
    trigger.because = reader.read("because", [&](const Node& value) {
        return read_language_texts(value, context.report);
    });
    if (const Node* away = reader.find("when_away")) {
        if (const auto index = read_word(*away, context.report, stand_ins)) {
            trigger.when_away = stand_ins.at(*index);
        }
    }
    return trigger;
}

/// Positive and finite.
std::optional<double> read_price(const Node& node, Report& report) {
    const std::optional<double> price = read_number(node, report);
    if (price && *price < 0) {
        report.error(node, "a price cannot be negative");
    }
    return price;
}

void read_known_problems(RulesContext& context, const Node& node, rules::Product& product) {
    if (!node.is_sequence()) {
        context.report.error(
            node, fmt::format("expected a list of problems, found {}", described(node))
        );
        return;
    }
    for (const Node& element : node.elements()) {
        MapReader reader{element, context.report};
        rules::Product::Problem problem;
        if (const Node* text = reader.require("problem")) {
            problem.problem = read_language_texts(*text, context.report);
        }
        if (const Node* text = reader.require("fix")) {
            problem.fix = read_language_texts(*text, context.report);
        }
        product.known_problems.push_back(std::move(problem));
    }
}

void read_offer(RulesContext& context, const Node& node, rules::Product& product) {
    auto condition = context.condition(node);
    const auto offers = context.rules.facts.slot_of(rules::name(rules::BuiltIn::offers));
    if (condition && offers
        && std::find(condition->slots().begin(), condition->slots().end(), *offers)
               != condition->slots().end()) {
        context.report.error(node, "`offer_when` cannot use `offers`, which counts its results");
        return;
    }
    product.offer_when = std::move(condition);
}

rules::Product read_product(RulesContext& context, const std::string& key, const Node& node) {
    rules::Product product;
    product.key = key;
    MapReader reader{node, context.report};
    const auto texts = [&](const Node& value) {
        return read_language_texts(value, context.report);
    };
    if (const Node* name = reader.require("name")) {
        product.name = texts(*name);
    }
    product.category =
        reader.read(
                  "category", [&](const Node& value) { return read_text(value, context.report); }
        ).value_or("");
    product.price =
        reader.read("price", [&](const Node& value) { return read_price(value, context.report); });
    product.lifetime = reader.read("lifetime", [&](const Node& value) {
        return read_calendar_period(value, context.report);
    });
    if (const Node* offer = reader.find("offer_when")) {
        read_offer(context, *offer, product);
    }
    product.tip = reader.read("tip", texts);
    product.sets_apart = reader.read("sets_apart", texts);
    if (const Node* problems = reader.find("known_problems")) {
        read_known_problems(context, *problems, product);
    }
    return product;
}

} // namespace

void read_triggers(RulesContext& context, const Sections& sections) {
    std::map<std::string, Node> ids;
    for (const Node& section : sections) {
        if (!section.is_sequence()) {
            context.report.error(
                section,
                fmt::format("expected a list of triggers, found {}", described(section)),
                "begin each with `- `"
            );
            continue;
        }
        for (const Node& node : section.elements()) {
            rules::Trigger trigger = read_trigger(context, node);
            if (trigger.id.empty()) {
                continue;
            }
            const Node& id = *node.find("id");
            const auto [first, is_new] = ids.emplace(trigger.id, id);
            if (is_new) {
                context.rules.triggers.push_back(std::move(trigger));
            } else {
                context.report.error(
                    id,
                    fmt::format("the trigger `{}` is given a second time", trigger.id),
                    first_given(first->second)
                );
            }
        }
    }
}

void read_products(RulesContext& context, const Sections& sections) {
    std::map<std::string, Node> keys;
    for (const Node& section : sections) {
        MapReader all{section, context.report};
        all.allow_any_key();
        if (!section.is_map()) {
            continue;
        }
        for (const Node::Entry& entry : section.entries()) {
            const auto [first, is_new] = keys.emplace(entry.key.text(), entry.key);
            if (!is_new) {
                context.report.error(
                    entry.key,
                    fmt::format("the product `{}` is given a second time", entry.key.text()),
                    first_given(first->second)
                );
            }
            context.rules.products.push_back(read_product(context, entry.key.text(), entry.value));
        }
    }
}

} // namespace reviewd::config
