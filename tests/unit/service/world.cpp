#include "tests/unit/service/world.hpp"

#include "daemon/notify/registry/registry.hpp"
#include "scoring/base/diagnostic.hpp"
#include "tests/support/catch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

namespace reviewd::test {
namespace {

// London all year round keeps the moments easy to read; one person lives elsewhere.
constexpr auto initial_settings =
    R"(---
company: { name: Test, zone: Europe/London, language: en, currency: EUR }
data_directory: data
rules: { directory: rules }
sources:
  people: { file: people.csv, every: 1 day }
  accounts: { file: accounts.csv, every: 1 day, stale_after: 3 days }
  purchases: { file: purchases.csv, every: 1 day }
channels:
  desk: { type: file, path: reminders.jsonl }
people:
  defaults:
    channels: [desk]
    remind_at: 07:30
    holidays: [2026-12-25, 2026-12-28, 2027-01-01]
  farah: { zone: Asia/Dhaka, working_days: [sun, mon, tue, wed, thu], capacity_per_day: 1 }
...
)";

constexpr auto initial_rules = R"(---
facts:
  budget: { type: money, from: accounts.budget }
  vip: { type: boolean, from: accounts.vip, default: false }
  satisfaction: { type: number, latest_answer: satisfaction, expires: 18 months }
rules:
  - id: rich
    when: budget > 20000
    points: 45
    because: { en: "Has {{budget}} to spend" }
  - id: some-budget
    when: budget > 5000 && budget <= 20000
    points: 20
  - id: happy
    when: satisfaction >= 9
    points: 25
score: { base: 20, min: 0, max: 100 }
levels:
  high: { from: 60, not_before: 2 weeks, review_every: 1 month, at_latest: 6 weeks }
  medium: { from: 35, not_before: 2 months, review_every: 4 months, at_latest: 6 months }
  low: { from: 0, not_before: 9 months, review_every: 11 months, at_latest: 12 months }
cadences:
  - when: vip
    review_every: 3 weeks
    at_latest: 5 weeks
...
)";

constexpr auto agenda = R"(---
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

void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t place = text.find(from);
    REQUIRE(place != std::string::npos);
    text.replace(place, from.size(), to);
}

} // namespace

TimePoint at(Date day, int hours, int minutes) {
    return TimePoint{day.time_since_epoch()} + std::chrono::hours{hours}
           + std::chrono::minutes{minutes};
}

