#pragma once

#include "daemon/simulation/machine.hpp"
#include "daemon/simulation/model.hpp"
#include "daemon/simulation/peers.hpp"
#include "daemon/simulation/plan.hpp"
#include "daemon/simulation/violation.hpp"
#include "daemon/store/inspection.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/base/date.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace reviewd::simulation {

/// Watches the invariants. `now` is what the daemon's clock shows. A broken one is thrown as
/// Violated.
class Checker {
public:
    Checker(Machine& machine, const Model& model, const Peers& peers, Plan::FileChecks file_checks)
        : machine_(machine), model_(model), peers_(peers), file_checks_(file_checks) {}

    /// The daemon says that nothing is left to do now. @param under_way attempts without an answer
    void when_idle(TimePoint now, std::size_t under_way);
    /// The plan and the scores against the model; dear, so not after every step.
    void when_looked_at(TimePoint now);
    /// After a new process has recovered what the old one left.
    void when_restarted(TimePoint now);
    void when_claimed(const service::SendOrder& order, TimePoint now);
    void when_accepted(const service::SendOrder& order, TimePoint now);
    void when_answered(const service::SendOrder& order, notify::Verdict verdict, TimePoint now);
    /// A person's change was acknowledged, and left this review so.
    void when_acknowledged(const store::Review& review);
    /// The faults have been over for `days`.
    void when_quiet(TimePoint now, int days);
    void at_the_end(TimePoint now);

    /// Nothing can be said about people's days until the daemon has read what changed.
    void forget_configuration(Date today) { configured_ = today; }

    [[nodiscard]] std::map<std::string, std::int64_t> counts() const {
        return {counts_.begin(), counts_.end()};
    }

    /// The account's key in the customer system.
    [[nodiscard]] const std::string& key_of(AccountId account);
    /// The person's key; empty for nobody.
    [[nodiscard]] const std::string& key_of(PersonId person);

private:
    struct Seen {
        AccountId account;
        Date due{};
        int version = 0;
        int occurrence = 1;
    };

    [[noreturn]] void break_off(
        TimePoint now, std::string_view invariant, std::string expected, std::string found
    ) const;
    void count(std::string_view invariant);
    /// @param expected @param found texts, or functions that make them: only a broken promise is
    /// told
    template <class Expected, class Found>
    void expect(
        bool holds,
        TimePoint now,
        std::string_view invariant,
        const Expected& expected,
        const Found& found
    ) {
        count(invariant);
        if (!holds) {
            break_off(now, invariant, text_of(expected), text_of(found));
        }
    }
    template <class Text>
    [[nodiscard]] static std::string text_of(const Text& text) {
        if constexpr (std::is_invocable_v<const Text&>) {
            return std::string{text()};
        } else {
            return std::string{text};
        }
    }
    [[nodiscard]] bool is_file_checked();
    void check_tables(TimePoint now, store::InspectionDepth depth);
    void check_review(const store::Review& review, TimePoint now);
    void check_window(const store::Review& review, const std::string& account, TimePoint now);
    void check_capacity(const std::vector<store::Review>& open, TimePoint now);
    void check_scores(TimePoint now);
    void check_flapping(store::Scores& scores, AccountId account, TimePoint now);
    void check_spacing(const service::SendOrder& order, TimePoint now);
    void check_moment(const store::Delivery& delivery, TimePoint now);
    void check_recipient(
        const service::SendOrder& order, const std::string& reminder, TimePoint now
    );
    [[nodiscard]] bool is_settled(Date today) const;
    [[nodiscard]] bool is_named_late(AccountId account, TimePoint now);
    [[nodiscard]] std::string told(const store::Review& review);

    Machine& machine_;
    const Model& model_;
    const Peers& peers_;
    Plan::FileChecks file_checks_;
    int restarts_ = 0;      ///< with all pages as they were written
    int torn_restarts_ = 0; ///< with pages that may be torn
    std::map<std::string, std::int64_t, std::less<>> counts_;
    std::map<AccountId, std::string> accounts_;
    std::map<PersonId, std::string> people_;
    std::map<ReviewId, Seen> seen_;
    std::map<AccountId, std::pair<std::string, Date>> levels_; ///< as of the last look, and since
    std::optional<Date> looked_;                               ///< when that was, in UTC
    std::map<ReviewId, store::Review> acknowledged_;
    std::map<std::string, std::string> message_ids_; ///< by the delivery's key
    std::map<std::string, std::string> texts_;       ///< a fingerprint, by the delivery's key
    // By the delivery: what a person sends again keeps its key and goes out at once.
    std::map<DeliveryId, TimePoint> answered_; ///< last attempt of this process that failed
    std::set<DeliveryId> refused_;             ///< those that were refused for good
    /// The first message of each person, channel and digest that was claimed.
    std::map<std::tuple<PersonId, std::string, std::string>, DeliveryId> digests_;
    std::optional<std::set<AccountId>> late_; ///< as of this look
    std::optional<Date> configured_;
};

} // namespace reviewd::simulation
