#include "daemon/service/account_story.hpp"

#include "daemon/message/habits.hpp"
#include "daemon/store/portfolio.hpp"
#include "scoring/engine/missing_facts.hpp"
#include "scoring/engine/timeline.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace reviewd::service {

std::string product_name(
    const Context& context, const std::string& key, const std::string& language
) {
    const rules::RuleSet& rules = context.rules();
    for (const rules::Product& product : rules.products) {
        if (product.key == key && !product.name.empty()) {
            return in_language(product.name, language);
        }
    }
    return store::Portfolio{context.database, rules.schema}.product_name(key).value_or(key);
}

std::string language_for(const rules::Texts& texts, const std::string& language) {
    for (const std::string& wanted :
         {language, message::habits_of(language).language, std::string{"en"}}) {
        if (texts.count(wanted) == 1) {
            return wanted;
        }
    }
    return texts.empty() ? std::string{} : texts.begin()->first;
}

std::string in_language(const rules::Texts& texts, const std::string& language) {
    const auto found = texts.find(language_for(texts, language));
    return found == texts.end() ? std::string{} : found->second;
}

namespace {

bool is_among(const std::vector<std::string>& wanted, const std::string& one) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), one) != wanted.end();
}

/// The question in the words for this account.
const rules::Texts& worded(
    const config::Question& question,
    const std::string& level,
    const std::string& segment,
    const std::set<std::string>& owned
) {
    for (const config::QuestionVariant& variant : question.variants) {
        const bool has_product =
            variant.products.empty()
            || std::any_of(
                variant.products.begin(),
                variant.products.end(),
                [&](const std::string& product) { return owned.count(product) == 1; }
            );
        if (has_product && is_among(variant.levels, level) && is_among(variant.segments, segment)) {
            return variant.text;
        }
    }
    return question.text;
}

/// Questions whose missing answers keep a rule from being judged that might change the level.
std::set<std::string> awaited_questions(const rules::RuleSet& rules, const AccountStory& story) {
    std::set<std::string> awaited;
    for (const engine::LedgerLine& line : story.ledger.lines) {
        if (line.missing.empty() || !engine::would_change_level(rules, story.ledger, line)) {
            continue;
        }
        for (const std::uint32_t slot : engine::missing_roots(rules, story.facts, line.missing)) {
            const auto* answer = std::get_if<rules::AnswerFact>(&rules.facts.facts[slot].form);
            if (answer != nullptr) {
                awaited.insert(answer->question);
            }
        }
    }
    return awaited;
}

/// Nobody is offered the contract that they have.
void leave_out_agreed(std::vector<std::string>& offers, const std::vector<Contract>& contracts) {
    const auto is_agreed = [&](const std::string& product) {
        return std::any_of(contracts.begin(), contracts.end(), [&](const Contract& contract) {
            return contract.product == product;
        });
    };
    offers.erase(std::remove_if(offers.begin(), offers.end(), is_agreed), offers.end());
}

/// Products of contracts that are services: in the catalogue, and not ageing. They may have been
/// bought as well, as maintenance plans are. A key that the catalogue does not know may be one
/// thing of many, a typing error as well: nothing is known to be covered by it.
std::set<std::string> agreed_services(
    const std::vector<Contract>& contracts, const engine::Catalogue& catalogue
) {
    std::set<std::string> services;
    for (const Contract& contract : contracts) {
        const engine::Catalogue::Entry* const entry = catalogue.find(contract.product);
        if (entry != nullptr && !entry->lifetime) {
            services.insert(contract.product);
        }
    }
    return services;
}

} // namespace

Storyteller::Storyteller(const Context& context, Date as_of, Level level)
    : context_(context),
      level_(level),
      reader_(context.database, context.rules().schema, context.settings().company.minor_digits),
      portfolio_(reader_.read_context(as_of)),
      deriver_(context.rules(), portfolio_) {
    reader_.leave_out_past(as_of);
}

std::vector<AccountStory> Storyteller::tell(std::span<const AccountId> accounts) {
    const rules::RuleSet& rules = context_.rules();
    store::Scores scores{context_.database};
    std::vector<AccountStory> stories;
    for (store::AccountEntry& entry : reader_.read(accounts)) {
        AccountStory story;
        story.id = entry.id;
        story.owner = entry.owner;
        story.records = std::move(entry.records);
        story.facts = deriver_.derive(story.records);
        story.ledger = engine::explain(rules, story.facts);
        story.kept = scores.find(entry.id);
        story.level = story.ledger.score.level;
        if (story.kept && level_ == Level::in_force) {
            story.level = find_level(rules, story.kept->level).value_or(story.level);
        }
        story.cadence = engine::cadence_for(rules, story.level, story.facts);
        story.contracts = contracts_in_force(rules.schema, story.records, portfolio_.as_of);
        story.offers = engine::offers(rules, story.facts, story.records, portfolio_);
        leave_out_agreed(story.offers, story.contracts);
        stories.push_back(std::move(story));
    }
    return stories;
}

std::vector<AskedQuestion> Storyteller::questions(
    const AccountStory& story, const std::string& language
) const {
    const std::set<std::string> awaited = awaited_questions(context_.rules(), story);
    std::vector<AskedQuestion> asked;
    const std::set<std::string> owned =
        engine::owned_products(context_.rules(), story.records, portfolio_);
    const std::string& level = context_.rules().levels[story.level].name;
    const std::string segment = account_text(story, "segment");
    for (const config::Question& question : context_.configuration.agenda->questions) {
        if (question.when) {
            const cel::Value holds = cel::evaluate(*question.when, story.facts);
            const bool* is_wanted = holds.get_if<bool>();
            if (is_wanted == nullptr || !*is_wanted) {
                continue;
            }
        }
        asked.push_back(
            {&question,
             in_language(worded(question, level, segment, owned), language),
             awaited.count(question.id) == 1}
        );
    }
    std::stable_partition(asked.begin(), asked.end(), [](const AskedQuestion& one) {
        return one.would_change_level;
    });
    return asked;
}

