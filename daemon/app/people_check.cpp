#include "daemon/app/people_check.hpp"

#include "config/node/reader.hpp"
#include "daemon/notify/registry/registry.hpp"
#include "daemon/service/people_links.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace reviewd::app {

namespace {

/// A person as table and configuration say together.
struct Known {
    const intake::PersonRow* row = nullptr; ///< null: in the configuration only
    config::PersonSettings own;
};

/// What says `text` in a list of texts, or in a text that stands for a list; null when nothing
/// does.
const config::Node* place_of_text(const config::Node* list, std::string_view text) {
    const auto says_it = [&](const config::Node& node) {
        return node.is_scalar() && node.text() == text;
    };
    if (list == nullptr || !list->is_sequence()) {
        return list != nullptr && says_it(*list) ? list : nullptr;
    }
    const auto& elements = list->elements();
    const auto found = std::find_if(elements.begin(), elements.end(), says_it);
    return found == elements.end() ? nullptr : &*found;
}

class PeopleChecker {
public:
    PeopleChecker(
        const config::Settings& settings,
        const std::vector<intake::PersonRow>& rows,
        const AddressCheck& check_address
    )
        : settings_(settings), check_address_(check_address) {
        for (const intake::PersonRow& row : rows) {
            known_[row.key].row = &row;
        }
        for (const auto& [key, person] : settings.people) {
            known_[key].own = person;
        }
        for (const auto& [key, person] : known_) {
            keys_.push_back(key);
        }
    }

    [[nodiscard]] Diagnostics check(const std::vector<std::string>& owners) {
        const std::vector<service::LinkMistake> mistakes = service::link_mistakes(links());
        auto mistake = mistakes.begin();
        for (const auto& [key, person] : known_) {
            const bool is_strange = person.row == nullptr && has_table();
            if (is_strange) {
                warn_at(
                    entry_key(key),
                    key,
                    fmt::format(
                        "`people:` sets up `{}`, who is not in the people table", safe(key)
                    ),
                    did_you_mean(key, table_keys())
                );
            }
            for (; mistake != mistakes.end() && mistake->person == key; ++mistake) {
                report(*mistake);
            }
            check_region(key, person);
        }
        for (const std::string& owner : owners) {
            check_reach(owner);
        }
        for (const std::string& person : settings_.operators) {
            const auto& place = settings_.operators_node;
            check_named("`operators:` names", person, place ? &*place : nullptr);
        }
        check_routes(settings_.routes);
        check_routes(settings_.person_defaults.routes);
        for (const auto& [key, person] : settings_.people) {
            check_routes(person.routes);
        }
        return std::move(findings_);
    }

private:
    [[nodiscard]] static std::string safe(const std::string& key) { return escape_controls(key); }

    [[nodiscard]] std::map<std::string, service::PersonLinks> links() const {
        std::map<std::string, service::PersonLinks> links;
        for (const auto& [key, person] : known_) {
            const auto& common = settings_.person_defaults.substitute;
            const auto& own = person.own.substitute;
            links[key] = {manager_of(key), own ? *own : service::common_link(key, common)};
        }
        return links;
    }

    [[nodiscard]] bool has_table() const {
        return std::any_of(known_.begin(), known_.end(), [](const auto& each) {
            return each.second.row != nullptr;
        });
    }

    [[nodiscard]] std::vector<std::string> table_keys() const {
        std::vector<std::string> keys;
        for (const auto& [key, person] : known_) {
            if (person.row != nullptr) {
                keys.push_back(key);
            }
        }
        return keys;
    }

