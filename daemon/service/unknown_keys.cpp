#include "daemon/service/unknown_keys.hpp"

#include "daemon/store/sources.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <vector>

namespace reviewd::service {
namespace {

struct Finding {
    SourceId source;
    std::string name;
    store::UnknownReferences before;
    store::UnknownReferences now;
};

/// Other examples of as many rows are no news, and neither is that all is well again.
bool is_news(const Finding& finding) {
    const auto is_other = [](const store::UnknownKeys& before, const store::UnknownKeys& now) {
        return now.rows > 0 && (before.rows != now.rows || before.are_more != now.are_more);
    };
    return is_other(finding.before.accounts, finding.now.accounts)
           || is_other(finding.before.products, finding.now.products);
}

std::string describe(const Finding& finding) {
    std::string words = describe(UnknownThing::account, finding.now.accounts);
    const std::string products = describe(UnknownThing::product, finding.now.products);
    words += words.empty() || products.empty() ? "" : "; ";
    return fmt::format("{}: {}{}", finding.name, words, products);
}

/// Those of which there is something else to say than was kept.
std::vector<Finding> find_changes(
    store::Database& database,
    const config::Settings& settings,
    const std::map<SourceId, store::UnknownKeys>& accounts
) {
    store::Sources sources{database};
    store::UnknownKeyNotes notes{database};
    std::vector<Finding> changes;
    for (const config::SourceSettings& each : settings.sources) {
        const std::optional<store::Source> source = sources.find(each.name);
        if (!source) {
            continue;
        }
        Finding finding{source->id, each.name, notes.find(source->id), {}};
        const auto unlinked = accounts.find(source->id);
        if (unlinked != accounts.end()) {
            finding.now.accounts = unlinked->second;
        }
        finding.now.products = notes.products(source->id);
        if (finding.now != finding.before) {
            changes.push_back(std::move(finding));
        }
    }
    return changes;
}

} // namespace

std::string describe(UnknownThing thing, const store::UnknownKeys& unknown) {
    if (unknown.rows == 0) {
        return {};
    }
    std::string keys;
    for (const std::string& key : unknown.keys) {
        keys += fmt::format("{}`{}`", keys.empty() ? "" : ", ", escape_controls(key));
    }
    const std::string_view what = thing == UnknownThing::account ? "account" : "product";
    const bool is_one = unknown.rows == 1 && !unknown.are_more;
    return fmt::format(
        "{}{} {}{} that no source has ({}{})",
        unknown.are_more ? "at least " : "",
        is_one ? "a row names" : fmt::format("{} rows name", unknown.rows),
        is_one ? (thing == UnknownThing::account ? "an " : "a ") : "",
        is_one ? std::string{what} : fmt::format("{}s", what),
        unknown.keys.size() == store::unknown_keys_named ? "such as "
                                                         : "", // else it is all of them
        keys
    );
}

Result<void> note_unknown_keys(
    Context& context,
    const config::Settings& settings,
    const std::map<SourceId, store::UnknownKeys>& accounts
) {
    const std::vector<Finding> changes = find_changes(context.database, settings, accounts);
    if (changes.empty()) {
        return {};
    }
    const Result<void> kept = store::write(context.database, [&]() -> Result<void> {
        for (const Finding& change : changes) {
            store::UnknownKeyNotes{context.database}.keep(change.source, change.now);
        }
        return {};
    });
    if (!kept.has_value()) {
        return kept;
    }
    for (const Finding& change : changes) {
        if (is_news(change)) {
            context.note(LogEvent::import_unknown_keys, describe(change));
        }
    }
    return {};
}

} // namespace reviewd::service
