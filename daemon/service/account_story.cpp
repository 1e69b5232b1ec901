#include "daemon/service/account_story.hpp"

#include <algorithm>
#include <set>

namespace reviewd::service {
namespace {

std::optional<std::string> text_at(
    const engine::Record& record, std::optional<std::size_t> column
) {
    if (!column || *column >= record.values.size()) {
        return std::nullopt;
    }
    const auto* text = record.values[*column].get_if<std::string>();
    return text == nullptr ? std::nullopt : std::optional{*text};
}

std::optional<Date> date_at(const engine::Record& record, std::optional<std::size_t> column) {
    if (!column || *column >= record.values.size()) {
        return std::nullopt;
    }
    const auto* time = record.values[*column].get_if<cel::Timestamp>();
    constexpr std::int64_t day_seconds = 86'400;
    return time == nullptr
               ? std::nullopt
               : std::optional{from_day_number(static_cast<int>(time->seconds / day_seconds))};
}

/// Questions whose missing answers keep a rule from being judged.
std::set<std::string> awaited_questions(const rules::RuleSet& rules, const engine::Ledger& ledger) {
    std::set<std::string> awaited;
    for (const engine::LedgerLine& line : ledger.lines) {
        for (const std::uint32_t slot : line.missing) {
            const auto* answer = std::get_if<rules::AnswerFact>(&rules.facts.facts[slot].form);
            if (answer != nullptr) {
                awaited.insert(answer->question);
            }
        }
    }
    return awaited;
}

} // namespace

std::string in_language(const rules::Texts& texts, const std::string& language) {
    for (const std::string& wanted : {language, std::string{"en"}}) {
        const auto found = texts.find(wanted);
        if (found != texts.end()) {
            return found->second;
        }
    }
    return texts.empty() ? std::string{} : texts.begin()->second;
}

Storyteller::Storyteller(const Context& context, Date as_of)
    : context_(context),
      reader_(context.database, context.rules().schema, context.settings().company.minor_digits),
      portfolio_(reader_.read_context(as_of)),
      deriver_(context.rules(), portfolio_) {}

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
        if (story.kept) {
            story.level = find_level(rules, story.kept->level).value_or(story.level);
        }
        story.cadence = engine::cadence_for(rules, story.level, story.facts);
        story.offers = engine::offers(rules, story.facts, story.records, portfolio_);
        stories.push_back(std::move(story));
    }
    return stories;
}

std::vector<AskedQuestion> Storyteller::questions(
    const AccountStory& story, const std::string& language
) const {
    const std::set<std::string> awaited = awaited_questions(context_.rules(), story.ledger);
    std::vector<AskedQuestion> asked;
    for (const config::Question& question : context_.configuration.agenda->questions) {
        if (question.when) {
            const cel::Value holds = cel::evaluate(*question.when, story.facts);
            const bool* is_wanted = holds.get_if<bool>();
            if (is_wanted == nullptr || !*is_wanted) {
                continue;
            }
        }
        asked.push_back(
            {&question, in_language(question.text, language), awaited.count(question.id) == 1}
        );
    }
    std::stable_partition(asked.begin(), asked.end(), [](const AskedQuestion& one) {
        return one.would_change_level;
    });
    return asked;
}

std::string Storyteller::product_name(const std::string& key, const std::string& language) const {
    for (const rules::Product& product : context_.rules().products) {
        if (product.key == key && !product.name.empty()) {
            return in_language(product.name, language);
        }
    }
    const rules::TableSchema& schema = context_.rules().schema[rules::Table::products];
    for (const engine::Record& record : portfolio_.products) {
        if (text_at(record, schema.index_of(rules::ColumnRole::key)) == key) {
            return text_at(record, schema.index_of("name")).value_or(key);
        }
    }
    return key;
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
        const std::optional<Date> closed = date_at(row, schema.index_of("closed"));
        const std::optional<Date> opened = date_at(row, schema.index_of("opened"));
        const bool is_open = opened && *opened <= portfolio_.as_of && !row.retired
                             && (!closed || *closed > portfolio_.as_of);
        if (is_open) {
            open.push_back(
                {text_at(row, schema.index_of("key")).value_or(""),
                 text_at(row, schema.index_of("title")).value_or(""),
                 text_at(row, schema.index_of("fix")).value_or(""),
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
