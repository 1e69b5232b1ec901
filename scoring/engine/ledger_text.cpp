// Lines are gathered as three cells (points, name, reason) and aligned in the end.
#include "scoring/engine/ledger_text.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/lexer.hpp"
#include "scoring/engine/missing_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace reviewd::engine {
namespace {

using Kind = LedgerLine::Kind;
using Verdict = LedgerLine::Verdict;

struct Cells {
    std::string points;
    std::string name;
    std::string reason;
};

std::string decimal(rules::Points magnitude) {
    std::string text =
        fmt::format("{}.{:03}", magnitude / rules::points_scale, magnitude % rules::points_scale);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text;
}

std::string upper(std::string text) {
    for (char& c : text) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return text;
}

std::string capitalised(std::string text) {
    if (!text.empty()) {
        text.front() = upper(text.substr(0, 1)).front();
    }
    return text;
}

class LedgerText {
public:
    LedgerText(
        const rules::RuleSet& rules,
        const FactRow& facts,
        const Ledger& ledger,
        const LedgerHeading& heading
    )
        : rules_(rules), facts_(facts), ledger_(ledger), heading_(heading) {}

    std::string render() {
        gather();
        std::string text = head();
        const auto width = [](const std::vector<Cells>& lines, std::string Cells::*cell) {
            std::size_t widest = 0;
            for (const Cells& line : lines) {
                widest = std::max(widest, display_width(line.*cell));
            }
            return widest;
        };
        name_width_ = std::max(width(added_, &Cells::name), width(others_, &Cells::name));
        const std::size_t sum_width = display_width(sum());
        points_width_ = std::max({width(added_, &Cells::points), sum_width, std::size_t{3}});
        for (const Cells& line : added_) {
            text += row(line, "\x1b[32m");
        }
        text += row({sum(), "", ""}, "\x1b[1m");
        for (const Cells& line : others_) {
            text += row(line, "\x1b[2m");
        }
        return text + foot();
    }

private:
    void gather() {
        for (const LedgerLine& line : ledger_.lines) {
            if (line.verdict == Verdict::fired) {
                added_.push_back({signed_points(line.points), name_of(line), reason_of(line)});
            } else {
                const bool is_open = line.verdict == Verdict::cannot_be_judged;
                others_.push_back({is_open ? "?" : "-", name_of(line), reason_of(line)});
            }
        }
    }

    [[nodiscard]] std::string head() const {
        const std::string level = upper(rules_.levels.at(heading_.level).name);
        std::string text = fmt::format(
            "{}   {} {}",
            painted(escape_controls(heading_.account), "\x1b[1m"),
            painted(level, "\x1b[1m"),
            plain_points(ledger_.score.points)
        );
        if (heading_.since) {
            text += "   since " + short_date(*heading_.since, heading_.as_of);
        }
        if (!heading_.rules_version.empty()) {
            text += "   rules " + heading_.rules_version;
        }
        // Without a level in force it is a look back, perhaps into another year.
        text += "   as of ";
        text +=
            heading_.since ? short_date(heading_.as_of, heading_.as_of) : full_date(heading_.as_of);
        text += ledger_.score.is_judged ? "\n" : "\n  no rule can be judged\n";
        for (const std::string& remark : heading_.remarks) {
            text += fmt::format("  {}\n", escape_controls(remark));
        }
        return text;
    }

    [[nodiscard]] std::string foot() const {
        const LevelEdges edges = edges_of(rules_, heading_.level);
        std::string text;
        if (edges.rises_from && !heading_.is_level_set) {
            const std::string& higher = rules_.levels.at(heading_.level - 1).name;
            text = fmt::format("{} from {}", higher, plain_points(*edges.rises_from));
        }
        if (edges.falls_below && !heading_.is_level_set) {
            const std::string& lower = rules_.levels.at(heading_.level + 1).name;
            text += text.empty() ? "" : ", ";
            text += fmt::format("{} below {}", lower, plain_points(*edges.falls_below));
        }
        const CadenceInForce cadence = cadence_for(rules_, heading_.level, facts_);
        const std::string of = cadence.name == rules_.levels[heading_.level].name
                                   ? ""
                                   : fmt::format(" ({})", escape_controls(cadence.name));
        return fmt::format(
            "{}{}{}Cadence{}: {}, at the latest after {}.\n",
            kept(),
            capitalised(text),
            text.empty() ? "" : ".  ",
            of,
            frequency(cadence.review_every),
            to_string(cadence.at_latest)
        );
    }

