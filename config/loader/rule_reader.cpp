#include "config/loader/expression_reader.hpp"
#include "config/loader/rules_context.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace reviewd::config {
namespace {

/// Names that must differ, with the place where each was first given.
class Names {
public:
    /// Reports when the name was given before.
    bool take(const Node& at, const std::string& name, std::string_view thing, Report& report) {
        const auto [first, is_new] = places_.emplace(name, at);
        if (!is_new) {
            report.error(
                at,
                fmt::format("the {} `{}` is given a second time", thing, name),
                first_given(first->second)
            );
        }
        return is_new;
    }

private:
    std::map<std::string, Node> places_;
};

/// Whether a scalar was meant as a number: then the strict reading judges it, not CEL.
bool looks_like_number(const Node& node) {
    if (!node.is_scalar() || node.style() != Node::Style::plain || node.text().empty()) {
        return false;
    }
    std::string_view text = node.text();
    const bool is_special = text == ".nan" || text == ".inf" || text == "-.inf";
    text.remove_suffix(text.back() == '%' ? 1 : 0); // no expression ends with it
    const bool has_digit =
        std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return is_special
           || (has_digit && text.find_first_not_of("0123456789+-._eE:,") == std::string_view::npos);
}

std::vector<Node> elements_of(const Node& section, std::string_view thing, Report& report) {
    if (!section.is_sequence()) {
        report.error(
            section,
            fmt::format("expected a list of {}, found {}", thing, described(section)),
            "begin each with `- `"
        );
        return {};
    }
    return section.elements();
}

std::optional<std::size_t> read_group_name(
    RulesContext& context, const Node& node, std::set<std::size_t>& used_groups
) {
    const std::optional<std::string> wanted = read_name(node, context.report);
    if (!wanted) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const rules::Group& group : context.rules.groups) {
        names.push_back(group.name);
    }
    const auto found = std::find(names.begin(), names.end(), *wanted);
    if (found == names.end()) {
        const std::string near = did_you_mean(*wanted, names);
        context.report.error(
            node,
            fmt::format("there is no group `{}`", *wanted),
            near.empty() ? fmt::format("declare it: groups: {{ {}: {{ cap: 30 }} }}", *wanted)
                         : near
        );
        return std::nullopt;
    }
    const auto index = static_cast<std::size_t>(found - names.begin());
    used_groups.insert(index);
    return index;
}

void read_rule_points(RulesContext& context, const Node& node, rules::Rule& rule) {
    if (looks_like_number(node)) {
        if (const auto points = read_points(node, context.report)) {
            rule.points = *points;
        }
        return;
    }
    auto expression = read_expression(node, context.environment, Wanted::number, context.report);
    if (expression) {
        context.use(expression->slots());
        rule.points = std::move(*expression);
    }
}

rules::Rule read_rule(RulesContext& context, const Node& node, std::set<std::size_t>& used_groups) {
    rules::Rule rule;
    rule.position = node.position();
    MapReader reader{node, context.report};
    if (const Node* id = reader.require("id")) {
        rule.id = read_name(*id, context.report).value_or("");
    }
    rule.when = reader.read("when", [&](const Node& when) { return context.condition(when); });
    if (const Node* points = reader.require("points")) {
        read_rule_points(context, *points, rule);
    }
    rule.group = reader.read("group", [&](const Node& group) {
        return read_group_name(context, group, used_groups);
    });
    rule.because = reader.read("because", [&](const Node& texts) { return context.texts(texts); });
    return rule;
}

/// A leap year, and what approximate_days is rough by.
constexpr double longest_maximum_days = 366.5;

/// Reads one key of a cadence: its three periods are optional here.
rules::Cadence read_cadence(MapReader& reader) {
    rules::Cadence cadence;
    const auto period = [&](const Node& node) {
        return read_calendar_period(node, reader.report());
    };
    cadence.not_before = reader.read("not_before", period);
    cadence.review_every = reader.read("review_every", period);
    cadence.at_latest = reader.read("at_latest", [&](const Node& node) {
        const std::optional<Period> most = period(node);
        if (most && approximate_days(*most) > longest_maximum_days) {
            reader.report().warning(
                node,
                fmt::format("`at_latest` ({}) is longer than a year", to_string(*most)),
                "every account is to be reviewed at least once a year"
            );
        }
        return most;
    });
    return cadence;
}

