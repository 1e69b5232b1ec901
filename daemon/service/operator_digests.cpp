#include "daemon/service/operator_digests.hpp"

#include "daemon/service/channel_pause.hpp"
#include "daemon/service/owners.hpp"
#include "daemon/service/usefulness.hpp"
#include "daemon/store/given_up.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"
#include "daemon/store/waiting.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace reviewd::service {
namespace {

namespace json = boost::json;

constexpr int groups_told = 20;

std::optional<TimePoint> moment_in(const std::optional<std::string>& text) {
    std::int64_t milliseconds = 0;
    if (!text
        || std::from_chars(text->data(), text->data() + text->size(), milliseconds).ec
               != std::errc{}) {
        return std::nullopt;
    }
    return TimePoint{std::chrono::milliseconds{milliseconds}};
}

std::string fallback_of(const config::Settings& settings, const std::string& name) {
    for (const config::ChannelSettings& channel : settings.channels) {
        const config::Node* fallback =
            channel.name == name ? channel.node.find("fallback") : nullptr;
        if (fallback != nullptr && fallback->is_scalar()) {
            return fallback->text();
        }
    }
    return {};
}

/// What waits for a person, and why: held, or on a channel that somebody paused.
struct Waiting {
    store::WaitingGroup group;
    message::WaitingMessages::Why why = message::WaitingMessages::Why::held;
    std::string reason{};
};

std::vector<Waiting> read_waiting(Context& context, TimePoint now) {
    using Why = message::WaitingMessages::Why;
    std::vector<Waiting> all;
    for (store::WaitingGroup& group : store::read_held(context.database)) {
        const Why why = group.is_uncertain ? Why::uncertain : Why::held;
        all.push_back({std::move(group), why});
    }
    for (const config::ChannelSettings& channel : context.settings().channels) {
        const auto pause = find_channel_pause(context.database, channel.name);
        if (!pause) {
            continue;
        }
        auto group = store::read_waiting_on(context.database, channel.name, now);
        if (!group) {
            continue;
        }
        // Each morning's digest takes in the older ones: the pause may be older than all that wait.
        if (pause->since) {
            group->since = std::min(group->since, *pause->since);
            group->newest = group->newest ? std::max(group->newest, pause->since) : std::nullopt;
        }
        all.push_back({*std::move(group), Why::paused, pause->reason});
    }
    if (all.size() > groups_told) {
        all.resize(groups_told);
    }
    return all;
}

using OwnerlessCounts = std::map<std::string, std::int64_t>;

/// What a reader knows already; nothing when that is no longer legible.
OwnerlessCounts read_told(const std::optional<std::string>& text) {
    OwnerlessCounts told;
    boost::system::error_code error;
    const json::value parsed = json::parse(text.value_or("{}"), error);
    if (!error && parsed.is_object()) {
        for (const auto& [key, count] : parsed.as_object()) {
            told[key] = count.is_int64() ? count.get_int64() : 0;
        }
    }
    return told;
}

std::string to_marker(const OwnerlessCounts& counts) {
    json::object told;
    for (const auto& [key, count] : counts) {
        told[key] = count;
    }
    return json::serialize(told);
}

/// What an operator is told, and what is said of it.
struct Findings {
    std::vector<store::GivenUpGroup> given_up;
    std::vector<Waiting> waiting;
    OwnerlessCounts ownerless; ///< accounts of nobody, by the key they name

