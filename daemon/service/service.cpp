// The order of work: what was imported is scored, what was scored is looked through for what sets
// off triggers, then planned, what was planned is
// reminded of, what is to be reminded of is frozen. Each tick does one bounded piece of the first
// kind that has something to do, so sockets are answered and messages sent in between.

#include "daemon/service/service.hpp"

#include "daemon/service/agreement.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/service/lost_channels.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/usefulness.hpp"
#include "daemon/service/zone_changes.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/imports.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/outbox_health.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/restore.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

/// Stands from the moment something changes until scores and plan have followed.
constexpr std::string_view pending_marker = "work.pending";
/// The company's day that scores and plan are made for.
constexpr std::string_view day_marker = "work.day";
constexpr std::string_view host_marker = "identity.host";

ChosenRules choose_or_throw(store::Database& database, const config::Configuration& loaded) {
    Result<ChosenRules> chosen = choose_rules(database, loaded);
    if (!chosen.has_value()) {
        throw Failure(chosen.error());
    }
    return std::move(*chosen);
}

} // namespace

Service::Service(
    store::Database& database, config::Configuration configuration, ServiceOptions options
)
    : Service(
        database, choose_or_throw(database, configuration), configuration, std::move(options)
    ) {}

Service::Service(
    store::Database& database,
    ChosenRules chosen,
    const config::Configuration& loaded,
    ServiceOptions options
)
    : context_{
        database,
        std::move(chosen.configuration),
        std::move(options),
        {},
        {},
        {},
        false,
        true,
        {},
        loaded.rules},
      columns_(context_),
      importer_(context_),
      rescorer_(context_, columns_),
      watch_(context_, rescorer_, columns_),
      scheduler_(context_),
      reminders_(context_),
      dispatcher_(context_),
      weekly_(context_),
      operators_(context_),
      rules_(context_, rescorer_, scheduler_),
      overrides_(context_, rescorer_, scheduler_),
      backtests_(context_),
      desk_(context_, rescorer_, watch_, scheduler_),
      accounts_(context_, rescorer_, watch_, scheduler_),
      leave_(context_, scheduler_),
      answers_(context_, desk_),
      views_(context_, rescorer_, scheduler_, dispatcher_, rules_, columns_) {
    note_problem(chosen.problem);
    context_.resolve_people();
    context_.templates = std::make_shared<const message::Templates>();
}

Service::~Service() = default;

void Service::note_problem(const std::string& problem) {
    if (!problem.empty()) {
        context_.note(LogEvent::rules_unreadable, problem);
    }
}

void Service::note_lost_channels(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        context_.note(LogEvent::channel_lost, line);
    }
}

Result<void> Service::start(TimePoint now) {
    const std::optional<TimePoint> seen = context_.database.last_seen();
    if (seen && context_.company_day(*seen) > context_.company_day(now)) {
        return fail(
            ErrorCode::conflict,
            fmt::format(
                "the database has seen {} already, later than {}: it does not go back in time; "
                "take another state directory, or set the clock right",
                to_string(context_.company_day(*seen)),
                to_string(context_.company_day(now))
            )
        );
    }
    if (const Result<void> read = read_missing_zones(now); !read.has_value()) {
        return read;
    }
    const auto templates = context_.read_templates(context_.settings());
    if (!templates.has_value()) {
        return templates.error();
    }
    context_.templates = *templates;
    const Result<void> recovered = dispatcher_.recover(now);
    if (!recovered.has_value()) {
        return recovered;
    }
    store::Markers markers{context_.database};
    const Result<Date> day = parse_date(markers.find(day_marker).value_or(""));
    if (day.has_value()) {
        day_ = *day;
    }
    if (const auto kept = markers.find(host_marker)) {
        context_.options.host_name = *kept;
    }
    const auto noted = store::write(context_.database, [&]() -> Result<std::vector<std::string>> {
        markers.set(host_marker, context_.options.host_name);
        forget_midnights(context_);
        move_with_zones(context_, {"reviewd", "start"}, now);
        rules_.note_files({"reviewd", "start"}, now);
        spare_untried(context_, now);
        return leave_lost_channels(context_, now);
    });
    if (!noted.has_value()) {
        return noted.error();
    }
    note_lost_channels(*noted);
    rules_.refresh();
    context_.restored = markers.find(store::restored_marker);
    if (context_.restored) {
        context_.note(
            LogEvent::outbox_restored,
            fmt::format("a backup was restored at {}: nothing is sent", *context_.restored)
        );
    }
    rescorer_.resume(now);
    if (markers.find(pending_marker)) {
        rescorer_.request(store::LevelCause::facts);
    }
    watch_.request();
    scheduler_.request();
    return importer_.resume(now);
}