/// Reports periods of one cadence that are the wrong way round.
void check_order(const Node& node, const rules::Cadence& cadence, Report& report) {
    const auto compare = [&](const std::optional<Period>& shorter,
                             const std::optional<Period>& longer,
                             std::string_view shorter_key,
                             std::string_view longer_key) {
        if (shorter && longer && approximate_days(*shorter) > approximate_days(*longer)) {
            const Node* at = node.is_map() ? node.find(shorter_key) : nullptr;
            report.error(
                at == nullptr ? node : *at,
                fmt::format(
                    "`{}` ({}) is longer than `{}` ({})",
                    shorter_key,
                    to_string(*shorter),
                    longer_key,
                    to_string(*longer)
                ),
                "the order is not_before, review_every, at_latest"
            );
        }
    };
    if (cadence.review_every) {
        compare(cadence.not_before, cadence.review_every, "not_before", "review_every");
        compare(cadence.review_every, cadence.at_latest, "review_every", "at_latest");
    } else {
        compare(cadence.not_before, cadence.at_latest, "not_before", "at_latest");
    }
}

struct ReadLevel {
    rules::Level level;
    Node key;
    Node node;
    std::optional<rules::Points> from;
};

ReadLevel read_level(RulesContext& context, const Node::Entry& entry) {
    ReadLevel read{{}, entry.key, entry.value, std::nullopt};
    read.level.name = read_name(entry.key, context.report).value_or("");
    MapReader reader{entry.value, context.report};
    if (const Node* from = reader.require("from")) {
        read.from = read_points(*from, context.report);
        read.level.from = read.from.value_or(0);
    }
    for (const char* key : {"not_before", "review_every", "at_latest"}) {
        (void)reader.require(key);
    }
    read.level.cadence = read_cadence(reader);
    check_order(entry.value, read.level.cadence, context.report);
    return read;
}

std::string points_text(rules::Points points) {
    return fmt::format(
        "{}", static_cast<double>(points) / static_cast<double>(rules::points_scale)
    );
}

/// Whether a level that begins higher stands below another; told once, whatever else comes of it.
bool are_misordered(RulesContext& context, const std::vector<ReadLevel>& levels) {
    const auto rises = [](const ReadLevel& above, const ReadLevel& below) {
        return above.from && below.from && *below.from > *above.from;
    };
    const auto above = std::adjacent_find(levels.begin(), levels.end(), rises);
    if (above == levels.end()) {
        return false;
    }
    const ReadLevel& below = *std::next(above);
    std::vector<ReadLevel> ordered = levels;
    std::stable_sort(ordered.begin(), ordered.end(), [](const ReadLevel& a, const ReadLevel& b) {
        return a.level.from > b.level.from;
    });
    std::string names;
    for (const ReadLevel& level : ordered) {
        names += (names.empty() ? "" : ", ") + level.level.name;
    }
    context.report.error(
        below.key,
        fmt::format(
            "`{}` begins at {} and stands below `{}`, which begins at {}",
            below.level.name,
            points_text(*below.from),
            above->level.name,
            points_text(*above->from)
        ),
        fmt::format("write the levels from the highest to the lowest: {}", names)
    );
    return true;
}

void check_lowest(RulesContext& context, const ReadLevel& lowest) {
    const rules::Points smallest = context.rules.score.smallest;
    if (*lowest.from == smallest) {
        return;
    }
    context.report.error(
        *lowest.node.find("from"),
        *lowest.from > smallest
            ? fmt::format(
                "scores from {} to below {} would have no level",
                points_text(smallest),
                points_text(*lowest.from)
            )
            : fmt::format(
                "the lowest level begins below the smallest score, {}", points_text(smallest)
            ),
        fmt::format("write {}, the `min` of `score:`", points_text(smallest))
    );
}