    /// What waits, or has no owner, is news once; what was told before is named beside other news.
    [[nodiscard]] bool is_reason_to_write(TimePoint last, const OwnerlessCounts& told) const {
        const auto is_lost = [](const store::GivenUpGroup& group) {
            return group.deliveries > group.of_operators;
        };
        const auto is_new = [last](const Waiting& each) {
            // A channel is looked at with what is due at this moment, the rest with what was held
            // until then.
            const bool is_paused = each.why == message::WaitingMessages::Why::paused;
            const auto from = is_paused ? last + std::chrono::milliseconds{1} : last;
            return each.group.newest && *each.group.newest >= from;
        };
        const auto has_more = [&told](const auto& each) {
            const auto before = told.find(each.first);
            return before == told.end() || before->second < each.second;
        };
        return std::any_of(given_up.begin(), given_up.end(), is_lost)
               || std::any_of(waiting.begin(), waiting.end(), is_new)
               || std::any_of(ownerless.begin(), ownerless.end(), has_more);
    }
};

std::string readable(const std::string& words) {
    return find_invalid_utf8(words) ? escape_controls(words) : words;
}

json::array waiting_of(const Findings& found, const PersonProfile& reader) {
    json::array told;
    for (const Waiting& each : found.waiting) {
        told.push_back(json::object{
            {"channel", each.group.channel},
            {"why", message::name(each.why)},
            {"deliveries", each.group.deliveries},
            {"people", each.group.people},
            {"delivery", each.group.first.value},
            {"since", to_string(reader.today(each.group.since))},
            {"reason", readable(each.reason)}});
    }
    return told;
}

/// Whom the accounts name: by name, with the manager, as long as that is known.
json::array ownerless_of(const Context& context, const Findings& found) {
    store::Portfolio portfolio{context.database, context.rules().schema};
    json::array told;
    for (const auto& [key, accounts] : found.ownerless) {
        const auto gone = portfolio.find_person(key);
        const auto manager = gone ? portfolio.find_person(gone->manager_key) : std::nullopt;
        told.push_back(json::object{
            {"key", readable(key)},
            {"name", gone ? readable(gone->name) : std::string{}},
            {"accounts", accounts},
            {"manager", manager ? readable(manager->name) : std::string{}}});
        if (told.size() == groups_told) {
            break;
        }
    }
    return told;
}

std::string content_of(
    const Context& context, const Findings& found, const PersonProfile& reader, TimePoint last
) {
    json::array told;
    for (const store::GivenUpGroup& group : found.given_up) {
        told.push_back(json::object{
            {"channel", group.channel},
            {"reason", group.reason},
            {"is_expired", group.is_expired},
            {"deliveries", group.deliveries},
            {"people", group.people},
            {"delivery", group.first.value},
            {"reply", readable(group.reply)},
            {"fallback", fallback_of(context.settings(), group.channel)}});
    }
    return json::serialize(json::object{
        {"since", to_string(reader.today(last))},
        {"groups", std::move(told)},
        {"waiting", waiting_of(found, reader)},
        {"ownerless", ownerless_of(context, found)}});
}

std::string string_at(const json::object& object, std::string_view key) {
    return json::value_to<std::string>(object.at(key));
}

/// @errors `bad_data` for what is no day
Result<message::WaitingMessages> waiting_in(const json::object& group) {
    using Why = message::WaitingMessages::Why;
    const Result<Date> since = parse_date(string_at(group, "since"));
    if (!since.has_value()) {
        return since.error();
    }
    const std::string why = string_at(group, "why");
    message::WaitingMessages waiting;
    waiting.channel = string_at(group, "channel");
    for (const Why each : {Why::uncertain, Why::paused}) {
        waiting.why = why == message::name(each) ? each : waiting.why;
    }
    waiting.deliveries = group.at("deliveries").as_int64();
    waiting.people = group.at("people").as_int64();
    waiting.delivery = group.at("delivery").as_int64();
    waiting.since = *since;
    waiting.reason = string_at(group, "reason");
    return waiting;
}

message::UndeliveredGroup given_up_in(const json::object& group) {
    return {
        string_at(group, "channel"),
        string_at(group, "reason"),
        group.at("is_expired").as_bool(),
        group.at("deliveries").as_int64(),
        group.at("people").as_int64(),
        group.at("delivery").as_int64(),
        string_at(group, "reply"),
        string_at(group, "fallback")};
}

} // namespace

std::vector<const PersonProfile*> OperatorDigests::operators() {
    std::vector<const PersonProfile*> found;
    for (const std::string& key : context_.settings().operators) {
        const PersonProfile* person = context_.people->find(key);
        if (person != nullptr) {
            found.push_back(person);
        } else if (told_.insert(key).second) {
            context_.note(
                LogEvent::reminder_unreachable,
                fmt::format(
                    "`operators:` names `{}`, who is nobody in the people table: they are not told "
                    "of what cannot be delivered",
                    escape_controls(key)
                )
            );
        }
    }
    return found;
}