std::string Storyteller::account_text(const AccountStory& story, std::string_view column) const {
    const rules::TableSchema& schema = context_.rules().schema[rules::Table::accounts];
    return text_in(story.records.account, schema.index_of(column)).value_or("");
}

std::vector<MissingFact> Storyteller::missing_facts(const AccountStory& story) const {
    const rules::RuleSet& rules = context_.rules();
    std::vector<MissingFact> missing;
    for (const engine::LedgerLine& line : story.ledger.lines) {
        if (line.verdict != engine::LedgerLine::Verdict::cannot_be_judged) {
            continue;
        }
        const bool matters = engine::would_change_level(rules, story.ledger, line);
        for (const std::uint32_t slot : engine::missing_roots(rules, story.facts, line.missing)) {
            const std::string& name = rules.facts.facts[slot].name;
            const auto known =
                std::find_if(missing.begin(), missing.end(), [&](const MissingFact& each) {
                    return each.fact == name;
                });
            if (known == missing.end()) {
                missing.push_back({name, rules.rules[line.index].id, matters});
            } else {
                known->would_change_level = known->would_change_level || matters;
            }
        }
    }
    std::stable_partition(missing.begin(), missing.end(), [](const MissingFact& each) {
        return each.would_change_level;
    });
    return missing;
}

std::optional<Talk> Storyteller::newest_talk(const AccountStory& story) const {
    return service::newest_talk(context_.rules().schema, story.records, portfolio_.as_of);
}

std::vector<OwnedProduct> Storyteller::owned(const AccountStory& story) const {
    return products_bought(context_.rules().schema, story.records, portfolio_.as_of);
}

std::vector<AgeingProduct> Storyteller::ageing_products(const AccountStory& story) const {
    const engine::Catalogue catalogue{context_.rules(), portfolio_};
    std::vector<AgeingProduct> devices;
    for (const OwnedProduct& one : owned(story)) {
        const engine::Catalogue::Entry* entry = catalogue.find(one.product);
        if (entry != nullptr && entry->lifetime) {
            devices.push_back({one.product, one.bought, add(one.bought, *entry->lifetime)});
        }
    }
    const std::set<std::string> services = agreed_services(story.contracts, catalogue);
    std::vector<AgeingProduct> ageing;
    for (AgeingProduct& device : devices) {
        const bool is_due = portfolio_.as_of >= add_months(device.end, -replacement_months);
        const bool is_half_old =
            portfolio_.as_of - device.bought >= (device.end - device.bought) / 2;
        device.need = is_due ? AgeingProduct::Need::replacement : AgeingProduct::Need::maintenance;
        if (is_due || (is_half_old && !is_covered(story.contracts, device.product, services))) {
            ageing.push_back(std::move(device));
        }
    }
    std::sort(ageing.begin(), ageing.end(), [](const AgeingProduct& a, const AgeingProduct& b) {
        return std::tie(a.end, a.product) < std::tie(b.end, b.product);
    });
    return ageing;
}

std::vector<KnownProblem> Storyteller::known_problems(
    const AccountStory& story, const std::string& language
) const {
    const std::set<std::string> owned =
        engine::owned_products(context_.rules(), story.records, portfolio_);
    std::vector<KnownProblem> problems;
    for (const rules::Product& product : context_.rules().products) {
        if (owned.count(product.key) == 0) {
            continue;
        }
        for (const rules::Product::Problem& problem : product.known_problems) {
            problems.push_back(
                {product.key,
                 product_name(product.key, language),
                 in_language(problem.problem, language),
                 in_language(problem.fix, language)}
            );
        }
    }
    return problems;
}

std::string Storyteller::product_name(const std::string& key, const std::string& language) const {
    return service::product_name(context_, key, language);
}

std::vector<std::string> Storyteller::tips(const AccountStory& story, const std::string& language)
    const {
    const std::set<std::string> owned =
        engine::owned_products(context_.rules(), story.records, portfolio_);
    std::vector<std::string> tips;
    for (const rules::Product& product : context_.rules().products) {
        const std::string tip = in_language(product.tip, language);
        if (owned.count(product.key) == 1 && !tip.empty()) {
            tips.push_back(tip);
        }
    }
    return tips;
}

std::vector<OpenTicket> Storyteller::open_tickets(const AccountStory& story) const {
    const rules::TableSchema& schema = context_.rules().schema[rules::Table::tickets];
    const auto& rows = story.records.rows[static_cast<std::size_t>(rules::Table::tickets)];
    std::vector<OpenTicket> open;
    for (const engine::Record& row : rows) {
        const std::optional<Date> closed = date_in(row, schema.index_of("closed"));
        const std::optional<Date> opened = date_in(row, schema.index_of("opened"));
        const bool is_open = opened && *opened <= portfolio_.as_of && !row.retired
                             && (!closed || *closed > portfolio_.as_of);
        if (is_open) {
            open.push_back(
                {text_in(row, schema.index_of("key")).value_or(""),
                 text_in(row, schema.index_of("title")).value_or(""),
                 text_in(row, schema.index_of("fix")).value_or(""),
                 *opened}
            );
        }
    }
    std::sort(open.begin(), open.end(), [](const OpenTicket& a, const OpenTicket& b) {
        return std::pair{b.opened, a.key} < std::pair{a.opened, b.key};
    });
    return open;
}

} // namespace reviewd::service