/// A person's days are those of their zone: without it nothing is planned or sent.
Result<void> Service::read_missing_zones(TimePoint now) {
    if (!context_.people->has_unread_zones()) {
        return {};
    }
    const Result<void> resolved = resolve_people(context_, {"reviewd", "schedule"}, now);
    if (resolved.has_value() && context_.people->has_unread_zones()) {
        return fail(
            ErrorCode::try_later,
            "a time zone cannot be read for want of descriptors or memory; nothing is planned until "
            "it can"
        );
    }
    return resolved;
}

Result<bool> Service::work(TimePoint now) {
    if (const Result<void> read = read_missing_zones(now); !read.has_value()) {
        return read.error();
    }
    if (importer_.is_busy() || importer_.request_due(now)) {
        const Result<bool> ended = importer_.step(now);
        if (!ended.has_value()) {
            return ended;
        }
        if (*ended) {
            const auto changed = store::Imports{context_.database}.take_changed();
            rescorer_.request_facts(changed);
            watch_.note_changed(changed);
            scheduler_.request();
            if (const Result<void> marked = mark_pending(); !marked.has_value()) {
                return marked.error();
            }
        }
        return true;
    }
    const Date today = context_.company_day(now);
    if (!day_ || *day_ < today) {
        const Result<void> begun = begin_day(today, now);
        if (!begun.has_value()) {
            return begun.error();
        }
    }
    if (rescorer_.is_busy()) {
        const Result<bool> ended = rescorer_.step(now);
        if (ended.has_value() && *ended) {
            watch_.request();
            plan_again();
        }
        return ended.has_value() ? Result<bool>{true} : ended;
    }
    if (watch_.is_busy()) {
        const Result<bool> ended = watch_.step(now);
        if (ended.has_value() && *ended) {
            plan_again();
        }
        return ended.has_value() ? Result<bool>{true} : ended;
    }
    if (rules_.is_busy()) {
        const Result<void> counted = rules_.step(now);
        return counted.has_value() ? Result<bool>{true} : counted.error();
    }
    if (scheduler_.is_busy()) {
        const Result<bool> ended = scheduler_.step(now);
        if (!ended.has_value()) {
            return ended;
        }
        if (*ended) {
            const Result<void> cleared = clear_pending();
            if (!cleared.has_value()) {
                return cleared.error();
            }
        }
        return true;
    }
    if (context_.are_reviews_changed) {
        context_.are_reviews_changed = false;
        reminders_.look_again();
    }
    return work_on_messages(now);
}

Result<bool> Service::work_on_messages(TimePoint now) {
    const Result<bool> reminded = reminders_.step(now);
    if (!reminded.has_value() || *reminded) {
        return reminded;
    }
    const Result<bool> reported = weekly_.step(now);
    if (!reported.has_value() || *reported) {
        return reported;
    }
    const Result<bool> passed = dispatcher_.pass_time(now);
    if (!passed.has_value() || *passed) {
        return passed;
    }
    // After it: what has expired by now belongs to this morning.
    const Result<bool> told = operators_.step(now);
    if (!told.has_value() || *told) {
        return told;
    }
    const Result<bool> frozen = dispatcher_.freeze_some(now);
    if (frozen.has_value() && !*frozen && backtests_.is_busy()) {
        backtests_.step();
        return true;
    }
    return frozen;
}