    /// Where `people:` speaks of somebody; null when it does not.
    [[nodiscard]] const config::Node* entry_key(std::string_view key) const {
        if (!settings_.people_node || !settings_.people_node->is_map()) {
            return nullptr;
        }
        const auto& entries = settings_.people_node->entries();
        const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
            return entry.key.text() == key;
        });
        return found == entries.end() ? nullptr : &found->key;
    }

    /// The value of `what` that `people:` has for somebody; null when they have none there.
    [[nodiscard]] const config::Node* written(std::string_view key, std::string_view what) const {
        const config::Node* entry = settings_.people_node && settings_.people_node->is_map()
                                        ? settings_.people_node->find(key)
                                        : nullptr;
        return entry != nullptr && entry->is_map() ? entry->find(what) : nullptr;
    }

    /// Where the configuration says who manages or stands in for somebody; null when the table
    /// does.
    [[nodiscard]] const config::Node* place_of_reference(
        const std::string& key, std::string_view what
    ) const {
        const config::Node* const own = written(key, what);
        const Known& person = known_.at(key);
        const bool is_in_table =
            what == "manager" && person.row != nullptr && !person.row->manager.empty();
        return own != nullptr || is_in_table ? own : written("defaults", what);
    }

    [[nodiscard]] std::string manager_of(const std::string& key) const {
        const auto found = known_.find(key);
        if (found == known_.end()) {
            return {};
        }
        const Known& person = found->second;
        if (person.own.manager) {
            return *person.own.manager;
        }
        const bool has_row = person.row != nullptr && !person.row->manager.empty();
        return has_row ? person.row->manager
                       : service::common_link(key, settings_.person_defaults.manager);
    }

    /// The first step of a way up that the configuration makes; null when all are the table's.
    [[nodiscard]] const config::Node* written_step(const std::vector<std::string>& way) const {
        for (std::size_t step = 0; step + 1 < way.size(); ++step) {
            if (const config::Node* place = place_of_reference(way[step], "manager")) {
                return place;
            }
        }
        return nullptr;
    }

    /// Reports a circle where the configuration closes it, else at its first key's row.
    void report(const service::LinkMistake& mistake) {
        const bool is_manager = mistake.about == service::LinkMistake::About::manager;
        const config::Node* const place =
            mistake.way.empty()
                ? place_of_reference(mistake.person, is_manager ? "manager" : "substitute")
                : written_step(mistake.way);
        const std::string& nobody = mistake.nobody;
        warn_at(
            place,
            mistake.person,
            mistake.message,
            nobody.empty() ? mistake.hint : did_you_mean(nobody, keys_)
        );
    }

    /// Reports a region once, at the first person who has it.
    void check_region(const std::string& key, const Known& person) {
        const std::string region = person.row == nullptr ? std::string{} : person.row->region;
        const bool is_known = region.empty() || person.own.region || settings_.holidays.empty()
                              || settings_.holidays.count(region) != 0;
        if (is_known || !lost_regions_.insert(region).second) {
            return;
        }
        const std::string common = settings_.person_defaults.region.value_or("");
        warn(
            key,
            fmt::format(
                "`holidays:` has no region `{}`: {}",
                safe(region),
                common.empty() ? "its people have no holidays"
                               : fmt::format("its people have those of `{}`", safe(common))
            ),
            "name it in `holidays:`, or say with `aliases:` of the column which region it is"
        );
    }

    void check_reach(const std::string& owner) {
        const auto found = known_.find(owner);
        if (found == known_.end()) {
            if (has_table()) {
                warn(
                    owner,
                    fmt::format("accounts are owned by `{}`, who is nobody", safe(owner)),
                    did_you_mean(owner, keys_)
                );
            }
            return;
        }
        const Known& person = found->second;
        const std::vector<std::string>& channels =
            person.own.channels.empty() ? settings_.person_defaults.channels : person.own.channels;
        std::string why = "no channel is set up for them";
        for (const std::string& channel : channels) {
            why = check_address_(channel, address_of(owner, person, channel));
            if (why.empty()) {
                return;
            }
        }
        warn(
            owner,
            fmt::format("no reminder reaches the owner `{}`: {}", safe(owner), why),
            "give them an e-mail address or `channels:`"
        );
    }

    [[nodiscard]] static std::string address_of(
        const std::string& key, const Known& person, const std::string& channel
    ) {
        const auto own = person.own.addresses.find(channel);
        if (own != person.own.addresses.end()) {
            return own->second;
        }
        const std::string imported = person.row == nullptr ? std::string{} : person.row->email;
        const std::string email = person.own.email.value_or(imported);
        return email.empty() ? key : email;
    }

    /// People that routes speak of: a reminder never goes there, and nobody would see why.
    void check_routes(const std::vector<config::Route>& routes) {
        for (const config::Route& route : routes) {
            const config::Node* whom = route.node ? route.node->find("for") : nullptr;
            for (const std::string& person : route.people) {
                check_named(
                    "a route is for", person, whom == nullptr ? nullptr : whom->find("person")
                );
            }
            for (const std::string& team : route.teams) {
                check_named(
                    "a route is for the team of",
                    team,
                    whom == nullptr ? nullptr : whom->find("team")
                );
            }
            check_routes(route.routes);
        }
    }

    /// @param list what names them, for the place; may be null
    void check_named(std::string_view where, const std::string& key, const config::Node* list) {
        if (known_.count(key) != 0 || !has_table()) {
            return;
        }
        warn_at(
            place_of_text(list, key),
            key,
            fmt::format("{} `{}`, who is nobody", where, safe(key)),
            did_you_mean(key, keys_)
        );
    }

    /// @param place where the configuration says it; null: as `warn` does
    void warn_at(
        const config::Node* place, const std::string& key, std::string message, std::string hint
    ) {
        if (place == nullptr) {
            warn(key, std::move(message), std::move(hint));
            return;
        }
        config::Report report;
        report.warning(*place, std::move(message), std::move(hint));
        findings_.push_back(report.diagnostics().front());
    }

    /// A warning at the person's row, or at the configuration as a whole for who has none.
    void warn(const std::string& key, std::string message, std::string hint) {
        Diagnostic finding;
        finding.severity = Severity::warning;
        const auto found = known_.find(key);
        const intake::PersonRow* row = found == known_.end() ? nullptr : found->second.row;
        finding.position.file =
            std::make_shared<const std::string>(row == nullptr ? settings_.file : row->file);
        finding.position.line = row == nullptr ? 0 : row->line;
        finding.message = std::move(message);
        finding.hint = std::move(hint);
        findings_.push_back(std::move(finding));
    }

    const config::Settings& settings_;
    const AddressCheck& check_address_;
    std::map<std::string, Known> known_;
    std::vector<std::string> keys_;
    std::set<std::string> lost_regions_;
    Diagnostics findings_;
};

} // namespace

