#include "daemon/simulation/fault.hpp"

#include <algorithm>
#include <cmath>

namespace reviewd::simulation {
namespace {

constexpr std::array<std::string_view, fault_count> fault_names{
    "process-crash", "power-loss",    "crash-sending", "disk-full",     "sync-error",
    "clock-step",    "downtime",      "feed-broken",   "feed-missing",  "feed-shrunk",
    "rules-reload",  "people-reload", "owner-leaves",  "account-churn", "overload",
    "flapping",      "forgetful",     "moody",         "channel-down",  "channel-refuses",
    "channel-flaky", "answer-late",   "answer-lost",   "leave",         "handover",
    "merges",        "manager-change"};

std::size_t index_of(Fault fault) {
    return static_cast<std::size_t>(fault);
}

} // namespace

std::string_view name(Fault fault) {
    return fault_names[index_of(fault)];
}

std::optional<Fault> find_fault(std::string_view name) {
    const auto* const found = std::find(fault_names.begin(), fault_names.end(), name);
    return found == fault_names.end()
               ? std::nullopt
               : std::optional{static_cast<Fault>(found - fault_names.begin())};
}

const std::vector<Fault>& all_faults() {
    static const std::vector<Fault> all = [] {
        std::vector<Fault> faults;
        for (std::size_t i = 0; i < fault_count; ++i) {
            faults.push_back(static_cast<Fault>(i));
        }
        return faults;
    }();
    return all;
}

FaultPlan::FaultPlan(std::uint64_t seed, const Set& possible, const Set& certain) {
    Random random{seed, "faults"};
    for (std::size_t i = 0; i < fault_count; ++i) {
        const bool is_chosen = random.chance(0.5);
        const double rate = std::exp2(3.2 * random.share() - 1.6);
        chosen_[i] = certain[i] || (possible[i] && is_chosen);
        rates_[i] = certain[i] ? 3 : rate;
    }
}

bool FaultPlan::has(Fault fault) const {
    return !is_over_ && chosen_[index_of(fault)];
}

double FaultPlan::chance(Fault fault, double usual) const {
    return has(fault) ? usual * rates_[index_of(fault)] : 0;
}

std::vector<Fault> FaultPlan::chosen() const {
    std::vector<Fault> faults;
    for (const Fault fault : all_faults()) {
        if (chosen_[index_of(fault)]) {
            faults.push_back(fault);
        }
    }
    return faults;
}

} // namespace reviewd::simulation
