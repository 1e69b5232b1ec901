#pragma once

#include "scoring/rules/fact.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace reviewd::rules {

/// Points in thousandths: 45 points are 45'000. Sums stay exact, so that a ledger always adds up.
using Points = std::int64_t;
inline constexpr Points points_scale = 1000;

/// Language code to text.
using Texts = std::map<std::string, std::string>;

struct Rule {
    std::string id;
    std::optional<cel::Expression> when; ///< absent: always
    std::variant<Points, cel::Expression> points = Points{0};
    std::optional<std::size_t> group; ///< index in RuleSet::groups
    Texts because;                    ///< mustache over the facts; may be empty
    SourcePosition position;
};

/// Rules of a group add up to at most `cap` (and at least -cap).
struct Group {
    std::string name;
    Points cap = 0;
};

struct ScoreRange {
    Points base = 0;
    Points smallest = 0;
    Points largest = 100 * points_scale;
};

/// How often an account is reviewed. Absent members are taken from the level.
struct Cadence {
    std::optional<Period> not_before;   ///< since the last review was held
    std::optional<Period> review_every; ///< the target
    std::optional<Period> at_latest;    ///< the hard maximum
};

struct Level {
    std::string name;
    Points from = 0; ///< inclusive; the band ends where the next higher level begins
    Cadence cadence; ///< all three present
};

/// A level is left only beyond `margin` from its edge, and after `at_least` in it.
struct KeepLevel {
    Points margin = 0;
    Period at_least{};
};

/// `cadences:`: the first whose condition holds replaces the members it has.
struct CadenceRule {
    std::string name; ///< the `id:`, or the text of the condition
    cel::Expression when;
    Cadence cadence;
    SourcePosition position;
};

struct Trigger {
    /// Which way a score has to move.
    enum class Score { rose, fell, moved };

    std::string id;
    std::optional<Table> source;          ///< rows that set it off
    std::optional<cel::Expression> when;  ///< over the row (source) or over the facts (no source)
    std::optional<Period> after;          ///< days after the row happened
    std::optional<std::uint32_t> before;  ///< slot of a date fact
    std::optional<Period> lead;           ///< how long before that date
    std::optional<Period> contact_within; ///< from the day the row happened
    std::string kind;                     ///< kind of review, for instance "check-in"; may be empty
    std::string when_away;                ///< "substitute", "manager" or empty
    std::optional<Score> score;           ///< the score moved since the last contact …
    Points by = 0;                        ///< … by at least so much
    Texts because;                        ///< said to people in place of the id; may be empty
    SourcePosition position;
};

/// A product of the catalogue as rules/*.yaml describes it; rows of the products table may add
/// more.
struct Product {
    std::string key;
    Texts name;
    std::string category;
    std::optional<double> price;
    std::optional<Period> lifetime;
    std::optional<cel::Expression>
        offer_when; ///< over the facts; absent: to everybody who does not own it
    Texts tip;
    Texts sets_apart;
    struct Problem {
        Texts problem;
        Texts fix;
    };
    std::vector<Problem> known_problems;
};

/// One consistent, checked set of rules. Immutable once loaded; everything refers to it by
/// shared_ptr<const RuleSet>.
struct RuleSet {
    Schema schema;
    FactSchema facts;
    std::vector<Rule> rules;
    std::vector<Group> groups;
    ScoreRange score;
    std::vector<Level>
        levels; ///< from the highest to the lowest; the lowest begins at score.smallest
    std::optional<KeepLevel> keep_level;
    std::vector<CadenceRule> cadences;
    std::vector<Trigger> triggers;
    std::vector<Product> products;
    std::string content_hash;            ///< SHA-256 of the files, hexadecimal
    std::string content;                 ///< the files' text, as kept in the rules' history
    std::vector<std::string> file_names; ///< of the files in `content`, in order, without folders
};

} // namespace reviewd::rules
