#pragma once

#include "daemon/service/account_story.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/people.hpp"
#include "daemon/store/family.hpp"
#include "daemon/store/occasions.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/reviews.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// Something that happened, as the review's reason.
struct OccasionLine {
    std::string trigger;
    std::string kind; ///< of the trigger; may be empty
    std::string text; ///< in the reader's language
    std::string state;
    Date happened{};
    Date noticed{};
    std::optional<Date> contact_by; ///< open ones: the last day of the contact
};

/// A product that ages, and what that is a reason to offer.
struct AgeingLine {
    std::string product, name, need; ///< need: "replacement" or "maintenance"
    Date bought{};
    Date end{}; ///< of its lifetime
};

/// What the account owns.
struct OwnedLine {
    std::string product, name;
    Date bought{}; ///< the last time
};

/// A contract that the account has.
struct ContractLine {
    Contract contract;
    std::string name; ///< of its product; empty: it names none
};

/// A mail that invites the contact, to be sent by the owner.
struct Draft {
    std::string to; ///< may be empty
    std::string subject, text;
};

/// A subsidiary, and when it is to be reviewed itself.
struct SubsidiaryLine {
    std::string key, name;
    std::optional<Date> due;
};

/// What a call needs beside score, questions and offers.
struct CallSheet {
    std::vector<OccasionLine> occasions;
    std::vector<MissingFact> missing;
    std::vector<OwnedLine> owned;        ///< the last purchase first
    std::vector<ContractLine> contracts; ///< the next to end first
    std::vector<AgeingLine> ageing;
    std::vector<KnownProblem> known_problems;
    std::vector<store::Outcomes::ValuePoint> value_points;
    std::optional<store::ParentAccount> parent; ///< what the account is part of
    std::vector<SubsidiaryLine> subsidiaries;
    std::vector<store::LoggedContact> contacts_logged;
    std::optional<Talk> last_talk; ///< the newest contact beside reviews
    std::optional<Draft> draft;
};

/// @param story of the review's account; absent for one that is not active
/// @param reader in whose language
[[nodiscard]] CallSheet make_call_sheet(
    const Context& context,
    const Storyteller& stories,
    const AccountStory* story,
    const store::Review& review,
    const PersonProfile& reader
);

} // namespace reviewd::service