/// Bands without overlap or gap: none begins where another does, nor above all scores, and the
/// lowest begins at the smallest score.
void check_bands(RulesContext& context, const std::vector<ReadLevel>& levels) {
    const rules::ScoreRange& score = context.rules.score;
    for (std::size_t index = 0; index < levels.size(); ++index) {
        const ReadLevel& level = levels[index];
        if (!level.from) {
            return;
        }
        const Node& at = *level.node.find("from");
        if (index > 0 && *level.from == *levels[index - 1].from) {
            context.report.error(
                at,
                fmt::format(
                    "the band of `{}` begins at {}, not below that of `{}`, which begins at {}",
                    level.level.name,
                    points_text(*level.from),
                    levels[index - 1].level.name,
                    points_text(*levels[index - 1].from)
                ),
                "write the levels from the highest to the lowest"
            );
        }
        if (*level.from > score.largest) {
            context.report.error(
                at,
                fmt::format("no score reaches this: the largest is {}", points_text(score.largest))
            );
        }
    }
    const auto lowest =
        std::min_element(levels.begin(), levels.end(), [](const ReadLevel& a, const ReadLevel& b) {
            return *a.from < *b.from;
        });
    if (lowest != levels.end()) {
        check_lowest(context, *lowest);
    }
}

/// The time of a salesperson is likelier to pay back at a higher level.
void check_order_of_cadences(RulesContext& context, const std::vector<ReadLevel>& levels) {
    for (std::size_t i = 1; i < levels.size(); ++i) {
        const rules::Level& higher = levels[i - 1].level;
        const rules::Level& lower = levels[i].level;
        const std::optional<Period>& often = higher.cadence.review_every;
        const std::optional<Period>& rarely = lower.cadence.review_every;
        if (!often || !rarely || approximate_days(*often) <= approximate_days(*rarely)) {
            continue;
        }
        const Node& node = levels[i - 1].node;
        const Node* const at = node.is_map() ? node.find("review_every") : nullptr;
        context.report.warning(
            at == nullptr ? levels[i - 1].key : *at,
            fmt::format(
                "`{}` is reviewed more rarely (every {}) than the lower level `{}` (every {})",
                higher.name,
                to_string(*often),
                lower.name,
                to_string(*rarely)
            ),
            "a higher level means more opportunity: exchange the two, or shorten this one"
        );
    }
}

/// A cadence that sets only one period meets the other one of each level.
void check_against_levels(RulesContext& context, const Node& node, const rules::Cadence& cadence) {
    const std::string_view key = cadence.review_every ? "review_every" : "not_before";
    const std::optional<Period>& given =
        cadence.review_every ? cadence.review_every : cadence.not_before;
    if (!given || cadence.at_latest) {
        return;
    }
    for (const rules::Level& level : context.rules.levels) {
        const std::optional<Period>& most = level.cadence.at_latest;
        if (most && approximate_days(*given) > approximate_days(*most)) {
            const Node* at = node.find(key);
            context.report.error(
                at == nullptr ? node : *at,
                fmt::format(
                    "`{}` ({}) is longer than the maximum of the level `{}` ({})",
                    key,
                    to_string(*given),
                    level.name,
                    to_string(*most)
                ),
                "give the cadence an `at_latest:` of its own"
            );
            return;
        }
    }
}

} // namespace

void read_groups(RulesContext& context, const Sections& sections) {
    Names names;
    for (const Node& section : sections) {
        MapReader all{section, context.report};
        all.allow_any_key();
        if (!section.is_map()) {
            continue;
        }
        for (const Node::Entry& entry : section.entries()) {
            const auto name = read_name(entry.key, context.report);
            MapReader reader{entry.value, context.report};
            rules::Group group;
            group.name = name.value_or("");
            if (const Node* cap = reader.require("cap")) {
                group.cap = read_points(*cap, context.report).value_or(0);
                if (group.cap < 0) {
                    context.report.error(*cap, "a cap cannot be negative");
                }
            }
            if (name && names.take(entry.key, *name, "group", context.report)) {
                context.rules.groups.push_back(std::move(group));
            }
        }
    }
}

void read_rules(RulesContext& context, const Sections& sections) {
    Names names;
    std::set<std::size_t> used_groups;
    for (const Node& section : sections) {
        for (const Node& node : elements_of(section, "rules", context.report)) {
            rules::Rule rule = read_rule(context, node, used_groups);
            const Node* id = node.is_map() ? node.find("id") : nullptr;
            if (!rule.id.empty() && names.take(*id, rule.id, "rule", context.report)) {
                context.rules.rules.push_back(std::move(rule));
            }
        }
    }
    for (std::size_t index = 0; index < context.rules.groups.size(); ++index) {
        if (!used_groups.contains(index)) {
            context.unused_groups.insert(context.rules.groups[index].name);
        }
    }
}

