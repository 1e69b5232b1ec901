#include "daemon/simulation/model.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace reviewd::simulation {
namespace {

using std::chrono::days;

constexpr int base_points = 20;
constexpr int high_from = 60;
constexpr int medium_from = 35;

std::chrono::year_month_day civil_parts(Date day) {
    return std::chrono::year_month_day{day};
}

} // namespace

namespace {

Date walk_months(Date day, int months, unsigned anchor) {
    // Walk day by day into the month that is meant, and on to the anchor or the month's last day.
    const auto index = [](Date date) {
        return static_cast<int>(civil_parts(date).year()) * 12
               + static_cast<int>(static_cast<unsigned>(civil_parts(date).month()));
    };
    const int wanted = index(day) + months;
    while (index(day) < wanted) {
        day += days{1};
    }
    while (index(day) > wanted) {
        day -= days{1};
    }
    while (static_cast<unsigned>(civil_parts(day).day()) > 1) {
        day -= days{1};
    }
    while (static_cast<unsigned>(civil_parts(day).day()) < anchor && index(day + days{1}) == wanted
    ) {
        day += days{1};
    }
    return day;
}

} // namespace

Date months_later(Date day, int months, unsigned anchor) {
    // The same walks are asked for again and again.
    static std::unordered_map<std::uint64_t, Date> walked;
    const auto number = static_cast<std::uint32_t>(to_day_number(day));
    const auto distance = static_cast<std::uint16_t>(months);
    const auto [known, is_new] =
        walked.try_emplace(std::uint64_t{number} << 32U | std::uint64_t{distance} << 8U | anchor);
    if (is_new) {
        known->second = walk_months(day, months, anchor);
    }
    return known->second;
}

void Model::imported(const std::string& source, const Export& read) {
    if (source == "accounts") {
        customers_.clear();
        for (const auto& [key, customer] : read.customers) {
            if (customer.is_listed && merged_.count(key) == 0) {
                customers_[key] = customer;
            }
        }
        for (auto handover = handovers_.begin(); handover != handovers_.end();) {
            const auto told = customers_.find(handover->first);
            const bool is_over =
                told != customers_.end() && told->second.owner != handover->second.named;
            handover = is_over ? handovers_.erase(handover) : std::next(handover);
        }
    } else if (source == "people") {
        people_ = read.people;
    } else if (source == "purchases") {
        for (const Purchase& one : read.purchases) {
            buy(one); // only what is new or changed is in it
        }
    } else if (source == "tickets") {
        tickets_.clear();
        for (const Ticket& one : read.tickets) {
            tickets_[one.key] = one;
            tickets_[one.key].account = living(one.account);
        }
    }
}

void Model::buy(const Purchase& one) {
    const auto [kept, is_new] = purchases_.try_emplace(one.key, one);
    const std::string former = is_new ? std::string{} : kept->second.account;
    kept->second = one;
    kept->second.account = living(one.account);
    if (former == kept->second.account) {
        return;
    }
    if (!is_new) {
        std::erase(bought_[former], &kept->second);
    }
    bought_[kept->second.account].push_back(&kept->second);
}

void Model::sort_purchases() {
    bought_.clear();
    for (const auto& [key, purchase] : purchases_) {
        bought_[purchase.account].push_back(&purchase);
    }
}

const Model::Talk* Model::Known::latest_answer() const {
    const Talk* latest = nullptr;
    for (const auto& [number, talk] : answered) {
        latest = latest == nullptr || latest->day <= talk.day ? &talk : latest;
    }
    return latest;
}

void Model::held(const std::string& account, const Talk& talk) {
    Known& known = known_[account];
    known.held.push_back(talk.day);
    std::sort(known.held.begin(), known.held.end());
    if (talk.satisfaction) {
        known.answered.emplace(++reports_, talk);
    }
}

void Model::reopened(const std::string& account, const Talk& talk) {
    Known& known = known_[account];
    const auto found = std::find(known.held.begin(), known.held.end(), talk.day);
    if (found != known.held.end()) {
        known.held.erase(found);
    }
    std::erase_if(known.answered, [&](const auto& answer) {
        return answer.second.review == talk.review;
    });
}

void Model::handed_over(const std::string& account, const std::string& to) {
    handovers_[account] = {to, customers_.at(account).owner};
}

void Model::merged(const std::string& from, const std::string& into) {
    merged_[from] = into;
    for (auto& [old, goes_on_as] : merged_) {
        goes_on_as = goes_on_as == from ? into : goes_on_as;
    }
    customers_.erase(from);
    handovers_.erase(from);
    for (auto& [key, purchase] : purchases_) {
        purchase.account = living(purchase.account);
    }
    sort_purchases();
    for (auto& [key, ticket] : tickets_) {
        ticket.account = living(ticket.account);
    }
    const Known old = known_[from];
    known_.erase(from);
    for (const Date day : old.held) {
        held(into, {day});
    }
    known_[into].answered.insert(old.answered.begin(), old.answered.end());
}

std::string Model::living(const std::string& account) const {
    const auto found = merged_.find(account);
    return found == merged_.end() ? account : found->second;
}