    /// Why the level is not the one of the points.
    [[nodiscard]] std::string kept() const {
        if (!heading_.since || heading_.is_level_set) {
            return {};
        }
        const auto kept =
            kept_level(rules_, ledger_.score, {heading_.level, *heading_.since}, heading_.as_of);
        if (!kept) {
            return {};
        }
        const std::string why =
            kept->until
                ? fmt::format(
                    "until {} (at_least: {})",
                    short_date(*kept->until, heading_.as_of),
                    to_string(rules_.keep_level->at_least)
                )
                : fmt::format("within its margin of {}", plain_points(rules_.keep_level->margin));
        return fmt::format(
            "By its points {}: keep_level holds {} {}.\n",
            rules_.levels.at(kept->by_points).name,
            rules_.levels.at(heading_.level).name,
            why
        );
    }

    [[nodiscard]] std::string row(const Cells& cells, std::string_view paint) const {
        const std::size_t points_gap = points_width_ - display_width(cells.points);
        std::string text = "  " + std::string(points_gap, ' ') + painted(cells.points, paint);
        if (!cells.name.empty()) {
            text += "  " + cells.name;
        }
        if (!cells.reason.empty()) {
            text += std::string(name_width_ - display_width(cells.name) + 3, ' ') + cells.reason;
        }
        return text + "\n";
    }

    [[nodiscard]] std::string painted(const std::string& text, std::string_view paint) const {
        return heading_.colour == Colour::off ? text : fmt::format("{}{}\x1b[0m", paint, text);
    }

    [[nodiscard]] std::string sum() const { return "=" + plain_points(ledger_.score.points); }

    [[nodiscard]] std::string name_of(const LedgerLine& line) const {
        return escape_controls(engine::name_of(rules_, line));
    }

    [[nodiscard]] std::string reason_of(const LedgerLine& line) const {
        switch (line.kind) {
        case Kind::base:
            return {};
        case Kind::group_cap: {
            const rules::Points cap = rules_.groups.at(line.index).cap;
            return line.points < 0 ? "at most " + plain_points(cap)
                                   : "at least " + plain_points(-cap);
        }
        case Kind::clamp:
            return fmt::format(
                "scores reach from {} to {}",
                plain_points(rules_.score.smallest),
                plain_points(rules_.score.largest)
            );
        case Kind::rule:
            break;
        }
        switch (line.verdict) {
        case Verdict::fired:
            return fired(line);
        case Verdict::did_not_fire:
            return line.facts.empty() ? "never fires" : "did not fire: " + values(line.facts);
        case Verdict::cannot_be_judged:
            return "cannot be judged: " + obstacle(line);
        }
        return {};
    }

    [[nodiscard]] std::string fired(const LedgerLine& line) const {
        const rules::Rule& rule = rules_.rules.at(line.index);
        const auto* points = std::get_if<cel::Expression>(&rule.points);
        std::string text;
        if (points == nullptr) {
            text = line.facts.empty() ? "always" : values(line.facts);
        } else if (rule.when) {
            text = fmt::format("{}: {}", values(line.facts), calculation(*points));
        } else {
            text = calculation(*points);
        }
        if (rule.group) {
            text += fmt::format(
                "; {} {} of {}",
                escape_controls(rules_.groups.at(*rule.group).name),
                plain_points(group_total(*rule.group)),
                plain_points(cap_on_its_side(*rule.group))
            );
        }
        return text;
    }

    /// The expression with the facts' values in place of their names: `min(20, 2 x 4)`.
    [[nodiscard]] std::string calculation(const cel::Expression& expression) const {
        const std::string& source = expression.source();
        std::string text;
        for (std::size_t at = 0; at < source.size();) {
            const bool is_quote = source[at] == '"' || source[at] == '\'';
            std::size_t end = is_quote ? source.find(source[at], at + 1) : at;
            if (is_quote) {
                end = std::min(end, source.size() - 1) + 1;
                text += source.substr(at, end - at);
                at = end;
                continue;
            }
            while (end < source.size() && cel::is_word_character(source[end])) {
                ++end;
            }
            if (end == at) {
                text += source[at] == '*' ? 'x' : source[at];
                ++at;
                continue;
            }
            const std::string word = source.substr(at, end - at);
            const auto slot = rules_.facts.slot_of(word);
            text += slot ? value(*slot) : word;
            at = end;
        }
        return escape_controls(text);
    }