Diagnostics check_people(
    const config::Settings& settings,
    const std::vector<intake::PersonRow>& rows,
    const std::vector<std::string>& owners,
    const AddressCheck& check_address
) {
    return PeopleChecker{settings, rows, check_address}.check(owners);
}

Diagnostics check_languages(
    const config::Settings& settings,
    const std::vector<intake::PersonRow>& rows,
    const message::Templates& templates
) {
    Diagnostics findings;
    std::set<std::string> seen;
    const auto look_at = [&](const std::string& language, const SourcePosition& place) {
        const std::string trouble = message::trouble_with_language(language, templates);
        if (!language.empty() && !trouble.empty() && seen.insert(language).second) {
            Diagnostic& finding = findings.emplace_back();
            finding.severity = Severity::warning;
            finding.position = place;
            finding.message = fmt::format("language `{}`: {}", escape_controls(language), trouble);
        }
    };
    look_at(settings.company.language, settings.company.language_place);
    look_at(
        settings.person_defaults.language.value_or(""), settings.person_defaults.language_place
    );
    for (const auto& [key, person] : settings.people) {
        look_at(person.language.value_or(""), person.language_place);
    }
    for (const intake::PersonRow& row : rows) {
        look_at(row.language, {std::make_shared<const std::string>(row.file), row.line, 0});
    }
    return findings;
}

Diagnostics check_people_of(
    const config::Settings& settings,
    const rules::Schema& schema,
    const message::Templates& templates
) {
    constexpr int looked_at = 200'000;
    const auto rows = intake::read_people_rows(settings, schema);
    const auto owners = rows ? intake::read_owner_keys(settings, schema, looked_at)
                             : Result<std::vector<std::string>>{rows.error()};
    if (!owners) {
        Diagnostic finding;
        finding.severity = Severity::warning;
        finding.position.file = std::make_shared<const std::string>(settings.file);
        finding.message =
            fmt::format("people and owners are not checked: {}", owners.error().message);
        return {finding};
    }
    const AddressCheck check_address = [&](std::string_view channel, std::string_view address) {
        for (const config::ChannelSettings& each : settings.channels) {
            const notify::NotifierPlugin* plugin =
                each.name == channel ? notify::find_plugin(each.type) : nullptr;
            if (plugin != nullptr) {
                return plugin->check_address(address);
            }
        }
        return fmt::format("there is no channel `{}`", channel);
    };
    Diagnostics findings = check_people(settings, *rows, *owners, check_address);
    for (Diagnostic& finding : check_languages(settings, *rows, templates)) {
        findings.push_back(std::move(finding));
    }
    return findings;
}

} // namespace reviewd::app