Result<void> Service::begin_day(Date today, TimePoint now) {
    const Result<void> followed = follow_tz_database(context_, {"reviewd", "schedule"}, now);
    if (!followed.has_value()) {
        return followed;
    }
    const Result<void> marked = store::write(context_.database, [&]() -> Result<void> {
        store::Markers markers{context_.database};
        markers.set(day_marker, to_string(today));
        markers.set(pending_marker, to_string(today));
        context_.database.remember_seen(now);
        return {};
    });
    if (marked.has_value()) {
        context_.are_reviews_changed = true;
        day_ = today;
        context_.are_plans_touched = true;
        rescorer_.request(store::LevelCause::day);
    }
    return marked;
}

/// A day brings no account and takes none away: where it changed few, only their owners' plans
/// follow.
void Service::plan_again() {
    if (rescorer_.was_over_all()) {
        scheduler_.request();
    } else {
        context_.are_plans_touched = true;
    }
}

Result<void> Service::mark_pending() {
    return store::write(context_.database, [&]() -> Result<void> {
        store::Markers{context_.database}.set(pending_marker, "facts");
        return {};
    });
}

Result<void> Service::clear_pending() {
    return store::write(context_.database, [&]() -> Result<void> {
        store::Markers{context_.database}.erase(pending_marker);
        return {};
    });
}

bool Service::is_resting(TimePoint now) const {
    return rest_ && rest_->from <= now && (!rest_->until || now < *rest_->until)
           && rest_->changes == context_.database.changes() && rest_->rounds == dispatcher_.rounds()
           && context_.notices.empty() && !context_.are_reviews_changed && !is_busy();
}

Result<Tick> Service::tick(TimePoint now) {
    Tick tick;
    if (is_resting(now)) {
        tick.wake = rest_->until;
        return tick;
    }
    rest_.reset();
    const Result<bool> worked = work(now);
    tick.notices = std::move(context_.notices);
    context_.notices.clear();
    if (!worked.has_value()) {
        // Nothing is lost: the same piece comes up again. The caller decides when.
        context_.notices = std::move(tick.notices);
        return worked.error();
    }
    tick.has_claimable = dispatcher_.has_claimable(now);
    tick.wake = *worked ? std::optional{now} : next_wake(now);
    if (!*worked && !tick.has_claimable && (!tick.wake || *tick.wake > now)) {
        rest_ = Rest{now, tick.wake, context_.database.changes(), dispatcher_.rounds()};
    }
    return tick;
}

bool Service::read_ahead(TimePoint now) {
    const Date today = context_.company_day(now);
    return !columns_.are_current(today) && !columns_.load_some(today);
}

std::optional<TimePoint> Service::next_wake(TimePoint now) {
    std::optional<TimePoint> wake =
        context_.people->zone().start_of(context_.company_day(now) + std::chrono::days{1});
    const auto consider = [&](const std::optional<TimePoint>& other) {
        if (other && *other > now) {
            wake = std::min(wake.value_or(*other), *other);
        }
    };
    consider(importer_.next_wake());
    consider(reminders_.next_wake());
    consider(weekly_.next_wake());
    consider(operators_.next_wake());
    consider(dispatcher_.next_wake(now));
    return wake;
}

Result<void> Service::reload(
    config::Configuration configuration, const Actor& actor, TimePoint now
) {
    Result<ChosenRules> chosen = choose_rules(context_.database, configuration);
    if (!chosen.has_value()) {
        return chosen.error();
    }
    // Before anything changes: what cannot be read now would be lost until the next reload.
    const auto templates = context_.read_templates(*configuration.settings);
    if (!templates.has_value()) {
        return templates.error();
    }
    const auto exchange = [&] {
        std::swap(context_.configuration, chosen->configuration);
        std::swap(context_.files_rules, configuration.rules);
    };
    const auto hash_of = [](const std::shared_ptr<const rules::RuleSet>& rules) {
        return rules == nullptr ? std::string{} : rules->content_hash;
    };
    const bool are_files_as_before = hash_of(context_.files_rules) == hash_of(configuration.rules);
    const People before = *context_.people;
    const auto take_back = [&] {
        exchange();
        context_.people = before;
    };
    std::vector<std::string> lost_channels;
    const auto record = [&]() -> Result<bool> {
        store::Audit{context_.database}.record({0, now, actor.who, actor.from, "reload", "{}"});
        move_with_zones(context_, actor, now);
        store::Markers{context_.database}.set(pending_marker, "rules");
        rules_.note_files(actor, now);
        Result<std::vector<std::string>> left = leave_lost_channels(context_, now);
        if (!left.has_value()) {
            return left.error();
        }
        lost_channels = *std::move(left);
        const auto active = store::RulesVersions{context_.database}.active();
        return !active || active->hash != context_.rules().content_hash;
    };
    bool are_others = false;
    exchange();
    try {
        context_.resolve_people();
        const Result<bool> recorded = store::write(context_.database, record);
        if (!recorded.has_value()) {
            take_back();
            return recorded.error();
        }
        are_others = *recorded;
    } catch (...) {
        take_back(); // whatever went wrong, the settings are those that the database has
        throw;
    }
    note_problem(chosen->problem);
    note_lost_channels(lost_channels);
    context_.templates = *templates;
    importer_.look_again();
    // Other files only wait: what they change is counted without reading the portfolio again.
    if (are_others || are_files_as_before) {
        rescorer_.request(are_others ? store::LevelCause::rules : store::LevelCause::facts);
    }
    rules_.refresh();
    scheduler_.request();
    return {};
}