    /// A cap holds both ways.
    [[nodiscard]] rules::Points cap_on_its_side(std::size_t group) const {
        const rules::Points cap = rules_.groups.at(group).cap;
        return group_total(group) < 0 ? -cap : cap;
    }

    [[nodiscard]] rules::Points group_total(std::size_t group) const {
        rules::Points total = 0;
        for (const LedgerLine& line : ledger_.lines) {
            const bool is_in_group =
                line.kind == Kind::rule && rules_.rules.at(line.index).group == group;
            const bool is_cap = line.kind == Kind::group_cap && line.index == group;
            total += is_in_group || is_cap ? line.points : 0;
        }
        return total;
    }

    [[nodiscard]] std::string value(std::uint32_t slot) const {
        constexpr std::size_t columns = 60;
        const rules::Fact& fact = rules_.facts.facts.at(slot);
        return cut_to_width(describe_fact(fact, facts_.at(slot), heading_.currency), columns);
    }

    [[nodiscard]] std::string values(const std::vector<std::uint32_t>& slots) const {
        std::string text;
        for (const std::uint32_t slot : slots) {
            text += text.empty() ? "" : ", ";
            text += fmt::format("{} {}", rules_.facts.facts.at(slot).name, value(slot));
        }
        return text;
    }

    [[nodiscard]] std::string obstacle(const LedgerLine& line) const {
        if (!line.error.empty()) {
            return escape_controls(line.error);
        }
        const std::vector<std::uint32_t> roots = missing_roots(rules_, facts_, line.missing);
        std::string text = fmt::format(
            "{} {} missing", names_of(line.missing), line.missing.size() == 1 ? "is" : "are"
        );
        if (roots != line.missing) {
            text += " for want of " + names_of(roots);
        }
        const bool has_asked = std::any_of(roots.begin(), roots.end(), [&](std::uint32_t slot) {
            return is_asked(slot);
        });
        return text + (has_asked ? " (the agenda asks)" : "");
    }

    [[nodiscard]] std::string names_of(const std::vector<std::uint32_t>& slots) const {
        std::string names;
        for (const std::uint32_t slot : slots) {
            names += names.empty() ? "" : ", ";
            names += rules_.facts.facts.at(slot).name;
        }
        return names;
    }

    [[nodiscard]] bool is_asked(std::uint32_t slot) const {
        const auto* answer = std::get_if<rules::AnswerFact>(&rules_.facts.facts.at(slot).form);
        const auto& asked = heading_.asked;
        return answer != nullptr
               && std::find(asked.begin(), asked.end(), answer->question) != asked.end();
    }

    const rules::RuleSet& rules_;
    const FactRow& facts_;
    const Ledger& ledger_;
    const LedgerHeading& heading_;
    std::vector<Cells> added_;
    std::vector<Cells> others_;
    std::size_t name_width_ = 0;
    std::size_t points_width_ = 0;
};

} // namespace

std::string name_of(const rules::RuleSet& rules, const LedgerLine& line) {
    switch (line.kind) {
    case Kind::base:
        return "base";
    case Kind::rule:
        return rules.rules.at(line.index).id;
    case Kind::group_cap:
        return rules.groups.at(line.index).name + " cap";
    case Kind::clamp:
        return "limit";
    }
    return {};
}

std::string signed_points(rules::Points points) {
    return (points < 0 ? "-" : "+") + decimal(std::abs(points));
}

std::string plain_points(rules::Points points) {
    return (points < 0 ? "-" : "") + decimal(std::abs(points));
}

std::string frequency(const Period& period) {
    if (period.count != 1) {
        return "every " + to_string(period);
    }
    switch (period.unit) {
    case Period::Unit::days:
        return "daily";
    case Period::Unit::weeks:
        return "weekly";
    case Period::Unit::months:
        return "monthly";
    case Period::Unit::years:
        return "yearly";
    case Period::Unit::working_days:
        break;
    }
    return "every working day";
}

std::string render_ledger(
    const rules::RuleSet& rules,
    const FactRow& facts,
    const Ledger& ledger,
    const LedgerHeading& heading
) {
    return LedgerText{rules, facts, ledger, heading}.render();
}

} // namespace reviewd::engine
