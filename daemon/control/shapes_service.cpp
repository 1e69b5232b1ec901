// Shapes of what concerns the service itself: deliveries, imports, status.

#include "daemon/control/shapes.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace reviewd::control {

namespace {

namespace json = boost::json;

std::string_view kind_name(intake::ImportJobOutcome::Kind kind) {
    using Kind = intake::ImportJobOutcome::Kind;
    switch (kind) {
    case Kind::accepted:
        return "accepted";
    case Kind::unchanged:
        return "unchanged";
    case Kind::held:
        return "held";
    case Kind::dropped:
        return "dropped";
    case Kind::failed:
        return "failed";
    case Kind::tried:
        return "tried";
    }
    return "";
}

json::object counts_json(const store::ImportCounts& counts) {
    return json::object{
        {"added", counts.added},
        {"changed", counts.changed},
        {"unchanged", counts.unchanged},
        {"vanished", counts.vanished},
        {"duplicate", counts.duplicate},
        {"bad", counts.bad},
        {"skipped", counts.skipped},
    };
}

json::object unknown_json(const store::UnknownKeys& unknown) {
    return json::object{
        {"rows", unknown.rows},
        {"are_more", unknown.are_more},
        {"keys", json::array(unknown.keys.begin(), unknown.keys.end())},
    };
}

json::array sources_json(const service::StatusView& view) {
    json::array sources;
    for (const service::SourceView& each : view.sources) {
        sources.push_back(json::object{
            {"name", each.settings.name},
            {"table", rules::name(each.settings.table)},
            {"file", each.settings.file},
            {"rows", each.source.active_rows},
            {"bad_rows", each.source.counts.bad},
            {"unknown_accounts", unknown_json(each.unknown.accounts)},
            {"unknown_products", unknown_json(each.unknown.products)},
            {"last_success", to_json(each.source.last_success)},
            {"last_attempt", to_json(each.source.last_attempt)},
            {"last_error", text_or_null(each.source.last_error)},
            {"is_stale", each.is_stale},
            {"next", to_json(each.next)},
        });
    }
    return sources;
}

json::array known_json(const std::vector<service::KnownShare>& shares) {
    json::array array;
    for (const service::KnownShare& share : shares) {
        array.push_back(json::object{{"name", share.name}, {"known", share.known}});
    }
    return array;
}

void add_held(json::object& object, const service::StatusView& view) {
    json::array imports;
    for (const store::Import& held : view.imports_held) {
        imports.push_back(json::object{
            {"id", held.id.value},
            {"source", held.source_name},
            {"rows_before", held.visible_rows},
            {"counts", counts_json(held.counts)},
        });
    }
    object["imports_held"] = std::move(imports);
    object["levels_held"] = levels_held_json(view.levels_held);
    object["restored"] = text_or_null(view.restored.value_or(""));
    object["last_backup"] =
        view.last_backup ? json::value(to_string(*view.last_backup)) : json::value(nullptr);
    object["last_drill"] =
        view.last_drill ? json::value(to_string(view.last_drill->ended)) : json::value(nullptr);
    object["drill_problem"] =
        text_or_null(view.last_drill ? view.last_drill->problem : std::string{});
}

std::string_view kind_name(service::RulesDrift::Kind kind) {
    switch (kind) {
    case service::RulesDrift::Kind::differs:
        return "differs";
    case service::RulesDrift::Kind::missing:
        return "missing";
    case service::RulesDrift::Kind::additional:
        return "additional";
    }
    return "";
}

json::object rules_json(const service::StatusView& view) {
    json::array drift;
    for (const service::RulesDrift& file : view.rules_drift) {
        drift.push_back(json::object{{"file", file.file}, {"kind", kind_name(file.kind)}});
    }
    return json::object{
        {"authority", config::name(view.rules_settings.authority)},
        {"directory", view.rules_settings.directory},
        {"waiting", rules_waiting_json(view.rules_waiting)},
        {"dropped", rules_dropped_json(view.rules_dropped)},
        {"drift", std::move(drift)},
    };
}

void add_outbox(json::object& object, const service::StatusView& view) {
    json::array deliveries;
    for (const store::DeliveryCount& count : view.health.deliveries) {
        deliveries.push_back(json::object{
            {"channel", count.channel},
            {"state", name(count.state)},
            {"deliveries", count.deliveries},
        });
    }
    json::array paused;
    for (const service::PausedChannel& channel : view.paused) {
        paused.push_back(json::object{
            {"channel", channel.channel},
            {"reason", channel.reason},
            {"until", to_json(channel.until)},
            {"limit", channel.is_limit},
        });
    }
    object["deliveries"] = std::move(deliveries);
    object["oldest_waiting"] = to_json(view.health.oldest_waiting);
    object["paused"] = std::move(paused);
}

/// One text for all of them.
json::array lost_parents(const store::Health& health) {
    const std::int64_t lost = health.accounts_with_lost_parent;
    json::array texts;
    if (lost > 0) {
        texts.emplace_back(fmt::format(
            "the parent of `{}`{} is no account of its source, or leads back to it",
            escape_controls(health.lost_parent_of),
            lost == 1 ? "" : fmt::format(", and of {} more,", lost - 1)
        ));
    }
    return texts;
}

void add_portfolio(json::object& object, const service::StatusView& view) {
    const store::Health& health = view.health;
    object["accounts"] = json::object{
        {"active", health.accounts_active},
        {"inactive", health.accounts_inactive},
        {"without_owner", health.accounts_without_owner},
        {"without_score", health.accounts_without_score},
        {"not_judged", health.accounts_not_judged},
        {"without_review", health.accounts_without_review},
    };
    json::array levels;
    for (const auto& [level, accounts] : view.levels) {
        levels.push_back(json::object{{"level", level}, {"accounts", accounts}});
    }
    object["levels"] = std::move(levels);
    object["reviews"] = json::object{
        {"open", health.reviews_open},
        {"overdue", health.reviews_overdue},
        {"due_today", health.reviews_due_today},
    };
    json::array late;
    for (const service::LateReview& review : view.late) {
        late.push_back(json::object{
            {"account", review.account_name},
            {"owner", text_or_null(review.owner_key)},
            {"due", to_string(review.due)},
            {"latest", to_string(review.latest)},
        });
    }
    object["late"] = std::move(late);
    json::array lost_zones;
    for (const std::string& lost : view.lost_zones) {
        lost_zones.emplace_back(lost);
    }
    object["lost_zones"] = std::move(lost_zones);
    object["lost_regions"] = json::array(view.lost_regions.begin(), view.lost_regions.end());
    object["lost_parents"] = lost_parents(health);
    object["lost_channels"] = json::array(view.lost_channels.begin(), view.lost_channels.end());
    object["lost_links"] = json::array(view.lost_links.begin(), view.lost_links.end());
    object["lost_languages"] = json::array(view.lost_languages.begin(), view.lost_languages.end());
    object["known"] = json::object{
        {"accounts", view.known.accounts},
        {"facts", known_json(view.known.facts)},
        {"rules", known_json(view.known.rules)},
    };
}

/// As the store counts them for lists.
bool is_uncertain(const store::DeliveryAttempt& attempt) {
    return attempt.phase == store::SendPhase::commit
           && (attempt.outcome == "uncertain" || attempt.outcome == "interrupted");
}

} // namespace

