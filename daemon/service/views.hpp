#pragma once

#include "daemon/service/call_sheet.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/dispatcher.hpp"
#include "daemon/service/importer.hpp"
#include "daemon/service/known_shares.hpp"
#include "daemon/service/owners.hpp"
#include "daemon/service/reports.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/service/rules_desk.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/service/stand_ins.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/health.hpp"
#include "daemon/store/outbox_health.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/overrides.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/scores.hpp"
#include "daemon/store/sources.hpp"
#include "daemon/store/unknown_keys.hpp"
#include "scoring/base/result.hpp"
#include "scoring/engine/ledger_text.hpp"
#include "scoring/engine/score.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::service {

/// `score`: one account, its score and why.
struct ScoreView {
    store::Account account;
    std::optional<store::AccountScore> kept; ///< in force; absent: not scored yet
    engine::FactRow facts;                   ///< by slot of RuleSet::facts
    engine::Ledger ledger;                   ///< of `as_of`; its score has the raw level
    engine::LedgerHeading heading;           ///< for engine::render_ledger
    engine::CadenceInForce cadence;
    Date as_of{};
    std::optional<store::Override> override_in_force; ///< the level is a person's
};

/// `score --history`: one account's changes.
struct ScoreHistoryView {
    store::Account account;
    std::vector<store::ScoreChange> changes; ///< latest first
    std::vector<store::Override> overrides;  ///< latest first
};

/// `due` and `plan`: one open review.
struct ReviewRow {
    store::Review review;
    store::Account account;
    rules::Points points = 0;
    bool is_judged = true; ///< false: no rule can be judged, so the level is the lowest
    /// Days after its due day, or while somebody stands in, after its latest day if that is more;
    /// on the owner's today; else 0.
    int days_late = 0;
    std::optional<StandIn> stand_in; ///< who has the contact now; absent: the owner
    /// When it was agreed, on the owner's clock: "2026-11-24 10:30", without the time when none was
    /// named; empty: no appointment.
    std::string appointment_local;
    std::optional<Date>
        next_try; ///< after a call that failed, for which it waits; absent: it does not
    bool is_due_on_working_day = true; ///< of the owner; an appointment may lie on another
};

/// `due`: something promised to a customer that is not kept yet.
struct PromiseRow {
    store::Promise promise;
    store::Account account;
};

/// A question to ask, in the owner's language.
struct AgendaLine {
    std::string id, topic, text;
    bool would_change_level = false; ///< its answer is missing, and a rule waits for it
};

/// An offer, or a tip when there is nothing to offer.
struct OfferLine {
    std::string product, name, sets_apart;
};

/// A problem the customer has now.
struct TicketLine {
    std::string key, title, fix;
    Date opened{};
};

/// Who got the account while the review was open, and still has it.
struct HandoverLine {
    std::string from,
        from_name; ///< key and name of who gave it; "none" and "nobody": nobody had it
    std::string to, to_name;
    Date day{};
    std::string who;     ///< did it
    std::string because; ///< may be empty
};

/// `review show`: all that a person needs for the call.
struct ReviewView {
    ReviewRow row;
    ScoreView score;
    std::vector<store::Contact> contacts;
    std::vector<AgendaLine> agenda;
    std::vector<OfferLine> offers;
    std::vector<std::string> tips;
    std::vector<TicketLine> tickets;          ///< open ones, newest first
    std::optional<store::Review> last;        ///< the last one held
    std::vector<engine::Answer> last_answers; ///< its answers, where it is another one than this
    std::vector<store::Promise> promises;
    std::vector<store::ContactAttempt> attempts;
    std::vector<engine::Answer> answers; ///< of this review, when it is done
    std::vector<store::ReviewEvent> history;
    std::optional<HandoverLine> handover; ///< the last one
    std::string invitation;               ///< the script, in the owner's language; may be empty
    std::string free_review;
    CallSheet sheet;
};

struct SourceView {
    store::Source source;
    config::SourceSettings settings;
    bool is_stale = false;              ///< its last success is older than `stale_after`
    std::optional<TimePoint> next;      ///< when it is read again; absent: on change
    store::UnknownReferences unknown{}; ///< of its rows, as the last import left them
};

/// `status`.
struct StatusView {
    store::Health health;
    std::vector<SourceView> sources;
    std::vector<std::pair<std::string, std::int64_t>> levels; ///< accounts, highest level first
    KnownShares known;
    std::vector<PausedChannel> paused;
    std::vector<store::Import> imports_held;
    std::optional<HeldLevels> levels_held;
    std::vector<LateReview> late;
    std::vector<std::string> lost_zones;     ///< see People
    std::vector<std::string> lost_regions;   ///< likewise
    std::vector<std::string> lost_languages; ///< likewise
    std::vector<std::string> lost_links;     ///< likewise
    std::vector<std::string> lost_channels;  ///< see lost_channels.hpp
    std::optional<std::string> restored;     ///< when a backup was restored that holds deliveries
    std::optional<TimePoint> last_backup;
    std::optional<store::Drill> last_drill;
    std::optional<std::string> rules_version; ///< "v3"
    config::RulesSettings rules_settings;
    std::optional<WaitingRules> rules_waiting;
    std::vector<RulesDrift> rules_drift;      ///< from the files
    std::optional<store::RulesVersionId> rules_dropped; ///< what the files hold; see passed_over()
    std::vector<IdleOverride> overrides_idle; ///< by the rules in force
};

