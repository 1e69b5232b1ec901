#pragma once

#include "daemon/simulation/random.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace reviewd::simulation {

/// A kind of trouble. Each seed switches some of them on, each at a rate of its own, so that rare
/// ones are not drowned by frequent ones.
enum class Fault {
    process_crash,   ///< the process dies at some write
    power_loss,      ///< so does the machine: what was not synced is partly gone
    crash_sending,   ///< the process dies around the moment a peer accepts
    disk_full,       ///< no write succeeds for some hours
    sync_error,      ///< one sync fails, and the process ends as it must
    clock_step,      ///< the clock is corrected by less than three hours, forth or back
    downtime,        ///< the machine is off for days or weeks
    feed_broken,     ///< a source's file is cut off, or is no CSV
    feed_missing,    ///< a source's file is not there
    feed_shrunk,     ///< a source's file has lost a third of its accounts
    rules_reload,    ///< a manager changes points and cadences
    people_reload,   ///< capacities, zones, holidays and leave change
    owner_leaves,    ///< somebody leaves, and the accounts pass on
    account_churn,   ///< accounts come, vanish, come back and change owners
    overload,        ///< one owner gets far more accounts than there is room for
    flapping,        ///< facts move scores over the edge of a level again and again
    forgetful,       ///< people do not do their reviews, or do not say so
    moody,           ///< people snooze, reschedule, skip, reopen, and type wrong things
    channel_down,    ///< a channel refuses every connection for hours or days
    channel_refuses, ///< a channel finds itself misconfigured
    channel_flaky,   ///< deliveries fail for a moment, are rejected, or time out
    answer_late,     ///< the answer comes after hours
    answer_lost,     ///< the receiver accepted, and the answer got lost
    leave,           ///< people go on leave, and come back sooner
    handover,        ///< accounts and whole portfolios are given to another owner
    merges,          ///< two accounts turn out to be one
    manager_change,  ///< an owner gets another manager
};
inline constexpr std::size_t fault_count = 27;

[[nodiscard]] std::string_view name(Fault fault);
[[nodiscard]] std::optional<Fault> find_fault(std::string_view name);
[[nodiscard]] const std::vector<Fault>& all_faults();

/// Which faults one run has.
class FaultPlan {
public:
    using Set = std::bitset<fault_count>;

    /// About half of `possible`, chosen by the seed, and all of `certain`.
    FaultPlan(std::uint64_t seed, const Set& possible, const Set& certain);

    [[nodiscard]] bool has(Fault fault) const;
    /// `usual` probability times the fault's rate in this run (about 0.3 … 3); 0 when it is off.
    [[nodiscard]] double chance(Fault fault, double usual) const;
    /// From now on there is no trouble any more.
    void end() { is_over_ = true; }
    [[nodiscard]] bool is_over() const { return is_over_; }
    [[nodiscard]] std::vector<Fault> chosen() const;

private:
    Set chosen_;
    std::array<double, fault_count> rates_{};
    bool is_over_ = false;
};

} // namespace reviewd::simulation