void warn_of_unused_groups(RulesContext& context, const Sections& groups) {
    for (const Node& section : groups) {
        for (const std::string& name : context.unused_groups) {
            const Node* group = section.is_map() ? section.find(name) : nullptr;
            if (group != nullptr) {
                context.report.warning(*group, fmt::format("no rule is in the group `{}`", name));
            }
        }
    }
}

void read_score(RulesContext& context, const Node& node) {
    MapReader reader{node, context.report};
    const auto points = [&](const Node& value) {
        return read_points(value, context.report);
    };
    rules::ScoreRange& score = context.rules.score;
    score.base = reader.read("base", points).value_or(score.base);
    score.smallest = reader.read("min", points).value_or(score.smallest);
    score.largest = reader.read("max", points).value_or(score.largest);
    if (score.smallest >= score.largest) {
        context.report.error(node, "`min` must be smaller than `max`");
    } else if (score.base < score.smallest || score.base > score.largest) {
        context.report.error(node, "`base` must lie between `min` and `max`");
    }
}

void read_levels(RulesContext& context, const Node& node) {
    MapReader all{node, context.report};
    all.allow_any_key();
    if (!node.is_map()) {
        return;
    }
    std::vector<ReadLevel> levels;
    for (const Node::Entry& entry : node.entries()) {
        levels.push_back(read_level(context, entry));
    }
    if (levels.empty()) {
        context.report.error(node, "there must be at least one level");
    }
    const bool is_ordered = !are_misordered(context, levels);
    check_bands(context, levels);
    if (is_ordered) {
        check_order_of_cadences(context, levels);
    }
    for (ReadLevel& read : levels) {
        context.rules.levels.push_back(std::move(read.level));
    }
}

void read_keep_level(RulesContext& context, const Node& node) {
    MapReader reader{node, context.report};
    rules::KeepLevel keep;
    if (const Node* margin = reader.find("margin")) {
        keep.margin = read_points(*margin, context.report).value_or(0);
        if (keep.margin < 0) {
            context.report.error(*margin, "a margin cannot be negative");
        }
        const rules::ScoreRange& score = context.rules.score;
        if (keep.margin >= score.largest - score.smallest) {
            context.report.warning(
                *margin,
                fmt::format(
                    "the margin is as large as the range of the scores, {} to {}: a level is left "
                    "only at its very ends",
                    points_text(score.smallest),
                    points_text(score.largest)
                ),
                "a few points are enough to keep a level from flapping"
            );
        }
    }
    keep.at_least =
        reader
            .read(
                "at_least",
                [&](const Node& value) { return read_calendar_period(value, context.report); }
            )
            .value_or(Period{});
    context.rules.keep_level = keep;
}

void read_cadences(RulesContext& context, const Sections& sections) {
    Names names;
    for (const Node& section : sections) {
        for (const Node& node : elements_of(section, "cadences", context.report)) {
            MapReader reader{node, context.report};
            const Node* when = reader.require("when");
            auto condition = when == nullptr ? std::nullopt : context.condition(*when);
            const Node* id = reader.find("id");
            const auto name = id == nullptr ? std::nullopt : read_name(*id, context.report);
            const rules::Cadence cadence = read_cadence(reader);
            const bool is_empty =
                !cadence.not_before && !cadence.review_every && !cadence.at_latest;
            reader.finish();
            if (node.is_map() && is_empty && !context.report.has_errors()) {
                context.report.error(
                    node,
                    "the cadence changes nothing",
                    "give review_every, at_latest or not_before"
                );
            }
            check_order(node, cadence, context.report);
            check_against_levels(context, node, cadence);
            if (condition) {
                const std::string label = name.value_or(condition->source());
                if (name && !names.take(*id, *name, "cadence", context.report)) {
                    continue;
                }
                context.rules.cadences.push_back(
                    {label, std::move(*condition), cadence, node.position()}
                );
            }
        }
    }
}

} // namespace reviewd::config