/// `people`.
struct PersonView {
    PersonProfile profile;
    std::int64_t accounts = 0;
    std::int64_t open_reviews = 0;
    std::int64_t overdue = 0;
};

/// A delivery with what it carries and how it went.
struct DeliveryView {
    store::Delivery delivery;
    std::string person_key; ///< empty: of nobody
    std::vector<store::Reminder> reminders;
    std::vector<store::DeliveryAttempt> attempts;
};

/// What people ask for. Reads only.
class Views {
public:
    Views(
        const Context& context,
        const Rescorer& rescorer,
        const Scheduler& scheduler,
        Dispatcher& dispatcher,
        const RulesDesk& rules,
        const PortfolioColumns& columns
    )
        : context_(context),
          rescorer_(rescorer),
          scheduler_(scheduler),
          dispatcher_(dispatcher),
          rules_(rules),
          columns_(columns) {}

    /// @param account its key, its name or a part of it
    /// @param as_of absent: today. A past day: from what was known then, with the level and the
    /// cadence that those facts give
    /// @errors `not_found`; `conflict` with the candidates; `usage` for a day that lies ahead
    [[nodiscard]] Result<ScoreView> score(
        const std::string& account, std::optional<Date> as_of, TimePoint now
    ) const;
    /// @errors as score
    [[nodiscard]] Result<ScoreHistoryView> score_history(const std::string& account, int limit)
        const;
    /// Scored accounts from the highest score down. @param limit at least 1
    [[nodiscard]] std::vector<AccountId> highest(int limit) const;
    /// Of these accounts, in their order; who is not active (any more) is left out.
    [[nodiscard]] std::vector<ScoreView> scores(std::span<const AccountId> accounts, TimePoint now)
        const;

    /// Open reviews due until a day (absent: today, each in its owner's zone), latest ones first;
    /// with those that somebody stands in for, whose contact does not wait for their owner.
    /// @param owner whose own they are, or who stands in: key or name of a person; "none": of
    /// nobody; empty: of all
    /// @errors `not_found`, `conflict` for the owner
    [[nodiscard]] Result<std::vector<ReviewId>> due(
        const std::string& owner, std::optional<Date> until, TimePoint now
    ) const;
    /// All open reviews by due day. @errors as due
    [[nodiscard]] Result<std::vector<ReviewId>> plan(const std::string& owner) const;
    /// Of these reviews, in their order; what is not open (any more) is left out.
    [[nodiscard]] std::vector<ReviewRow> rows(std::span<const ReviewId> reviews, TimePoint now)
        const;
    /// Open promises of these accounts that are for a day until then, by that day. @errors as due
    [[nodiscard]] Result<std::vector<PromiseRow>> promises_due(
        const std::string& owner, std::optional<Date> until, TimePoint now
    ) const;
    /// @param review as for find_review
    /// @errors as find_review
    [[nodiscard]] Result<ReviewView> review(const std::string& review, TimePoint now) const;
    /// @errors `not_found`
    [[nodiscard]] Result<ReviewView> review(ReviewId id, TimePoint now) const;
    /// The account or the person that is meant. @errors `not_found`, `conflict`
    [[nodiscard]] Result<store::Account> find_account(const std::string& account) const;
    [[nodiscard]] Result<PersonId> find_person(const std::string& person) const;
    /// See service::find_giver.
    [[nodiscard]] Result<Owner> find_giver(const std::string& owner) const;
    /// The name of the person with that key; empty when there is none.
    [[nodiscard]] std::string name_of(const std::string& person) const;
    /// Who did what, newest first. @errors `not_found` when nobody called as the filter says did
    /// anything, nor is a person
    [[nodiscard]] Result<std::vector<store::TrailEntry>> trail(const store::TrailFilter& filter
    ) const;
    /// See make_report.
    [[nodiscard]] Result<Report> report(
        std::optional<Date> from, std::optional<Date> to, TimePoint now
    ) const;
    /// See find_named_review.
    [[nodiscard]] Result<ReviewId> find_review(const std::string& review) const;
    /// The account's open review, if any.
    [[nodiscard]] std::optional<ReviewId> open_review(AccountId account) const;

    /// The shares of known facts, of which count() may have to read every account.
    enum class Shares { count, if_in_memory, leave_out };
    /// @param counted what was counted beside the work, over another connection; without it, it is
    /// counted here
    [[nodiscard]] StatusView status(
        Shares shares, TimePoint now, const store::Health* counted = nullptr
    ) const;
    [[nodiscard]] std::vector<store::Import> imports_held() const;
    /// What rows of the source of that name name and no source has, as the last import left them.
    [[nodiscard]] store::UnknownReferences unknown_references(std::string_view source) const;
    [[nodiscard]] std::vector<PersonView> people(TimePoint now) const;

    [[nodiscard]] std::vector<store::Delivery> deliveries(const store::DeliveryFilter& filter
    ) const;
    /// @errors `not_found`
    [[nodiscard]] Result<DeliveryView> delivery(DeliveryId id) const;
    /// @param key of a person @errors `not_found`
    [[nodiscard]] Result<PersonId> person(std::string_view key) const;

private:
    const Context& context_;
    const Rescorer& rescorer_;
    const Scheduler& scheduler_;
    Dispatcher& dispatcher_;
    const RulesDesk& rules_;
    const PortfolioColumns& columns_;
};

} // namespace reviewd::service
