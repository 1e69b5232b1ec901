#pragma once

#include "daemon/simulation/plan.hpp"
#include "daemon/simulation/random.hpp"
#include "daemon/simulation/zone_table.hpp"
#include "scoring/base/date.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::simulation {

/// Somebody of the company, as configuration and the people's file tell the daemon.
struct Person {
    std::string key;
    std::string zone;
    std::set<unsigned> weekdays; ///< by C encoding: 0 is Sunday
    int per_day = 2;
    int per_week = 7;
    std::chrono::minutes remind_at{std::chrono::hours{7}};
    std::string manager;                     ///< empty: none
    std::vector<std::pair<Date, Date>> away; ///< days off of the configuration, both included
    /// Leave that was given by command, by what was said of it.
    std::map<std::string, std::pair<Date, Date>> leave{};
    std::optional<Date> left; ///< not in the people's file any more
    double diligence = 0.8;   ///< share of what is due that is done on the day
    [[nodiscard]] std::string address() const { return key + "@example.test"; }
};

struct Customer {
    std::string owner;
    int budget = 0; ///< major units
    bool is_vip = false;
    bool is_listed = true; ///< in the accounts' file
};

struct Purchase {
    std::string key, account, product;
    Date date{};
    int amount = 0;
};

struct Ticket {
    std::string key, account;
    Date opened{};
    std::optional<Date> closed;
};

/// What the managers' rules say; the files and the model are both made of it.
struct RuleBook {
    int rich_points = 45;
    int some_points = 20;
    int happy_points = 15;
    int spender_points = 10;
    int complaint_points = 10;
    int high_weeks_latest = 6;
    int low_months = 11;
};

/// What the customer system has told in its last export.
struct Export {
    std::map<std::string, Customer> customers;
    std::vector<Purchase> purchases;
    std::vector<Ticket> tickets;
    std::map<std::string, std::string> people; ///< with the key of each one's manager
    TimePoint at{};
};

/// The company that uses the daemon: people, customers and what happens to them, rules. It writes
/// the files that the daemon reads, and is the truth that the daemon is measured by.
class Company {
public:
    Company(const Plan& plan, const FaultPlan& faults);

    /// What happens to customers and people on a day.
    void live(Date day);
    /// What a manager or IT changes on a day. @returns whether a reload is needed
    bool reconfigure(Date day);
    /// The state of the customer system becomes the next export.
    void publish(TimePoint at);
    /// Whether the next export has people of whom no configuration tells yet.
    [[nodiscard]] bool has_staff_to_tell() const { return is_staff_changed_; }

    [[nodiscard]] const Export& published() const { return published_; }
    [[nodiscard]] const RuleBook& rules() const { return rules_; }
    [[nodiscard]] const std::vector<Person>& people() const { return people_; }
    [[nodiscard]] const Person* find(const std::string& key) const;
    [[nodiscard]] const ZoneTable& zone_of(const Person& person) const;
    [[nodiscard]] const ZoneTable& company_zone() const;
    [[nodiscard]] bool works_on(const Person& person, Date day) const;
    [[nodiscard]] const std::set<Date>& holidays() const { return holidays_; }
    /// Keys of the owners who have not left.
    [[nodiscard]] std::vector<std::string> present_owners() const;
    /// @pre there is such a person
    void take_leave(const std::string& key, const std::string& because, std::pair<Date, Date> days);
    void end_leave(const std::string& key, const std::string& because);

private:
    void hire(Random& random);
    void found(Random& random);
    void sell(Date day);
    void complain(Date day);
    void churn(Date day);
    void flap(Date day);
    void let_go(Date day);
    void overload(Date day);
    void reorganise();
    [[nodiscard]] std::string any_customer();

    const Plan& plan_;
    const FaultPlan& faults_;
    Random random_;
    Random chart_; ///< who manages whom
    std::vector<Person> people_;
    std::map<std::string, Customer> customers_;
    std::vector<std::string> names_; ///< of all customers ever
    std::vector<Purchase> purchases_;
    std::vector<Ticket> tickets_;
    std::set<Date> holidays_;
    RuleBook rules_;
    bool is_staff_changed_ = false; ///< since the last configuration
    Export published_;
    int purchase_count_ = 0;
    int ticket_count_ = 0;
    int customer_count_ = 0;
};

inline constexpr auto company_zone_name = "Europe/London";

/// The main file and the rules, as the daemon loads them.
[[nodiscard]] std::string settings_text(const Company& company);
[[nodiscard]] std::string rules_text(const RuleBook& rules);
extern const char* const agenda_text;

/// The files of the last export, by name of source.
[[nodiscard]] std::map<std::string, std::string> source_texts(const Export& published);

} // namespace reviewd::simulation