json::object delivery_json(const store::Delivery& delivery, const std::string& person) {
    const json::value phase =
        delivery.phase ? json::value(name(*delivery.phase)) : json::value(nullptr);
    return json::object{
        {"id", delivery.id.value},
        {"key", delivery.key},
        {"channel", delivery.channel},
        {"person", text_or_null(person)},
        {"state", name(delivery.state)},
        {"phase", phase},
        {"reason", text_or_null(delivery.reason)},
        {"attempts", delivery.attempts},
        {"uncertain", delivery.uncertain},
        {"not_before", to_string(delivery.not_before)},
        {"expires_at", to_json(delivery.expires_at)},
        {"next_at", to_json(delivery.next_at)},
        {"held_until", to_json(delivery.held_until)},
        {"created", to_string(delivery.created)},
        {"changed", to_string(delivery.changed)},
        {"requeued_from",
         delivery.requeued_from ? json::value(delivery.requeued_from.value) : json::value(nullptr)},
    };
}

json::object delivery_view_json(const service::DeliveryView& view) {
    json::object object = delivery_json(view.delivery, view.person_key);
    object["message"] = nullptr;
    if (const auto& message = view.delivery.message) {
        object["message"] = json::object{
            {"address", message->address},
            {"recipient", message->recipient_name},
            {"language", message->language},
            {"subject", message->subject},
            {"text", message->text},
            {"message_id", message->message_id},
            {"date", to_string(message->date)},
        };
    }
    json::array reminders;
    for (const store::Reminder& reminder : view.reminders) {
        reminders.push_back(json::object{
            {"key", to_string(reminder.key)},
            {"review", reminder.key.review.value},
            {"step", reminder.key.step},
            {"day", to_string(reminder.day)},
            {"is_cancelled", reminder.is_cancelled},
        });
    }
    json::array tries;
    int uncertain = 0;
    for (const store::DeliveryAttempt& attempt : view.attempts) {
        uncertain += is_uncertain(attempt) ? 1 : 0;
        tries.push_back(json::object{
            {"number", attempt.number},
            {"phase", name(attempt.phase)},
            {"started", to_string(attempt.started)},
            {"ended", to_json(attempt.ended)},
            {"outcome", text_or_null(attempt.outcome)},
            {"reason", text_or_null(attempt.reason)},
            {"code", attempt.code},
            {"enhanced_code", text_or_null(attempt.enhanced_code)},
            {"reply", text_or_null(attempt.reply)},
        });
    }
    object["reminders"] = std::move(reminders);
    object["tries"] = std::move(tries);
    object["uncertain"] = uncertain;
    return object;
}

