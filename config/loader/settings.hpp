#pragma once

// config/loader: from YAML trees to checked values: Settings (IT's) and rules::RuleSet (the
// managers'). Reads every file, reports all errors at once, and gives all or nothing. Includes
// config/calendar, config/node and scoring/*.

#include "config/calendar/icalendar.hpp"
#include "config/node/channel_traits.hpp"
#include "config/node/node.hpp"
#include "scoring/base/currency.hpp"
#include "scoring/base/period.hpp"
#include "scoring/base/source_position.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/rules/table.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::config {

/// `company:`
struct CompanySettings {
    std::string name;
    std::string zone = "UTC"; ///< IANA; "today" for scoring and reports
    std::string language = "en";
    SourcePosition language_place; ///< for messages; of no line where it is not set
    std::string currency = "EUR";  ///< reporting currency, ISO 4217
    int minor_digits = 2;          ///< decimal places of that currency
    std::map<std::string, double>
        rates; ///< other currency -> how many units of `currency` one of it is worth

    [[nodiscard]] Currency money() const { return {currency, minor_digits}; }
};

/// Where a column of a table gets its value from.
struct ColumnMapping {
    std::size_t column = 0; ///< index in the TableSchema
    /// Exactly one of these three:
    std::optional<std::string> header;   ///< the file's column of that name
    std::optional<std::string> constant; ///< the same text for every row
    std::optional<std::string>
        expression; ///< CEL over `row` (header -> text); the source text, checked by the loader
    std::map<std::string, std::string> aliases; ///< text in the file -> text to read instead
    std::optional<std::string> when_empty;      ///< stands in for an empty field
    double scale = 1; ///< numbers and money are multiplied by it (a file in millions: 1000000)
    std::string date_format = "%Y-%m-%d";       ///< %Y %m %d and literal characters
    std::optional<std::string> currency_header; ///< money: the file's column with its currency
    /// Nobody wrote this mapping: a column that `columns:` does not mention is read from the file's
    /// column of the same name, and stays empty where the file has none.
    bool is_implied = false;
    config::Node node; ///< for messages
};

/// One entry of `sources:`: a file that fills one table.
struct SourceSettings {
    enum class Load {
        full,    ///< the file holds all rows: those that vanish become inactive
        changes, ///< the file holds new and changed rows only
    };
    std::string name;
    rules::Table table = rules::Table::accounts;
    std::string file; ///< relative names start in the data directory
    Load load = Load::full;
    char delimiter = ',';
    char decimal = '.'; ///< `decimal:`; with ',' numbers look like 1.234,50
    std::optional<std::chrono::milliseconds> every; ///< absent: on change only
    std::optional<Period> stale_after;
    std::vector<ColumnMapping> columns; ///< one for each column of the table, in its order
    std::optional<std::string> where;   ///< CEL over `row` (header -> text); rows for which it does
                                        ///< not hold are left out
    std::optional<std::string>
        accounts_from; ///< name of the accounts source whose keys the account column holds
    std::optional<double> hold_share; ///< of its rows that may vanish; absent: that of the settings
    config::Node node;
};

/// `rules:`; where the managers' files are, and whether they are the truth.
struct RulesSettings {
    enum class Authority {
        files,     ///< what the folder holds is in force
        published, ///< what was published last is; the folder is a place for drafts
    };
    std::string directory; ///< absolute, or relative to the working directory
    Authority authority = Authority::files;
};

[[nodiscard]] constexpr std::string_view name(RulesSettings::Authority authority) {
    return authority == RulesSettings::Authority::files ? "files" : "published";
}

/// `owner:` of `portfolio:`; how an account without an owner column gets one.
struct OwnerRule {
    rules::Table table = rules::Table::purchases; ///< the account's latest row of this table …
    std::size_t person_column = 0;                ///< … names the owner in this column
};

/// One branch of `routes:`: whom it is for, and what becomes of the reminder. An empty list takes
/// all. Of the branches beside each other the first that takes the reminder decides.
struct Route {
    std::string name;                ///< as written, else made of its place; for explanations
    std::vector<std::string> levels; ///< names of levels
    /// invite, ahead, on-day, overdue, escalation, trigger (and deadline), promise
    std::vector<std::string> steps;
    std::vector<std::string> kinds;    ///< of the review: periodic, first, or a trigger's
    std::vector<std::string> people;   ///< keys of recipients
    std::vector<std::string> teams;    ///< keys of managers: their people, at any distance
    std::vector<std::string> channels; ///< empty: as the branch above says, else as the person does
    /// When it goes out: with the morning's digest, on its own at once, or not at all.
    enum class Send { digest, at_once, never };
    std::optional<Send> send;         ///< absent: as the branch above says, else digest
    std::vector<Route> routes;        ///< narrower ones
    std::optional<config::Node> node; ///< for messages
};

/// Habits of a person; `people: defaults:` and then `people: <key>:`.
struct PersonSettings {
    std::optional<std::string> email;
    std::optional<std::string> zone;
    std::optional<std::string> language;
    SourcePosition language_place;                  ///< likewise
    std::optional<std::string> manager;             ///< key of a person
    std::optional<std::string> substitute;          ///< key of a person
    std::vector<std::chrono::weekday> working_days; ///< empty: not set
    std::optional<std::pair<std::chrono::minutes, std::chrono::minutes>>
        hours;                                     ///< of a working day
    std::optional<std::chrono::minutes> remind_at; ///< local time of the morning's message
    std::optional<int> capacity_per_day;           ///< reviews, 1 … 50
    std::optional<int> capacity_per_week;
    std::vector<std::string> channels; ///< names of channels; empty: not set
    std::map<std::string, std::string>
        addresses;                     ///< channel -> address where it is not the e-mail address
    std::vector<Date> holidays;        ///< days off, beside weekends and those of the region
    std::optional<std::string> region; ///< its holidays are days off, too
    std::vector<DaySpan> leave;        ///< out of the files of `leave:`
    /// Local times between which nothing is sent to them, over midnight when the first is later;
    /// both the same: at any time.
    std::optional<std::pair<std::chrono::minutes, std::chrono::minutes>> quiet_hours;
    std::optional<bool> is_quiet_on_days_off; ///< whether weekends, holidays and leave are quiet
    std::optional<bool> wants_invitations;    ///< of appointments, into their calendar
    std::vector<Route> routes;                ///< looked at before those of everybody
};

