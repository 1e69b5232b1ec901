#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

enum class OccasionState {
    open,     ///< a contact is wanted; pulls the review nearer
    deferred, ///< a person chose another day, knowing of it; still a reason
    answered, ///< the customer was contacted since
    gone,     ///< what set it off is no more
};

[[nodiscard]] std::string_view name(OccasionState state) noexcept;

/// Whether it is still a reason for a contact.
[[nodiscard]] constexpr bool is_pending(OccasionState state) noexcept {
    return state == OccasionState::open || state == OccasionState::deferred;
}

/// A trigger's event on one account.
struct Occasion {
    std::int64_t id = 0; ///< given by insert
    AccountId account;
    std::string trigger; ///< its id
    std::string event;   ///< what makes it the same event: a row's key, a date
    Date happened{};
    Date noticed{};
    std::string detail; ///< for people: "73 -> 50"; may be empty
    OccasionState state = OccasionState::open;
    bool stands = true; ///< what set it off was still so at the last look
    std::optional<Date> ended;
};

/// From where a score's jump or fall is measured.
struct ScoreMark {
    AccountId account;
    rules::Points points = 0;
    RulesVersionId rules_version;
    Date day{};
};

/// What set off triggers. Events are never forgotten: that is what makes each fire once.
class Occasions {
public:
    explicit Occasions(Connection& connection) : connection_(connection) {}

    /// Those that are open or deferred, or still stand, by account and id.
    [[nodiscard]] std::vector<Occasion> live(AccountId account);
    /// Likewise of all accounts from `first` to `last`.
    [[nodiscard]] std::vector<Occasion> live(AccountId first, AccountId last);
    /// The event of that key, whatever became of it.
    [[nodiscard]] std::optional<Occasion> find(
        AccountId account, std::string_view trigger, std::string_view event
    );
    /// Whether any account has a live one.
    [[nodiscard]] bool has_live();
    /// Newest first.
    [[nodiscard]] std::vector<Occasion> history(AccountId account, int limit = 50);

    /// @returns the new id
    /// @pre there is none of that account, trigger and event
    std::int64_t insert(const Occasion& occasion);
    /// Writes noticed, detail, state, stands and ended.
    void update(const Occasion& occasion);

    [[nodiscard]] std::optional<ScoreMark> mark(AccountId account);
    void set_mark(const ScoreMark& mark);

private:
    Connection& connection_;
};

} // namespace reviewd::store
