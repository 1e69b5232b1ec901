#include "daemon/simulation/company.hpp"

#include "scoring/base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::simulation {
namespace {

using std::chrono::days;

const std::vector<std::string>& zones() {
    static const std::vector<std::string> all{
        "Europe/London",
        "Asia/Dhaka",
        "America/New_York",
        "Africa/Cairo",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Auckland"};
    return all;
}

const std::vector<std::string>& products() {
    static const std::vector<std::string> all{"printer", "copier", "scanner", "shredder", "binder"};
    return all;
}

constexpr int accounts_per_owner = 34;
/// Purchases older than this are in no export any more.
constexpr days exported_purchases{400};
constexpr days exported_tickets{60};

} // namespace

Company::Company(const Plan& plan, const FaultPlan& faults)
    : plan_(plan), faults_(faults), random_(plan.seed, "company"), chart_(plan.seed, "chart") {
    Random random{plan.seed, "founding"};
    for (std::chrono::year year = std::chrono::year_month_day{plan.from}.year();
         Date{year / 1 / 1} <= plan.last_day() + days{800};
         ++year) {
        holidays_.insert({Date{year / 1 / 1}, Date{year / 12 / 25}, Date{year / 12 / 28}});
    }
    hire(random);
    found(random);
}

void Company::hire(Random& random) {
    const int owners = std::max(2, plan_.accounts / accounts_per_owner);
    for (const std::string key : {"head", "lead-a", "lead-b"}) {
        Person manager;
        manager.key = key;
        manager.zone = key == "lead-b" ? "Asia/Dhaka" : company_zone_name;
        manager.weekdays =
            key == "lead-b" ? std::set<unsigned>{0, 1, 2, 3, 4} : std::set<unsigned>{1, 2, 3, 4, 5};
        manager.manager = key == "head" ? "" : "head";
        people_.push_back(std::move(manager));
    }
    for (int i = 0; i < owners; ++i) {
        Person person;
        person.key = fmt::format("owner-{}", i);
        person.zone = random.pick(zones());
        const bool is_sunday_week = random.chance(0.3);
        person.weekdays =
            is_sunday_week ? std::set<unsigned>{0, 1, 2, 3, 4} : std::set<unsigned>{1, 2, 3, 4, 5};
        person.remind_at = std::chrono::minutes{60 * random.between(6, 9) + 15 * random.below(4)};
        // Some live with mornings that do not exist, or exist twice, on two days of a year.
        if (random.chance(0.2)) {
            person.remind_at = std::chrono::minutes{15 * random.below(12)};
        }
        person.manager = i % 2 == 0 ? "lead-a" : "lead-b";
        person.diligence = 0.5 + 0.5 * random.share();
        people_.push_back(std::move(person));
    }
}

void Company::found(Random& random) {
    const std::vector<std::string> owners = present_owners();
    for (int i = 0; i < plan_.accounts; ++i) {
        const int kind = random.below(20);
        Customer customer;
        customer.owner = random.pick(owners);
        customer.budget = kind < 4    ? random.between(21'000, 90'000)
                          : kind < 10 ? random.between(5'500, 20'000)
                                      : random.below(5'000);
        customer.is_vip = random.chance(0.05);
        const std::string key = fmt::format("a{}", ++customer_count_);
        names_.push_back(key);
        customers_[key] = customer;
        for (int bought = random.below(4); bought > 0; --bought) {
            purchases_.push_back(
                {fmt::format("p{}", ++purchase_count_),
                 key,
                 random.pick(products()),
                 plan_.from - days{random.below(390)},
                 random.between(100, 9'000)}
            );
        }
    }
}

std::vector<std::string> Company::present_owners() const {
    std::vector<std::string> owners;
    for (const Person& person : people_) {
        if (!person.left && person.key.rfind("owner-", 0) == 0) {
            owners.push_back(person.key);
        }
    }
    return owners;
}

const Person* Company::find(const std::string& key) const {
    const auto found = std::find_if(people_.begin(), people_.end(), [&](const Person& person) {
        return person.key == key;
    });
    return found == people_.end() ? nullptr : &*found;
}

const ZoneTable& Company::zone_of(const Person& person) const {
    return zone_table(person.zone, plan_.from - days{400}, plan_.last_day() + days{800});
}

const ZoneTable& Company::company_zone() const {
    return zone_table(company_zone_name, plan_.from - days{400}, plan_.last_day() + days{800});
}

bool Company::works_on(const Person& person, Date day) const {
    const unsigned weekday = std::chrono::weekday{day}.c_encoding();
    return person.weekdays.count(weekday) == 1 && holidays_.count(day) == 0
           && std::none_of(
               person.away.begin(),
               person.away.end(),
               [&](const auto& off) { return off.first <= day && day <= off.second; }
           )
           && std::none_of(person.leave.begin(), person.leave.end(), [&](const auto& leave) {
                  return leave.second.first <= day && day <= leave.second.second;
              });
}

void Company::take_leave(
    const std::string& key, const std::string& because, std::pair<Date, Date> days
) {
    const auto found = std::find_if(people_.begin(), people_.end(), [&](const Person& person) {
        return person.key == key;
    });
    REVIEWD_ASSERT(found != people_.end());
    found->leave[because] = days;
}

void Company::end_leave(const std::string& key, const std::string& because) {
    for (Person& person : people_) {
        if (person.key == key) {
            person.leave.erase(because);
        }
    }
}

std::string Company::any_customer() {
    return random_.pick(names_);
}

void Company::live(Date day) {
    sell(day);
    complain(day);
    churn(day);
    flap(day);
    let_go(day);
    overload(day);
    reorganise();
}

void Company::sell(Date day) {
    // About one purchase and a half a year and customer.
    const int draws = std::max(1, plan_.accounts / 40);
    for (int i = 0; i < draws; ++i) {
        if (random_.chance(0.16)) {
            const std::string account = any_customer();
            purchases_.push_back(
                {fmt::format("p{}", ++purchase_count_),
                 account,
                 random_.pick(products()),
                 day,
                 random_.between(100, 9'000)}
            );
        }
    }
    const auto is_old = [&](const Purchase& one) {
        return one.date < day - exported_purchases;
    };
    purchases_.erase(
        std::remove_if(purchases_.begin(), purchases_.end(), is_old), purchases_.end()
    );
}

void Company::complain(Date day) {
    if (random_.chance(0.001 * plan_.accounts)) {
        tickets_.push_back({fmt::format("t{}", ++ticket_count_), any_customer(), day, std::nullopt}
        );
    }
    for (Ticket& ticket : tickets_) {
        if (!ticket.closed && random_.chance(0.1)) {
            ticket.closed = day;
        }
    }
    const auto is_old = [&](const Ticket& one) {
        return one.closed && *one.closed < day - exported_tickets;
    };
    tickets_.erase(std::remove_if(tickets_.begin(), tickets_.end(), is_old), tickets_.end());
}

void Company::churn(Date /*day*/) {
    const double usual = 0.0008 * plan_.accounts;
    if (random_.chance(faults_.chance(Fault::account_churn, usual))) {
        Customer& customer = customers_[any_customer()];
        customer.is_listed = !customer.is_listed;
    }
    if (random_.chance(faults_.chance(Fault::account_churn, usual))) {
        customers_[any_customer()].owner = random_.pick(present_owners());
    }
    if (random_.chance(faults_.chance(Fault::account_churn, usual / 4))) {
        const std::string key = fmt::format("a{}", ++customer_count_);
        names_.push_back(key);
        customers_[key] = {random_.pick(present_owners()), random_.below(60'000), false, true};
    }
    if (random_.chance(faults_.chance(Fault::account_churn, usual / 8))) {
        customers_[any_customer()].owner = random_.chance(0.5) ? "" : "unheard-of";
    }
}

void Company::flap(Date day) {
    if (!faults_.has(Fault::flapping)) {
        return;
    }
    // One in ten crosses an edge with every export.
    for (std::size_t i = 0; i < names_.size(); i += 10) {
        if (random_.chance(0.2)) {
            Customer& customer = customers_[names_[i]];
            customer.budget = to_day_number(day) % 2 == 0 ? 4'900 : 21'000;
        }
    }
}

void Company::let_go(Date day) {
    if (!random_.chance(faults_.chance(Fault::owner_leaves, 0.002))) {
        return;
    }
    const std::vector<std::string> owners = present_owners();
    if (owners.size() < 2) {
        return;
    }
    const std::string leaver = random_.pick(owners);
    is_staff_changed_ = true;
    for (Person& person : people_) {
        if (person.key == leaver) {
            person.left = day;
        }
    }
    const bool is_replaced = random_.chance(0.7);
    Person heir = *find(leaver);
    heir.key = fmt::format("owner-{}", people_.size());
    heir.left.reset();
    heir.away.clear();
    heir.leave.clear();
    heir.zone = random_.pick(zones());
    heir.manager = people_.size() % 2 == 0 ? "lead-a" : "lead-b";
    if (is_replaced) {
        people_.push_back(heir);
    }
    // Some accounts are forgotten and keep the name of somebody who is not there any more.
    const std::vector<std::string> left_over = present_owners();
    for (auto& [key, customer] : customers_) {
        if (customer.owner == leaver && !random_.chance(0.05)) {
            customer.owner = is_replaced ? heir.key : random_.pick(left_over);
        }
    }
}

void Company::overload(Date /*day*/) {
    if (!random_.chance(faults_.chance(Fault::overload, 0.002))) {
        return;
    }
    const std::string owner = random_.pick(present_owners());
    for (auto& [key, customer] : customers_) {
        if (random_.chance(0.3)) {
            customer.owner = owner;
        }
    }
}

void Company::reorganise() {
    if (!chart_.chance(faults_.chance(Fault::manager_change, 0.05))) {
        return;
    }
    const std::string key = chart_.pick(present_owners());
    for (Person& person : people_) {
        if (person.key == key) {
            person.manager = person.manager == "lead-a" ? "lead-b" : "lead-a";
        }
    }
}

bool Company::reconfigure(Date day) {
    bool is_changed = std::exchange(is_staff_changed_, false);
    if (random_.chance(faults_.chance(Fault::rules_reload, 0.01))) {
        rules_.some_points = random_.between(12, 28);
        rules_.happy_points = random_.between(5, 30);
        rules_.spender_points = random_.between(0, 20);
        rules_.high_weeks_latest = random_.between(5, 8);
        rules_.low_months = random_.between(10, 12);
        is_changed = true;
    }
    if (random_.chance(faults_.chance(Fault::people_reload, 0.02))) {
        Person& person =
            people_[static_cast<std::size_t>(random_.below(static_cast<int>(people_.size())))];
        switch (random_.below(5)) {
        case 0:
            person.per_day = random_.between(1, 4);
            person.per_week = std::max(person.per_day, random_.between(2, 12));
            break;
        case 1:
            person.zone = random_.pick(zones());
            break;
        case 2:
            person.remind_at = std::chrono::minutes{15 * random_.below(80)};
            break;
        case 3:
            holidays_.insert(day + days{random_.between(1, 60)});
            break;
        default: {
            const Date first = day + days{random_.between(0, 60)};
            person.away.emplace_back(first, first + days{random_.between(0, 40)});
        }
        }
        is_changed = true;
    }
    return is_changed;
}

void Company::publish(TimePoint at) {
    published_ = {customers_, purchases_, tickets_, {}, at};
    for (const Person& person : people_) {
        if (!person.left) {
            published_.people[person.key] = person.manager;
        }
    }
}

} // namespace reviewd::simulation