/// One entry of `channels:`; the plugin reads the rest of its map.
struct ChannelSettings {
    std::string name;
    std::string type;
    config::Node node;
    ChannelTraits traits{}; ///< of its type
};

/// `reminders:`; when the steps of a review happen, relative to its due day. Working days.
struct ReminderSettings {
    int invite_days = 10; ///< before
    int ahead_days = 2;   ///< before
    std::vector<Period>
        overdue; ///< after; each entry one repeat, the last one goes on: 1, 3, 7 days, then 1 week
    int escalate_days = 5; ///< after; then one manager per further `escalate_days`
    /// The day of the managers' weekly report; absent: none.
    std::optional<std::chrono::weekday> weekly_report;
    /// After a call that failed, by how it ended, the next try comes so many working days later.
    struct NextTry {
        int no_answer = 2;
        int hesitated = 5;
        int declined = 20;
    } next_try;
};

/// `links:`; where the signed links of messages are answered.
struct LinkSettings {
    std::string address = "127.0.0.1"; ///< numeric
    int port = 0;                      ///< 1 … 65535
    std::string secret_file;           ///< of these two exactly one is set
    std::string secret_credential;
    std::string previous_secret_file; ///< still accepted after a rotation; both may be empty
    std::string previous_secret_credential;
    int valid_days = 30; ///< 1 … 30
    /// Numeric addresses whose X-Forwarded-For is believed; of a listener on loopback its own, too.
    std::vector<std::string> proxies;
    std::optional<config::Node> node; ///< for messages
};

/// `events:`; what other systems are told.
struct EventSettings {
    std::vector<std::string> channels; ///< empty: nobody is told
    std::vector<std::string> only;     ///< names of events; empty: all
};

/// `retry:`; how failed deliveries are tried again.
struct RetrySettings {
    std::chrono::milliseconds first{std::chrono::minutes{5}};
    std::chrono::milliseconds largest{std::chrono::minutes{67}};
    std::chrono::milliseconds give_up_after{std::chrono::hours{120}};
};

/// `monitoring:`; where the numbers and the health of the daemon are shown, on this machine only.
struct MonitoringSettings {
    std::string address = "127.0.0.1"; ///< numeric, loopback
    int port = 0;                      ///< 1 … 65535
    std::optional<config::Node> node;  ///< for messages
};

struct Settings {
    CompanySettings company;
    std::string
        state_directory; ///< the database, the lock; default: $STATE_DIRECTORY or /var/lib/reviewd
    std::string
        control_socket; ///< default: $RUNTIME_DIRECTORY/control.sock or /run/reviewd/control.sock
    std::string
        data_directory; ///< relative source files start here; default: the configuration's folder
    std::string public_url;              ///< https://… of the answer form; empty: no links
    std::vector<SourceSettings> sources; ///< in order of import
    std::optional<OwnerRule> owner;
    PersonSettings person_defaults;               ///< every member set
    std::map<std::string, PersonSettings> people; ///< by key
    std::optional<config::Node> people_node;      ///< `people:`, for messages
    /// `holidays:`; the days off of each region, out of its iCalendar files. People's `region` may
    /// name others, too: the people table has what it has.
    std::map<std::string, std::vector<DaySpan>> holidays;
    std::vector<ChannelSettings> channels;
    RulesSettings rules;
    ReminderSettings reminders;
    RetrySettings retry;
    std::vector<Route> routes;
    std::optional<MonitoringSettings> monitoring;
    std::optional<LinkSettings> links; ///< only together with public_url
    EventSettings events;
    /// `operators:`; keys of those who are told what could not be delivered.
    std::vector<std::string> operators;
    std::optional<config::Node> operators_node; ///< for messages
    double hold_share = 0.2;        ///< an import or reload that moves more than this share is held
    std::string template_directory; ///< empty: only the built-in templates
    std::string file;               ///< the main file, as named on the command line
};

/// Other words for a question, for some accounts. All that is given has to hold.
struct QuestionVariant {
    std::vector<std::string> levels, segments, products; ///< one of each; empty: any
    std::map<std::string, std::string> text;             ///< by language
};

/// Questions of one topic of `agenda.yaml`, in the order to ask.
struct Question {
    std::string id; ///< the answer's name: satisfaction, effort, needs, competitors, value …
    std::string topic;
    std::map<std::string, std::string> text; ///< by language
    std::optional<cel::Expression> when;     ///< over the facts; absent: always asked
    enum class Kind { text, scale, yes_no } kind = Kind::text; ///< scale: 0 … 10
    std::vector<QuestionVariant> variants{}; ///< the first that fits is asked in place of `text`
};

/// The answer that is no question's: what was recommended to the customer. A text.
inline constexpr std::string_view recommendation_answer = "recommendation";

struct Agenda {
    std::vector<Question> questions;
    std::map<std::string, std::string> invitation;  ///< script by language
    std::map<std::string, std::string> free_review; ///< what to offer when they hesitate
    /// A mail to the customer: mustache over contact, owner, company, invitation, free_review.
    std::map<std::string, std::string> draft;
    std::map<std::string, std::string> draft_subject;
};

} // namespace reviewd::config
