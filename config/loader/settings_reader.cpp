#include "config/loader/settings_reader.hpp"

#include "config/loader/zone_names.hpp"
#include "config/node/secrets.hpp"
#include "scoring/base/currency.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace reviewd::config {
namespace {

namespace fs = std::filesystem;

bool is_currency_code(std::string_view code) {
    return code.size() == 3
           && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool check_currency(const Node& node, std::string_view code, Report& report) {
    if (!is_currency_code(code)) {
        report.error(
            node,
            fmt::format("`{}` is no currency", cut_to_width(code, 30)),
            "write its three letters, for instance EUR"
        );
        return false;
    }
    return true;
}

/// The currency in which all amounts are counted is worth 1 of itself.
void check_own_rate(const Node& rates, const CompanySettings& company, Report& report) {
    const auto own = company.rates.find(company.currency);
    if (own != company.rates.end() && own->second != 1) {
        report.error(
            *rates.find(company.currency),
            fmt::format("all amounts are counted in {0}, and 1 {0} is 1 {0}", company.currency),
            "leave it out; the rate of another currency says what one of it is worth in this one"
        );
    }
}

void read_rates(const Node& node, CompanySettings& company, Report& report) {
    MapReader reader{node, report};
    reader.allow_any_key();
    if (!node.is_map()) {
        return;
    }
    for (const Node::Entry& entry : node.entries()) {
        if (const std::string hint = hint_for_split_number(node, entry); !hint.empty()) {
            report.error(entry.key, fmt::format("`{}` is no currency", entry.key.text()), hint);
            continue;
        }
        const std::optional<double> rate = read_number(entry.value, report);
        if (rate && *rate <= 0) {
            report.error(entry.value, "a rate must be more than 0");
        }
        if (check_currency(entry.key, entry.key.text(), report) && rate) {
            company.rates.emplace(entry.key.text(), *rate);
        }
    }
    check_own_rate(node, company, report);
}

CompanySettings read_company(const Node& node, Report& report) {
    CompanySettings company;
    MapReader reader{node, report};
    const auto text = [&](const Node& value) {
        return read_text(value, report);
    };
    company.name = reader.read("name", text).value_or("");
    company.zone = reader.read(
                             "zone", [&](const Node& value) { return read_zone(value, report); }
    ).value_or(company.zone);
    const auto language = [&](const Node& value) {
        company.language_place = value.position();
        return read_language(value, report);
    };
    company.language = reader.read("language", language).value_or(company.language);
    if (const Node* currency = reader.find("currency")) {
        const auto code = read_text(*currency, report);
        if (code && check_currency(*currency, *code, report)) {
            company.currency = *code;
        }
    }
    company.minor_digits = static_cast<int>(
        reader
            .read(
                "minor_digits", [&](const Node& value) { return read_integer(value, report, 0, 4); }
            )
            .value_or(usual_minor_digits(company.currency))
    );
    if (const Node* rates = reader.find("rates")) {
        read_rates(*rates, company, report);
    }
    return company;
}

int read_days(MapReader& reader, std::string_view key, int otherwise) {
    return static_cast<int>(
        reader
            .read(
                key, [&](const Node& value) { return read_integer(value, reader.report(), 0, 250); }
            )
            .value_or(otherwise)
    );
}

ReminderSettings read_reminders(const Node& node, Report& report) {
    ReminderSettings reminders;
    MapReader reader{node, report};
    reminders.invite_days = read_days(reader, "invite_days", reminders.invite_days);
    reminders.ahead_days = read_days(reader, "ahead_days", reminders.ahead_days);
    reminders.escalate_days = read_days(reader, "escalate_days", reminders.escalate_days);
    if (reminders.ahead_days >= reminders.invite_days && !report.has_errors()) {
        report.error(node, "`ahead_days` must be smaller than `invite_days`");
    }
    static constexpr std::array<std::string_view, 8> report_days{
        "sun", "mon", "tue", "wed", "thu", "fri", "sat", "never"};
    if (const Node* weekly = reader.find("weekly_report")) {
        const auto index = read_word(*weekly, report, report_days);
        if (index && *index < 7) {
            reminders.weekly_report = std::chrono::weekday{static_cast<unsigned>(*index)};
        }
    }
    if (const Node* next_try = reader.find("next_try")) {
        MapReader tries{*next_try, report};
        reminders.next_try.no_answer = read_days(tries, "no_answer", reminders.next_try.no_answer);
        reminders.next_try.hesitated = read_days(tries, "hesitated", reminders.next_try.hesitated);
        reminders.next_try.declined = read_days(tries, "declined", reminders.next_try.declined);
    }
    const Node* overdue = reader.find("overdue");
    if (overdue == nullptr) {
        return reminders;
    }
    if (!overdue->is_sequence()) {
        report.error(
            *overdue,
            fmt::format("expected a list of periods, found {}", described(*overdue)),
            "for instance `[1 day, 3 days, 7 days, 1 week]`"
        );
        return reminders;
    }
    for (const Node& element : overdue->elements()) {
        if (const auto period = read_calendar_period(element, report)) {
            reminders.overdue.push_back(*period);
        }
    }
    for (std::size_t index = 1; index + 1 < reminders.overdue.size(); ++index) {
        const Period& before = reminders.overdue[index - 1];
        if (approximate_days(before) >= approximate_days(reminders.overdue[index])) {
            report.error(
                *overdue,
                fmt::format(
                    "`{}` does not come after `{}`",
                    to_string(reminders.overdue[index]),
                    to_string(before)
                ),
                "the days rise; the last entry is the distance from then on"
            );
        }
    }
    return reminders;
}

RetrySettings read_retry(const Node& node, Report& report) {
    RetrySettings retry;
    MapReader reader{node, report};
    const auto duration = [&](const Node& value) {
        return read_duration(value, report);
    };
    retry.first = reader.read("first", duration).value_or(retry.first);
    retry.largest = reader.read("largest", duration).value_or(retry.largest);
    retry.give_up_after = reader.read("give_up_after", duration).value_or(retry.give_up_after);
    if (retry.first < std::chrono::seconds{1}) {
        report.error(node, "`first` must be at least 1 s");
    }
    if (retry.first > retry.largest || retry.largest > retry.give_up_after) {
        report.error(node, "the order is first, largest, give_up_after, the shortest first");
    }
    return retry;
}

std::vector<ChannelSettings> read_channels(
    const Node& node, const LoadOptions& options, Report& report
) {
    std::vector<ChannelSettings> channels;
    MapReader all{node, report};
    all.allow_any_key();
    if (!node.is_map()) {
        return channels;
    }
    for (const Node::Entry& entry : node.entries()) {
        const auto name = read_name(entry.key, report);
        MapReader reader{entry.value, report};
        reader.allow_any_key(); // the rest is the notifier's
        const Node* type = reader.require("type");
        const auto word = type == nullptr ? std::nullopt : read_name(*type, report);
        if (!name || !word) {
            continue;
        }
        channels.push_back({*name, *word, entry.value});
        if (options.check_channel) {
            channels.back().traits = options.check_channel(channels.back(), report);
        }
    }
    return channels;
}

std::string absolute_from(const fs::path& folder, const std::string& name) {
    return fs::path{name}.is_absolute() ? name : (folder / name).lexically_normal().string();
}

/// The three places that the command line and the service manager may override.
void read_places(
    MapReader& reader, const fs::path& folder, const LoadOptions& options, Settings& settings
) {
    const auto place = [&](std::string_view key, const std::string& given, std::string otherwise) {
        const auto written =
            reader.read(key, [&](const Node& value) { return read_text(value, reader.report()); });
        if (!given.empty()) {
            return given;
        }
        return written ? absolute_from(folder, *written) : std::move(otherwise);
    };
    settings.state_directory =
        place("state_directory", options.state_directory, "/var/lib/reviewd");
    settings.control_socket =
        place("control_socket", options.control_socket, "/run/reviewd/control.sock");
    settings.data_directory = place("data_directory", options.data_directory, folder.string());
    const auto templates = reader.read("template_directory", [&](const Node& value) {
        return read_text(value, reader.report());
    });
    settings.template_directory = templates ? absolute_from(folder, *templates) : "";
}

std::string read_public_url(const Node& node, Report& report) {
    const std::optional<std::string> text = read_text(node, report);
    if (!text) {
        return {};
    }
    const bool is_https = text->rfind("https://", 0) == 0 && text->size() > 8;
    const bool is_http = text->rfind("http://", 0) == 0 && text->size() > 7;
    const bool is_clean = text->find_first_of(" \t@?#\"<>\\") == std::string::npos;
    if ((!is_https && !is_http) || !is_clean) {
        report.error(
            node,
            fmt::format("expected a web address, found {}", described(node)),
            "write for instance `https://reviews.example`, without user, query or fragment"
        );
        return {};
    }
    if (is_http) {
        report.warning(node, "links will not be encrypted", "use https:// outside a test");
    }
    return text->back() == '/' ? text->substr(0, text->size() - 1) : *text;
}

void read_rules_section(const Node& node, const fs::path& folder, MainFile& main, Report& report) {
    static constexpr std::array<std::string_view, 2> authorities{"files", "published"};
    MapReader reader{node, report};
    if (const Node* directory = reader.find("directory")) {
        if (const auto name = read_text(*directory, report)) {
            main.settings.rules.directory = absolute_from(folder, *name);
        }
    }
    if (const Node* authority = reader.find("authority")) {
        if (read_word(*authority, report, authorities) == 1U) {
            main.settings.rules.authority = RulesSettings::Authority::published;
        }
    }
    const auto required = reader.read("require_end_marker", [&](const Node& value) {
        return read_boolean(value, report);
    });
    main.marker = required.value_or(false) ? EndMarker::required : EndMarker::advised;
}

/// `portfolio: { owner: { latest: purchases.sold_by } }`
std::optional<OwnerRule> read_owner(const Node& node, const rules::Schema& schema, Report& report) {
    MapReader portfolio{node, report};
    const Node* owner = portfolio.require("owner");
    if (owner == nullptr) {
        return std::nullopt;
    }
    MapReader reader{*owner, report};
    const Node* latest = reader.require("latest");
    const auto text = latest == nullptr ? std::nullopt : read_text(*latest, report);
    if (!text) {
        return std::nullopt;
    }
    const std::size_t point = std::min(text->find('.'), text->size());
    const auto table = rules::find_table(text->substr(0, point));
    const bool has_days = table && schema[*table].index_of(rules::ColumnRole::happened);
    const auto column = has_days && point < text->size()
                            ? schema[*table].index_of(text->substr(point + 1))
                            : std::nullopt;
    if (!column || schema[*table].columns[*column].type != rules::ColumnType::text) {
        report.error(
            *latest,
            fmt::format("expected a column that names a person, found {}", described(*latest)),
            "of a table whose rows have a day, for instance `purchases.sold_by`"
        );
        return std::nullopt;
    }
    return OwnerRule{*table, *column};
}

/// `routes:`, `links:`, `monitoring:`, `events:` and `operators:`
void read_delivery_sections(MapReader& reader, const std::string& folder, Settings& settings) {
    Report& report = reader.report();
    check_fallbacks(settings, report);
    if (const Node* routes = reader.find("routes")) {
        settings.routes = read_routes(*routes, report);
        check_route_channels(*routes, settings, report);
    }
    if (const Node* links = reader.find("links")) {
        settings.links = read_links(*links, folder, report);
        if (settings.public_url.empty() && !report.has_errors()) {
            report.error(
                *links,
                "links need `public_url`: the address under which people reach this listener",
                "write for instance `public_url: https://reviews.example`"
            );
        }
    }
    if (const Node* monitoring = reader.find("monitoring")) {
        settings.monitoring = read_monitoring(*monitoring, report);
    }
    if (const Node* events = reader.find("events")) {
        settings.events = read_events(*events, report);
        check_channels_of(*events, settings, report);
        check_event_channels(settings, *events, report);
    }
    if (const Node* operators = reader.find("operators")) {
        settings.operators = read_texts(*operators, report);
        settings.operators_node = *operators;
    }
}

/// What the company says holds for people of whom nobody says otherwise; all channels, too.
void complete_defaults(Settings& settings) {
    PersonSettings& defaults = settings.person_defaults;
    defaults.zone = defaults.zone.value_or(settings.company.zone);
    if (!defaults.language) {
        defaults.language = settings.company.language;
        defaults.language_place = settings.company.language_place;
    }
    if (defaults.channels.empty()) {
        for (const ChannelSettings& channel : settings.channels) {
            defaults.channels.push_back(channel.name);
        }
    }
}

/// People, and the holidays of the regions they live in.
void read_everybody(MapReader& reader, const std::string& folder, Settings& settings) {
    Report& report = reader.report();
    if (const Node* holidays = reader.find("holidays")) {
        read_holidays(*holidays, folder, settings, report);
    }
    if (const Node* people = reader.find("people")) {
        read_people(*people, folder, settings, report);
        settings.people_node = *people;
        check_channel_names(*people, settings, report);
        check_region_names(*people, settings, report);
    }
    complete_defaults(settings);
}

} // namespace

std::optional<std::string> read_zone(const Node& node, Report& report) {
    const std::optional<std::string> zone = read_text(node, report);
    if (!zone) {
        return std::nullopt;
    }
    if (!is_installed_zone(*zone)) {
        const std::string nearest = did_you_mean(*zone, installed_zones());
        report.error(
            node,
            fmt::format("there is no time zone `{}` on this system", cut_to_width(*zone, 60)),
            nearest.empty() ? "write a name such as Europe/London or Asia/Dhaka; old names such as "
                              "US/Central may need the package tzdata-legacy"
                            : nearest
        );
        return std::nullopt;
    }
    return zone;
}

std::optional<std::string> read_language(const Node& node, Report& report) {
    const std::optional<std::string> language = read_text(node, report);
    if (language && !is_language_code(*language)) {
        report.error(
            node,
            fmt::format("`{}` is no code of a language", cut_to_width(*language, 30)),
            "write for instance `en`, `bn` or `pt-BR`"
        );
        return std::nullopt;
    }
    return language;
}

void refuse_secrets(const Node& root, Report& report) {
    if (root.is_sequence()) {
        for (const Node& element : root.elements()) {
            refuse_secrets(element, report);
        }
    }
    if (!root.is_map()) {
        return;
    }
    const auto keys = secret_keys();
    for (const Node::Entry& entry : root.entries()) {
        if (std::find(keys.begin(), keys.end(), entry.key.text()) != keys.end()) {
            report.error(
                entry.key,
                fmt::format("a secret never stands in YAML: `{}:` is not read", entry.key.text()),
                fmt::format(
                    "put it into a file only the service may read: `{0}_file: /path`, or give "
                    "`{0}_credential: NAME` and load it with systemd",
                    entry.key.text()
                )
            );
        }
        refuse_secrets(entry.value, report);
    }
}

MainFile read_main_file(
    const Node& root, const std::string& file, const LoadOptions& options, Report& report
) {
    fs::path folder = fs::path{file}.parent_path();
    folder = folder.empty() ? fs::path{"."} : folder;
    MainFile main{{}, rules::built_in_schema(), {}, {}};
    main.settings.rules.directory = (folder / "rules").string();
    Settings& settings = main.settings;
    settings.file = file;
    refuse_secrets(root, report);
    MapReader reader{root, report};
    if (const Node* company = reader.require("company")) {
        settings.company = read_company(*company, report);
    }
    read_places(reader, folder, options, settings);
    if (const Node* url = reader.find("public_url")) {
        settings.public_url = read_public_url(*url, report);
    }
    if (const Node* rules_section = reader.find("rules")) {
        read_rules_section(*rules_section, folder, main, report);
    }
    main.agenda_file = reader.read("agenda", [&](const Node& value) {
        const auto name = read_text(value, report);
        return name ? std::optional{absolute_from(folder, *name)} : std::nullopt;
    });
    if (const Node* tables = reader.find("tables")) {
        read_tables(*tables, main.schema, report);
    }
    if (const Node* sources = reader.require("sources")) {
        settings.sources = read_sources(*sources, main.schema, report);
    }
    if (const Node* portfolio = reader.find("portfolio")) {
        settings.owner = read_owner(*portfolio, main.schema, report);
    }
    if (const Node* channels = reader.require("channels")) {
        settings.channels = read_channels(*channels, options, report);
    }
    read_everybody(reader, folder.string(), settings);
    if (const Node* reminders = reader.find("reminders")) {
        settings.reminders = read_reminders(*reminders, report);
    }
    if (const Node* retry = reader.find("retry")) {
        settings.retry = read_retry(*retry, report);
    }
    read_delivery_sections(reader, folder.string(), settings);
    if (const Node* share = reader.find("hold_share")) {
        settings.hold_share = read_hold_share(*share, report).value_or(settings.hold_share);
    }
    return main;
}

} // namespace reviewd::config
