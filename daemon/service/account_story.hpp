#pragma once

#include "daemon/service/account_rows.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/judge_account.hpp"
#include "daemon/store/account_reader.hpp"
#include "scoring/engine/catalogue.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/score.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// All there is to tell about one account as of a day.
struct AccountStory {
    AccountId id;
    PersonId owner;
    engine::AccountRecords records;
    engine::FactRow facts;
    engine::Ledger ledger; ///< its score has the raw level
    std::optional<store::AccountScore> kept;
    std::size_t level = 0; ///< see Storyteller::Level
    engine::CadenceInForce cadence;
    std::vector<Contract> contracts; ///< see contracts_in_force
    std::vector<std::string> offers; ///< keys of products; none that there is a contract of already
};

/// A question of the agenda that is to be asked.
struct AskedQuestion {
    const config::Question* question = nullptr;
    std::string text;
    bool would_change_level = false; ///< a rule cannot be judged before it is answered
};

/// An open ticket, in words.
struct OpenTicket {
    std::string key, title, fix;
    Date opened{};
};

/// A fact without which a rule cannot be judged.
struct MissingFact {
    std::string fact;
    std::string rule; ///< the first one that waits for it
    bool would_change_level = false;
};

/// A product so close to the end of its lifetime that a replacement is due: half a year.
inline constexpr int replacement_months = 6;

/// A product that the account owns and that ages.
struct AgeingProduct {
    enum class Need {
        replacement, ///< its lifetime ends within half a year, or has ended
        maintenance, ///< half of its lifetime is over and no contract covers it: see is_covered
    };
    std::string product; ///< key
    Date bought{};
    Date end{}; ///< of its lifetime
    Need need = Need::maintenance;
};

/// What people complain about in a product that the account owns, with what helps.
struct KnownProblem {
    std::string product; ///< key
    std::string name;
    std::string problem, fix;
};

/// Reads accounts and tells their stories. Short-lived: it looks at one configuration and one day.
class Storyteller {
public:
    /// Which level a story has, and so which cadence.
    enum class Level {
        in_force, ///< what is kept now; the raw one of accounts that are not scored yet
        raw,      ///< what the day's facts give: what is kept now says nothing of another day
    };

    Storyteller(const Context& context, Date as_of, Level level = Level::in_force);

    /// Those of these accounts that are active, by id.
    [[nodiscard]] std::vector<AccountStory> tell(std::span<const AccountId> accounts);

    /// Questions whose condition holds, in the agenda's order and in the words for this account;
    /// those whose answers might change the level first.
    [[nodiscard]] std::vector<AskedQuestion> questions(
        const AccountStory& story, const std::string& language
    ) const;
    [[nodiscard]] std::string product_name(const std::string& key, const std::string& language)
        const;
    /// How to use better what is owned: one tip per owned product that has one.
    [[nodiscard]] std::vector<std::string> tips(
        const AccountStory& story, const std::string& language
    ) const;
    /// Those that might change the level first.
    [[nodiscard]] std::vector<MissingFact> missing_facts(const AccountStory& story) const;
    /// See service::newest_talk.
    [[nodiscard]] std::optional<Talk> newest_talk(const AccountStory& story) const;
    /// What the account has bought, the last purchase first.
    [[nodiscard]] std::vector<OwnedProduct> owned(const AccountStory& story) const;
    /// The next to reach its end first.
    [[nodiscard]] std::vector<AgeingProduct> ageing_products(const AccountStory& story) const;
    [[nodiscard]] std::vector<KnownProblem> known_problems(
        const AccountStory& story, const std::string& language
    ) const;
    /// Newest first.
    [[nodiscard]] std::vector<OpenTicket> open_tickets(const AccountStory& story) const;

    /// What a column of the account's own row says; empty when it is none of text.
    [[nodiscard]] std::string account_text(const AccountStory& story, std::string_view column)
        const;

    [[nodiscard]] const engine::PortfolioContext& portfolio() const { return portfolio_; }

private:
    const Context& context_;
    Level level_;
    store::AccountReader reader_;
    engine::PortfolioContext portfolio_;
    engine::FactDeriver deriver_;
};

/// What the rules or the product table call the product of that key; the key when neither does.
[[nodiscard]] std::string product_name(
    const Context& context, const std::string& key, const std::string& language
);

/// The language in which somebody who reads `language` gets the text: that one, else what it is a
/// form of (`bn` of "bn-BD" and "BN"), else English, else any; empty when there is none.
[[nodiscard]] std::string language_for(const rules::Texts& texts, const std::string& language);

/// The text in that language; empty when there is none.
[[nodiscard]] std::string in_language(const rules::Texts& texts, const std::string& language);

} // namespace reviewd::service