bool Model::is_active(const std::string& account) const {
    return customers_.count(account) == 1;
}

std::vector<std::string> Model::active_accounts() const {
    std::vector<std::string> keys;
    for (const auto& [key, customer] : customers_) {
        keys.push_back(key);
    }
    return keys;
}

std::string Model::owner(const std::string& account) const {
    const auto found = customers_.find(account);
    const auto handover = handovers_.find(account);
    if (handover != handovers_.end() && people_.count(handover->second.to) == 1) {
        return handover->second.to;
    }
    const bool is_known = found != customers_.end() && people_.count(found->second.owner) == 1;
    return is_known ? found->second.owner : std::string{};
}

std::vector<std::string> Model::managers_of(const std::string& person) const {
    std::vector<std::string> managers;
    auto one = people_.find(person);
    while (one != people_.end() && people_.count(one->second) == 1) {
        managers.push_back(one->second);
        one = people_.find(one->second);
    }
    return managers;
}

bool Model::is_vip(const std::string& account) const {
    const auto found = customers_.find(account);
    return found != customers_.end() && found->second.is_vip;
}

int Model::points(const std::string& account, Date today) const {
    const Customer& customer = customers_.at(account);
    const Date year_ago = months_later(today, -12, static_cast<unsigned>(civil_parts(today).day()));
    std::set<std::string> products;
    int spend = 0;
    const auto bought = bought_.find(account);
    if (bought != bought_.end()) {
        for (const Purchase* one : bought->second) {
            if (one->date <= today) {
                products.insert(one->product);
                spend += one->date > year_ago ? one->amount : 0;
            }
        }
    }
    const bool is_complaining =
        std::any_of(tickets_.begin(), tickets_.end(), [&](const auto& named) {
            return named.second.account == account && !named.second.closed
                   && named.second.opened <= today;
        });
    int points = base_points;
    if ((products.size() == 1 || products.size() == 2) && customer.budget > 20'000) {
        points += rules_.rich_points;
    }
    if (customer.budget > 5'000 && customer.budget <= 20'000) {
        points += rules_.some_points;
    }
    const auto known = known_.find(account);
    const Talk* const talk = known == known_.end() ? nullptr : known->second.latest_answer();
    if (talk != nullptr) {
        const Date expired =
            months_later(today, -18, static_cast<unsigned>(civil_parts(today).day()));
        points += talk->day > expired && *talk->satisfaction >= 9 ? rules_.happy_points : 0;
    }
    points += spend > 10'000 ? rules_.spender_points : 0;
    points += is_complaining ? rules_.complaint_points : 0;
    return std::clamp(points, 0, 100);
}

std::string Model::level_of(int have) {
    return have >= high_from ? "high" : have >= medium_from ? "medium" : "low";
}

bool Model::was_held(const std::string& account) const {
    const auto known = known_.find(account);
    return known != known_.end() && !known->second.held.empty();
}

Date Model::last_held(const std::string& account) const {
    return known_.at(account).held.back();
}

Date Model::latest_after(Date day, const std::string& account, const std::string& level) const {
    if (is_vip(account)) {
        return day + days{35};
    }
    if (level == "high") {
        return day + days{7 * rules_.high_weeks_latest};
    }
    return months_later(
        day, level == "medium" ? 6 : 12, static_cast<unsigned>(civil_parts(day).day())
    );
}

Model::Series Model::series(const std::string& account, const std::string& level) const {
    const Turn last = last_turn(account, level);
    return {last.held, latest_after(last.held, account, level), wanted_after(last, account, level)};
}

Date Model::latest(const std::string& account, const std::string& level) const {
    return series(account, level).latest;
}

Date Model::wanted_after(const Turn& last, const std::string& account, const std::string& level)
    const {
    if (is_vip(account)) {
        return last.held + days{21};
    }
    const int months = level == "high" ? 1 : level == "medium" ? 4 : rules_.low_months;
    return months_later(last.wanted, months, last.anchor);
}

Date Model::next_working(const std::string& account, Date day) const {
    static const Person anybody = [] {
        Person person;
        person.weekdays = {1, 2, 3, 4, 5};
        return person;
    }();
    const Person* known = company_.find(owner(account));
    const Person& person = known == nullptr ? anybody : *known;
    for (int i = 0; i < 400 && !company_.works_on(person, day); ++i) {
        day += days{1};
    }
    return day;
}

Model::Turn Model::last_turn(const std::string& account, const std::string& level) const {
    std::optional<Turn> last;
    for (const Date held : known_.at(account).held) {
        const std::optional<Date> wanted =
            last ? std::optional{wanted_after(*last, account, level)} : std::nullopt;
        const bool is_in_time = wanted && held <= *wanted + days{7};
        if (is_in_time && (held == *wanted || held == next_working(account, *wanted))) {
            last = Turn{held, *wanted, last->anchor}; // in turn: the series goes on where it was
        } else {
            last = Turn{held, held, static_cast<unsigned>(civil_parts(held).day())};
        }
    }
    return *last;
}

Date Model::target(const std::string& account, const std::string& level) const {
    return series(account, level).target;
}

} // namespace reviewd::simulation