std::string Service::feed(PersonId person, TimePoint now) {
    return feed_of(context_, context_.people->owner(person), now);
}

Result<std::string> Service::feed_address(const std::string& person, TimePoint now) {
    store::Portfolio portfolio{context_.database, context_.rules().schema};
    const Result<store::Person> found = portfolio.match_person(person);
    if (!found.has_value()) {
        return found.error();
    }
    if (!context_.settings().links || !context_.options.sign_link) {
        return fail(
            ErrorCode::unavailable,
            "calendars are served with the links of messages: set `links:` and `public_url:`"
        );
    }
    constexpr std::chrono::hours year{24 * 366};
    store::LinkGrant grant;
    grant.placeholder = fmt::format("calendar {}", found->id.value);
    grant.purpose = "calendar";
    grant.person = found->id;
    grant.expires = now + year;
    return fmt::format(
        "{}/c/{}.ics", context_.settings().public_url, context_.options.sign_link(grant)
    );
}

const config::Configuration& Service::configuration() const {
    return context_.configuration;
}

Result<int> Service::resume(Backlog backlog, const Actor& actor, TimePoint now) {
    return resume_after_restore(context_, backlog, actor, now);
}

Result<void> Service::note_export(
    std::string_view command, std::int64_t rows, const Actor& actor, TimePoint now
) {
    return store::write(context_.database, [&]() -> Result<void> {
        const Details details{{"command", std::string{command}}, {"rows", std::to_string(rows)}};
        store::Audit{context_.database}.record(
            {0, now, actor.who, actor.from, "exported", to_json(details)}
        );
        return {};
    });
}

void Service::note_backup(TimePoint taken, const std::string& directory, TimePoint now) {
    const std::optional<TimePoint> known = store::read_last_backup(context_.database);
    if (known && taken < *known && *known <= now) {
        return; // of two that were made side by side the newer one counts
    }
    const Result<void> written = store::write(context_.database, [&]() -> Result<void> {
        store::Markers markers{context_.database};
        markers.set(store::backup_marker, std::to_string(taken.time_since_epoch().count()));
        if (!directory.empty()) {
            markers.set(store::backup_directory_marker, directory);
        }
        return {};
    });
    if (!written) {
        context_.note(LogEvent::backup_not_recorded, written.error().message);
    }
}

std::string Service::backup_directory() const {
    return store::Markers{context_.database}.find(store::backup_directory_marker).value_or("");
}

Result<void> Service::note_drill(const std::string& problem, TimePoint now) {
    return store::write(context_.database, [&]() -> Result<void> {
        store::Markers markers{context_.database};
        markers.set(store::drill_marker, std::to_string(now.time_since_epoch().count()));
        markers.set(store::drill_problem_marker, problem);
        return {};
    });
}

bool Service::is_busy() const {
    return importer_.is_busy() || rescorer_.is_busy() || rules_.is_busy() || watch_.is_busy()
           || scheduler_.is_busy() || backtests_.is_busy();
}

} // namespace reviewd::service
