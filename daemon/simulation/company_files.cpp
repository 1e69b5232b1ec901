// What the company's people would write into the daemon's files.

#include "daemon/simulation/company.hpp"

#include <fmt/format.h>

#include <array>

namespace reviewd::simulation {
namespace {

constexpr std::array<std::string_view, 7> weekday_names{
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::string clock_text(std::chrono::minutes local) {
    return fmt::format("{:02}:{:02}", local.count() / 60, local.count() % 60);
}

std::string person_text(const Person& person) {
    std::string weekdays;
    for (const unsigned weekday : person.weekdays) {
        weekdays += (weekdays.empty() ? "" : ", ") + std::string{weekday_names.at(weekday)};
    }
    std::string text = fmt::format(
        "  {}: {{ zone: {}, working_days: [{}], capacity_per_day: {}, capacity_per_week: {}, "
        "remind_at: \"{}\"",
        person.key,
        person.zone,
        weekdays,
        person.per_day,
        person.per_week,
        clock_text(person.remind_at)
    );
    if (person.manager.empty()) {
        text += ", channels: [chat]";
    }
    if (!person.away.empty()) {
        std::string days_off;
        for (const auto& [first, last] : person.away) {
            for (Date day = first; day <= last; day += std::chrono::days{1}) {
                days_off += (days_off.empty() ? "" : ", ") + to_string(day);
            }
        }
        text += fmt::format(", holidays: [{}]", days_off);
    }
    return text + " }\n";
}

} // namespace

std::string settings_text(const Company& company) {
    std::string holidays;
    for (const Date day : company.holidays()) {
        holidays += (holidays.empty() ? "" : ", ") + to_string(day);
    }
    std::string text = fmt::format(
        R"(---
company: {{ name: Simulated, zone: {}, language: en, currency: EUR }}
data_directory: data
rules: {{ directory: rules }}
sources:
  people: {{ file: people.csv, every: 1 day }}
  accounts: {{ file: accounts.csv, every: 1 day, stale_after: 3 weeks }}
  purchases: {{ file: purchases.csv, every: 1 day, load: changes }}
  tickets: {{ file: tickets.csv, every: 1 day }}
channels:
  mail: {{ type: file, path: mail.jsonl }}
  chat: {{ type: file, path: chat.jsonl }}
reminders: {{ invite_days: 10, ahead_days: 2, overdue: [1 day, 3 days, 7 days, 1 week], escalate_days: 5 }}
people:
  defaults: {{ channels: [mail], holidays: [{}] }}
)",
        company_zone_name,
        holidays
    );
    for (const Person& person : company.people()) {
        text += person_text(person);
    }
    return text + "...\n";
}

std::string rules_text(const RuleBook& rules) {
    return fmt::format(
        R"(---
facts:
  budget: {{ type: money, from: accounts.budget }}
  vip: {{ type: boolean, from: accounts.vip, default: false }}
  products_owned: {{ type: integer, count_distinct: purchases.product }}
  spend: {{ type: money, sum: purchases.amount, within: 12 months }}
  complaints: {{ type: integer, count: tickets, where: closed == null }}
  satisfaction: {{ type: number, latest_answer: satisfaction, expires: 18 months }}
rules:
  - id: room-to-grow
    when: >-
      products_owned in [1, 2] && budget > 20000
    points: {}
    because: {{ en: "Owns {{{{products_owned}}}} and has {{{{budget}}}} left to spend" }}
  - id: some-budget
    when: >-
      budget > 5000 && budget <= 20000
    points: {}
  - id: happy
    when: satisfaction >= 9
    points: {}
  - id: spender
    when: spend > 10000
    points: {}
  - id: complaint
    when: complaints > 0
    points: {}
    because: {{ en: "{{{{complaints}}}} complaints are open" }}
score: {{ base: 20, min: 0, max: 100 }}
levels:
  high: {{ from: 60, not_before: 2 weeks, review_every: 1 month, at_latest: {} weeks }}
  medium: {{ from: 35, not_before: 2 months, review_every: 4 months, at_latest: 6 months }}
  low: {{ from: 0, not_before: 9 months, review_every: {} months, at_latest: 12 months }}
keep_level: {{ margin: 3, at_least: 14 days }}
cadences:
  - when: vip
    review_every: 3 weeks
    at_latest: 5 weeks
triggers:
  - id: complaint
    source: tickets
    when: closed == null
    contact_within: 5 working days
  - id: after-sale
    source: purchases
    after: 14 days
...
)",
        rules.rich_points,
        rules.some_points,
        rules.happy_points,
        rules.spender_points,
        rules.complaint_points,
        rules.high_weeks_latest,
        rules.low_months
    );
}

const char* const agenda_text = R"(---
invitation: { en: "May we come by?" }
questions:
  - id: satisfaction
    topic: satisfaction
    kind: scale
    text: { en: "How content are you, from 0 to 10?" }
  - id: needs
    topic: needs
    text: { en: "What else should it do for you?" }
...
)";

std::map<std::string, std::string> source_texts(const Export& published) {
    std::map<std::string, std::string> texts;
    std::string& people = texts["people"] = "key,name,email,manager\n";
    for (const auto& [key, manager] : published.people) {
        people += fmt::format("{0},Name of {0},{0}@example.test,{1}\n", key, manager);
    }
    std::string& accounts = texts["accounts"] = "key,name,owner,budget,vip\n";
    for (const auto& [key, customer] : published.customers) {
        if (customer.is_listed) {
            accounts += fmt::format(
                "{0},Account {0},{1},{2},{3}\n",
                key,
                customer.owner,
                customer.budget,
                customer.is_vip
            );
        }
    }
    std::string& purchases = texts["purchases"] = "key,account,product,date,amount\n";
    for (const Purchase& one : published.purchases) {
        purchases += fmt::format(
            "{},{},{},{},{}\n", one.key, one.account, one.product, to_string(one.date), one.amount
        );
    }
    std::string& tickets = texts["tickets"] = "key,account,opened,closed,title\n";
    for (const Ticket& one : published.tickets) {
        tickets += fmt::format(
            "{},{},{},{},Trouble\n",
            one.key,
            one.account,
            to_string(one.opened),
            one.closed ? to_string(*one.closed) : ""
        );
    }
    return texts;
}

} // namespace reviewd::simulation
