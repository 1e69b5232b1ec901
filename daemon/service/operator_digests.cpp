#include "daemon/service/operator_digests.hpp"

#include "daemon/store/given_up.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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

std::string content_of(
    const config::Settings& settings, const std::vector<store::GivenUpGroup>& groups, Date since
) {
    json::array told;
    for (const store::GivenUpGroup& group : groups) {
        told.push_back(json::object{
            {"channel", group.channel},
            {"reason", group.reason},
            {"is_expired", group.is_expired},
            {"deliveries", group.deliveries},
            {"people", group.people},
            {"delivery", group.first.value},
            {"reply", find_invalid_utf8(group.reply) ? escape_controls(group.reply) : group.reply},
            {"fallback", fallback_of(settings, group.channel)}});
    }
    return json::serialize(json::object{{"since", to_string(since)}, {"groups", std::move(told)}});
}

bool is_reason_to_write(const store::GivenUpGroup& group) {
    return group.deliveries > group.of_operators;
}

} // namespace

std::vector<const PersonProfile*> OperatorDigests::operators() {
    std::vector<const PersonProfile*> found;
    for (const std::string& key : context_.settings().operators) {
        const PersonProfile* person = context_.people->find(key);
        if (person != nullptr && person->is_active) {
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
    const auto groups = store::read_given_up(context_.database, *last, now, groups_told);
    remember();
    if (std::none_of(groups.begin(), groups.end(), &is_reason_to_write)) {
        return false;
    }
    store::NoticePlan plan;
    plan.kind = "operator";
    plan.content = content_of(context_.settings(), groups, reader.today(*last));
    plan.person = reader.id;
    plan.not_before = morning;
    plan.expires_at = morning + context_.settings().retry.give_up_after;
    for (const std::string& channel : reader.channels) {
        plan.dedupe = fmt::format("operator/{}/{}/{}", to_string(today), reader.id.value, channel);
        plan.channel = channel;
        store::Outbox{context_.database}.plan_notice(plan, now);
    }
    return true;
}

Result<bool> OperatorDigests::step(TimePoint now) {
    if (context_.settings().operators.empty() || (next_ && now < *next_)) {
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
        next_ = now + std::chrono::hours{24};
        for (const PersonProfile* reader : all) {
            const TimePoint morning =
                review::next_morning(reader->attention(), now + std::chrono::milliseconds{1});
            next_ = std::min(*next_, morning);
        }
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
    digest.habits = message::habits_of(reader.language);
    digest.today = reader.today(now);
    digest.since = *since;
    for (const json::value& each : content.at("groups").as_array()) {
        const json::object& group = each.as_object();
        const auto text = [&](const char* key) {
            return json::value_to<std::string>(group.at(key));
        };
        digest.groups.push_back(
            {text("channel"),
             text("reason"),
             group.at("is_expired").as_bool(),
             group.at("deliveries").as_int64(),
             group.at("people").as_int64(),
             group.at("delivery").as_int64(),
             text("reply"),
             text("fallback")}
        );
    }
    return digest;
}

} // namespace reviewd::service