bool OperatorDigests::plan(const PersonProfile& reader, TimePoint now) {
    store::Markers markers{context_.database};
    const std::string marker = fmt::format("operator.{}", reader.id.value);
    const std::optional<TimePoint> last = moment_in(markers.find(marker));
    const auto remember = [&] {
        markers.set(marker, std::to_string(now.time_since_epoch().count()));
    };
    if (!last) {
        remember(); // what was given up before anybody was to be told is old
        return false;
    }
    const Date today = reader.today(now);
    // The morning itself, not this moment: the same whenever it is planned.
    const TimePoint morning = reader.zone.moment(today, reader.remind_at);
    if (!reader.is_reminded_at(now) || *last >= morning) {
        return false;
    }
    const Findings found{
        store::read_given_up(context_.database, *last, now, groups_told),
        read_waiting(context_, now),
        count_ownerless(context_)};
    remember();
    const std::string known = marker + ".ownerless";
    const OwnerlessCounts told = read_told(markers.find(known));
    if (found.ownerless != told) {
        markers.set(known, to_marker(found.ownerless)); // who got an owner may lose one again
    }
    if (!found.is_reason_to_write(*last, told)) {
        return false;
    }
    store::NoticePlan plan;
    plan.kind = "operator";
    plan.content = content_of(context_, found, reader, *last);
    plan.person = reader.id;
    plan.not_before = morning;
    plan.expires_at = given_up_at(context_, reader, morning, now);
    for (const std::string& channel : reader.channels) {
        plan.dedupe = fmt::format("operator/{}/{}/{}", to_string(today), reader.id.value, channel);
        plan.channel = channel;
        store::Outbox{context_.database}.plan_notice(plan, now);
    }
    return true;
}

Result<bool> OperatorDigests::step(TimePoint now) {
    if (context_.settings().operators.empty() || !look_.is_due(now)) {
        return false;
    }
    const std::vector<const PersonProfile*> all = operators();
    const auto work = [&]() -> Result<bool> {
        bool has_planned = false;
        for (const PersonProfile* reader : all) {
            has_planned = plan(*reader, now) || has_planned;
        }
        return has_planned;
    };
    const Result<bool> planned = store::write(context_.database, work);
    if (planned.has_value()) {
        look_.note(all, now);
    }
    return planned;
}

Result<message::OperatorDigest> read_operator_digest(
    const Context& context, const store::Delivery& delivery, TimePoint now
) {
    boost::system::error_code error;
    const json::value parsed = json::parse(delivery.content, error);
    if (error || !parsed.is_object()) {
        return fail(
            ErrorCode::bad_data,
            fmt::format("delivery {} has a content that is not ours", delivery.id.value)
        );
    }
    const json::object& content = parsed.as_object();
    const Result<Date> since = parse_date(json::value_to<std::string>(content.at("since")));
    if (!since.has_value()) {
        return since.error();
    }
    const PersonProfile& reader = context.people->owner(delivery.person);
    message::OperatorDigest digest;
    digest.id = delivery.key;
    digest.recipient = reader.name;
    digest.habits = message::habits_of(reader.language, *context.templates);
    digest.today = reader.today(now);
    digest.since = *since;
    for (const json::value& each : content.at("groups").as_array()) {
        digest.groups.push_back(given_up_in(each.as_object()));
    }
    // What an earlier version planned has none.
    const json::value* waiting = content.if_contains("waiting");
    for (const json::value& each : waiting == nullptr ? json::array{} : waiting->as_array()) {
        Result<message::WaitingMessages> group = waiting_in(each.as_object());
        if (!group.has_value()) {
            return group.error();
        }
        digest.waiting.push_back(*std::move(group));
    }
    const json::value* ownerless = content.if_contains("ownerless");
    for (const json::value& each : ownerless == nullptr ? json::array{} : ownerless->as_array()) {
        const json::object& group = each.as_object();
        digest.ownerless.push_back(
            {string_at(group, "key"),
             string_at(group, "name"),
             group.at("accounts").as_int64(),
             string_at(group, "manager")}
        );
    }
    return digest;
}

} // namespace reviewd::service
