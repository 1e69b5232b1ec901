#include "daemon/service/people_links.hpp"

#include "daemon/service/people.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

using Links = std::map<std::string, PersonLinks>;
using About = LinkMistake::About;

/// Each walk up goes only where no walk was before it: nobody is passed twice.
class CircleFinder {
public:
    explicit CircleFinder(const Links& people) : people_(people) {}

    /// From the first by key up and back to them.
    [[nodiscard]] std::vector<std::vector<std::string>> find() {
        std::vector<std::vector<std::string>> circles;
        for (const auto& [start, links] : people_) {
            ++walk_;
            auto at = people_.find(start);
            while (at != people_.end() && walks_.try_emplace(at->first, walk_).second) {
                at = people_.find(at->second.manager);
            }
            if (at != people_.end() && walks_.at(at->first) == walk_) {
                circles.push_back(around(at->first));
            }
        }
        return circles;
    }

private:
    [[nodiscard]] std::vector<std::string> around(const std::string& one) const {
        std::vector<std::string> way;
        std::string at = one;
        do {
            way.push_back(at);
            at = people_.at(at).manager;
        } while (at != one);
        std::rotate(way.begin(), std::min_element(way.begin(), way.end()), way.end());
        way.push_back(way.front());
        return way;
    }

    const Links& people_;
    std::map<std::string, int> walks_; ///< in which walk somebody was passed
    int walk_ = 0;
};

/// "`ana` -> `jo` -> `ana`"; of a long way its beginning.
std::string show_way(const std::vector<std::string>& way) {
    constexpr std::size_t shown = 12;
    std::string text;
    for (std::size_t step = 0; step < std::min(way.size(), shown); ++step) {
        text += fmt::format("{}`{}`", step == 0 ? "" : " -> ", escape_controls(way[step]));
    }
    return way.size() <= shown ? text : fmt::format("{} -> … ({} people)", text, way.size() - 1);
}

LinkMistake circle(const std::vector<std::string>& way) {
    LinkMistake mistake{way.front(), About::manager, way, {}, {}, {}};
    if (way.size() == 2) {
        mistake.message = fmt::format("`{}` is their own manager", escape_controls(way.front()));
        return mistake;
    }
    mistake.message = fmt::format("managers go in a circle: {}", show_way(way));
    mistake.hint = "escalation ends where it comes back to";
    return mistake;
}

void check_tie(
    const Links& people,
    const std::string& key,
    About about,
    const std::string& other,
    std::vector<LinkMistake>& mistakes
) {
    const char* const what = about == About::manager ? "manager" : "substitute";
    if (about == About::substitute && other == key) {
        mistakes.push_back(
            {key,
             about,
             {},
             fmt::format("`{}` is their own substitute", escape_controls(key)),
             {},
             {}}
        );
    } else if (!other.empty() && people.count(other) == 0) {
        const std::string message = fmt::format(
            "the {} of `{}`, `{}`, is nobody", what, escape_controls(key), escape_controls(other)
        );
        mistakes.push_back({key, about, {}, message, {}, other});
    }
}

} // namespace

std::vector<LinkMistake> link_mistakes(const Links& people) {
    std::vector<LinkMistake> mistakes;
    for (const auto& [key, links] : people) {
        check_tie(people, key, About::manager, links.manager, mistakes);
        check_tie(people, key, About::substitute, links.substitute, mistakes);
    }
    for (const std::vector<std::string>& way : CircleFinder{people}.find()) {
        mistakes.push_back(circle(way));
    }
    std::stable_sort(mistakes.begin(), mistakes.end(), [](const auto& a, const auto& b) {
        return a.person < b.person;
    });
    return mistakes;
}

std::vector<std::string> lost_links(const People& everybody) {
    constexpr std::size_t told = 20;
    std::map<std::string, PersonLinks> links;
    std::vector<std::string> keys;
    for (const PersonProfile& person : everybody.all()) {
        links[person.key] = {person.manager_key, person.substitute_key};
        keys.push_back(person.key);
    }
    const std::vector<LinkMistake> mistakes = link_mistakes(links);
    std::vector<std::string> lost;
    for (const LinkMistake& mistake : mistakes) {
        if (lost.size() == told) {
            lost.push_back(fmt::format(
                "{} more mistakes like these: `reviewctl check` lists them", mistakes.size() - told
            ));
            break;
        }
        const std::string hint =
            mistake.nobody.empty() ? mistake.hint : did_you_mean(mistake.nobody, keys);
        lost.push_back(mistake.message + (hint.empty() ? "" : "; " + hint));
    }
    return lost;
}

std::string common_link(const std::string& person, const std::optional<std::string>& common) {
    return !common || *common == person ? std::string{} : *common;
}

} // namespace reviewd::service