World::World() : settings_(initial_settings), rules_(initial_rules) {
    directory_.write(
        "data/people.csv",
        "key,name,email,manager\n"
        "ruth,Ruth Okafor,ruth@example.test,\n"
        "karim,Karim Haddad,karim@example.test,ruth\n"
        "ana,Ana Costa,ana@example.test,karim\n"
        "farah,Farah Khan,farah@example.test,karim\n"
    );
    directory_.write("agenda.yaml", agenda);
    write_purchases("");
    write_accounts(
        {{"a1", "ana", 42'000},
         {"a2", "ana", 30'000},
         {"a3", "ana", 9'000},
         {"a4", "ana", 8'000},
         {"a5", "ana", 100},
         {"a6", "ana", 200},
         {"a7", "farah", 50'000, true},
         {"a8", "farah", 7'000},
         {"a9", "farah", 10},
         {"a10", "farah", 0}}
    );
}

World::~World() = default;

void World::write_accounts(std::vector<AccountRow> accounts) {
    accounts_ = std::move(accounts);
    write_account_file();
}

void World::put_account(const AccountRow& account) {
    const auto found = std::find_if(accounts_.begin(), accounts_.end(), [&](const AccountRow& row) {
        return row.key == account.key;
    });
    if (found == accounts_.end()) {
        accounts_.push_back(account);
    } else {
        *found = account;
    }
    write_account_file();
}

void World::drop_account(const std::string& key) {
    accounts_.erase(
        std::remove_if(
            accounts_.begin(),
            accounts_.end(),
            [&](const AccountRow& row) { return row.key == key; }
        ),
        accounts_.end()
    );
    write_account_file();
}

void World::write_account_file() const {
    std::string text = "key,name,owner,budget,vip\n";
    for (const AccountRow& account : accounts_) {
        text += fmt::format(
            "{},Account {},{},{},{}\n",
            account.key,
            account.key,
            account.owner,
            account.budget < 0 ? "" : std::to_string(account.budget),
            account.is_vip
        );
    }
    directory_.write("data/accounts.csv", text);
}

void World::write_purchases(const std::string& rows) {
    directory_.write("data/purchases.csv", "key,account,product,date,amount\n" + rows);
}

void World::write_data(const std::string& name, const std::string& text) {
    directory_.write("data/" + name, text);
}

void World::write_agenda(const std::string& text) {
    directory_.write("agenda.yaml", text);
}

void World::watch_tickets(const std::string& triggers) {
    edit_settings("channels:\n", "  tickets: { file: tickets.csv, every: 1 day }\nchannels:\n");
    edit_rules("cadences:\n", "triggers:\n" + triggers + "cadences:\n");
    write_data("tickets.csv", "key,account,title,opened,closed\n");
}

void World::edit_settings(const std::string& from, const std::string& to) {
    replace(settings_, from, to);
}

void World::edit_rules(const std::string& from, const std::string& to) {
    replace(rules_, from, to);
}

void World::show_html() {
    edit_settings("desk: { type: file, path: reminders.jsonl", "desk: { type: exec");
}

config::Configuration World::load() const {
    const auto file = directory_.write("reviewd.yaml", settings_);
    directory_.write("rules/scoring.yaml", rules_);
    config::LoadOptions options;
    options.state_directory = (directory_.path() / "state").string();
    options.control_socket = (directory_.path() / "control.sock").string();
    options.check_channel = [](const config::ChannelSettings& channel, config::Report&) {
        return notify::find_plugin(channel.type)->traits;
    };
    config::LoadedConfiguration loaded = config::load_configuration(file.string(), options);
    INFO(render(loaded.diagnostics));
    REQUIRE(loaded.configuration.has_value());
    return *loaded.configuration;
}

void World::open(TimePoint now) {
    const std::filesystem::path state = directory_.path() / "state";
    std::filesystem::create_directories(state);
    lock_.emplace(store::InstanceLock::acquire(state).value());
    database_ = store::Database::open(*lock_).value();
    service::ServiceOptions options;
    options.seed = 7;
    options.host_name = host_name;
    options.traits = [this](std::string_view channel) {
        return traits ? traits(channel) : notify::DeliveryTraits{};
    };
    options.check_address = check_address;
    options.sign_link = [this](const store::LinkGrant& grant) {
        if (sign_link) {
            return sign_link(grant);
        }
        return fmt::format("signed-{}-{}", grant.review.value, grant.person.value);
    };
    service_ = std::make_unique<service::Service>(*database_, load(), options);
    const Result<void> started = service_->start(now);
    if (!started.has_value()) {
        close();
        throw Failure(started.error());
    }
}

void World::close() {
    service_.reset();
    database_.reset();
    lock_.reset();
}

void World::deliver(TimePoint now) {
    for (const config::ChannelSettings& channel : service_->configuration().settings->channels) {
        for (;;) {
            const auto orders = service_->outbox().claim(channel.name, 4, now).value();
            if (orders.empty()) {
                break;
            }
            for (const service::SendOrder& order : orders) {
                notify::Outcome outcome;
                outcome.verdict = notify::Verdict::accepted;
                if (answer) {
                    outcome = answer(order, now);
                } else {
                    REQUIRE(service_->outbox().mark_commit(order.delivery, order.attempt));
                }
                if (outcome.verdict == notify::Verdict::accepted) {
                    sent.push_back({now, order.message});
                }
                REQUIRE(service_->outbox()
                            .settle(order.delivery, order.attempt, outcome, now)
                            .has_value());
            }
        }
    }
}

void World::run(TimePoint now) {
    for (;;) {
        const service::Tick tick = run_until_idle(*service_, now).value();
        if (!tick.has_claimable) {
            return;
        }
        deliver(now);
    }
}

void World::run_through(TimePoint from, TimePoint end) {
    TimePoint now = from;
    while (now <= end) {
        run(now);
        const service::Tick tick = service_->tick(now).value();
        REQUIRE(tick.wake.has_value());
        REQUIRE(*tick.wake > now);
        now = *tick.wake;
    }
}

void World::import(TimePoint now) {
    run(now);
    REQUIRE(service_->importer().request({}, service::Importer::Mode::always).has_value());
    run(now);
    for (const service::ImportReport& report : service_->importer().reports()) {
        INFO(report.source << ": " << report.outcome.reason);
        CHECK(report.outcome.kind == intake::ImportJobOutcome::Kind::accepted);
    }
}

std::map<std::string, int> World::sent_reminders() const {
    std::map<std::string, int> count;
    for (const Sent& one : sent) {
        for (const std::string& reminder : one.message.reminder_ids) {
            ++count[reminder];
        }
    }
    return count;
}

std::vector<store::Review> World::open_reviews() {
    return store::Reviews{*database_}.list({});
}

store::Account World::account(const std::string& key) {
    store::Portfolio portfolio{*database_, service_->configuration().rules->schema};
    return portfolio.find_account(key).value();
}

std::vector<service::ReviewRow> World::plan(const std::string& owner, TimePoint now) {
    const service::Views& views = service().views();
    return views.rows(views.plan(owner).value(), now);
}

store::Review World::open_review(const std::string& key) {
    const auto open = store::Reviews{*database_}.open_of(account(key).id);
    REQUIRE(open.has_value());
    return *open;
}

std::string World::describe() {
    std::string text;
    store::ReviewFilter filter;
    filter.which = store::ReviewFilter::Which::all;
    filter.limit = 100'000;
    for (const store::Review& review : store::Reviews{*database_}.list(filter)) {
        text += fmt::format(
            "review account {} owner {} {} {} {} {} {} {} {} next {}\n",
            review.account.value,
            review.owner.value,
            name(review.state),
            review.occurrence,
            review.kind,
            to_string(review.earliest),
            to_string(review.target),
            to_string(review.due),
            to_string(review.latest),
            review.next_step ? to_string(*review.next_step) : "-"
        );
    }
    store::Outbox outbox{*database_};
    store::DeliveryFilter deliveries;
    deliveries.limit = 100'000;
    for (const store::Delivery& delivery : outbox.list(deliveries)) {
        text += fmt::format(
            "delivery {} to {} {}\n", delivery.channel, delivery.person.value, name(delivery.state)
        );
        for (const store::Reminder& reminder : outbox.reminders(delivery.id)) {
            text += fmt::format("  {} {}\n", to_string(reminder.key), reminder.is_cancelled);
        }
    }
    return text;
}

void check_invariants(World& world, TimePoint now) {
    store::Reviews reviews{world.database()};
    CHECK(reviews.accounts_without_review({}, 10).empty());
    CHECK(reviews.of_inactive_accounts({}, 10).empty());
    CHECK(reviews.with_former_owner({}, 10).empty());
    const config::Configuration& configuration = world.service().configuration();
    const service::People people{
        world.database(), configuration.rules->schema, *configuration.settings};
    const service::StatusView status =
        world.service().views().status(service::Views::Shares::leave_out, now);
    std::set<AccountId> late;
    for (const service::LateReview& one : status.late) {
        late.insert(one.account);
    }
    std::set<AccountId> seen;
    for (const store::Review& review : world.open_reviews()) {
        INFO("account " << review.account.value << " due " << to_string(review.due));
        CHECK(seen.insert(review.account).second);
        const bool is_chosen =
            review.occurrence > 1 || review.state == store::ReviewState::appointment;
        CHECK((is_chosen || people.owner(review.owner).calendar.is_working(review.due)));
        CHECK((is_chosen || review.due <= review.latest || late.count(review.account) == 1));
        CHECK(review.earliest <= review.target);
        CHECK(review.target <= review.latest);
    }
}

} // namespace reviewd::test