json::object import_json(
    const service::ImportReport& report, const store::UnknownReferences& unknown
) {
    const intake::ImportJobOutcome& outcome = report.outcome;
    json::array problems;
    for (const store::ImportProblem& problem : outcome.problems) {
        problems.push_back(json::object{
            {"line", problem.line}, {"column", problem.column}, {"reason", problem.reason}});
    }
    const bool is_held = outcome.kind == intake::ImportJobOutcome::Kind::held;
    const bool is_failed = outcome.kind == intake::ImportJobOutcome::Kind::failed;
    // A trial changes nothing: what is unknown is not so of the rows that it read.
    const bool is_tried = outcome.kind == intake::ImportJobOutcome::Kind::tried;
    return json::object{
        {"source", report.source},
        {"file", report.file},
        {"outcome", kind_name(outcome.kind)},
        {"counts", counts_json(outcome.counts)},
        {"problems", std::move(problems)},
        {"unknown_accounts", is_tried ? json::value{} : unknown_json(unknown.accounts)},
        {"unknown_products", is_tried ? json::value{} : unknown_json(unknown.products)},
        {"remarks", json::array(outcome.remarks.begin(), outcome.remarks.end())},
        {"held", is_held ? json::value(outcome.import.value) : json::value(nullptr)},
        {"reason", text_or_null(outcome.reason)},
        {"try_later", is_failed && outcome.code == ErrorCode::try_later},
    };
}

json::object status_json(const service::StatusView& view) {
    json::object object;
    add_portfolio(object, view);
    object["sources"] = sources_json(view);
    add_outbox(object, view);
    add_held(object, view);
    object["rules_version"] = text_or_null(view.rules_version.value_or(""));
    object["rules"] = rules_json(view);
    object["overrides_idle"] = idle_overrides_json(view.overrides_idle);
    object["database_bytes"] = view.health.database_bytes;
    object["schema_version"] = view.health.schema_version;
    return object;
}

json::array diagnostics_json(const Diagnostics& diagnostics) {
    json::array array;
    for (const Diagnostic& each : diagnostics) {
        array.push_back(json::object{
            {"severity", word(each.severity)},
            {"file", each.position.file_name()},
            {"line", each.position.line},
            {"column", each.position.column},
            {"message", each.message},
            {"hint", each.hint.empty() ? json::value(nullptr) : json::value(each.hint)},
        });
    }
    return array;
}

json::value levels_held_json(const std::optional<service::HeldLevels>& held) {
    if (!held) {
        return nullptr;
    }
    return json::object{{"accounts", held->accounts}, {"moving", held->moving}};
}

PersonKeys person_keys(const service::Views& views, TimePoint now) {
    PersonKeys keys;
    for (const service::PersonView& person : views.people(now)) {
        keys.emplace(person.profile.id, person.profile.key);
    }
    return keys;
}

} // namespace reviewd::control
