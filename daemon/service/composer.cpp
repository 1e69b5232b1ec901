#include "daemon/service/composer.hpp"

#include "daemon/message/minimal.hpp"
#include "daemon/message/weekly_report.hpp"
#include "daemon/service/agreement.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/service/operator_digests.hpp"
#include "daemon/service/weekly_report_maker.hpp"
#include "daemon/store/portfolio.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>

namespace reviewd::service {
namespace {

namespace json = boost::json;

std::string thread_of(const Context& context, ReviewId review) {
    return fmt::format("<review-{}@{}>", review.value, context.options.host_name);
}

/// Gives every item its link: a placeholder that nobody could guess, and what it stands for.
void add_links(
    const Context& context,
    const store::Delivery& delivery,
    const std::vector<RemindedReview>& reminded,
    TimePoint now,
    std::pair<message::Digest*, Composed*> into
) {
    const config::Settings& settings = context.settings();
    if (!settings.links || settings.public_url.empty() || !context.options.sign_link) {
        return;
    }
    const auto valid = std::chrono::hours{24} * settings.links->valid_days;
    for (std::size_t i = 0; i < into.first->items.size(); ++i) {
        message::Item& item = into.first->items[i];
        for (const RemindedReview& one : reminded) {
            if (one.review.id.value != item.review_id) {
                continue;
            }
            const std::string placeholder = fmt::format("L{}{}", delivery.key, i);
            item.answer_url = fmt::format("{}/a/{}", settings.public_url, placeholder);
            into.second->links.push_back(
                {placeholder,
                 "answer",
                 one.review.id,
                 one.review.version,
                 one.review.occurrence,
                 delivery.person,
                 now + valid}
            );
            break;
        }
    }
}

Composed compose_digest(
    const Context& context,
    const store::Delivery& delivery,
    const std::vector<RemindedReview>& reminded,
    Extent extent,
    TimePoint now
) {
    Composed composed;
    message::Digest digest = make_digest(context, delivery, reminded, now, composed.problems);
    if (delivery.kind == "now") {
        // It speaks of what happened, not of the week.
        digest.more_late = 0;
        digest.first_late.clear();
        digest.more_this_week = 0;
    }
    if (extent.detail == Detail::minimal) {
        composed.rendered = message::minimal(digest);
        return composed;
    }
    add_links(context, delivery, reminded, now, {&digest, &composed});
    composed.rendered = message::render(digest, *context.templates, extent.html);
    if (digest.items.size() == 1) {
        composed.thread_id = thread_of(context, ReviewId{digest.items.front().review_id});
    }
    return composed;
}

/// A minimal event keeps the keys by which the receiver finds its own record, and no words.
Composed compose_event(json::object content, Detail detail) {
    Composed composed;
    json::object& data = content.at("data").as_object();
    json::object& account = data.at("account").as_object();
    composed.rendered.subject = json::value_to<std::string>(content.at("type"));
    if (detail == Detail::minimal) {
        account.erase("name");
        data.erase("note");
        data.erase("answers");
    } else {
        composed.rendered.subject += ": " + json::value_to<std::string>(account.at("name"));
    }
    composed.rendered.text = composed.rendered.subject + "\n";
    composed.rendered.payload = json::serialize(content);
    return composed;
}

Composed compose_notice(
    const Context& context,
    const store::Delivery& delivery,
    const json::object& content,
    message::Html html,
    TimePoint now
) {
    const PersonProfile& reader = context.people->owner(delivery.person);
    const auto text = [&](const char* key) {
        return json::value_to<std::string>(content.at(key));
    };
    message::Notice notice;
    notice.id = delivery.key;
    notice.recipient = reader.name;
    notice.habits = message::habits_of(reader.language, *context.templates);
    notice.today = reader.today(now);
    notice.what = text("what");
    notice.account = text("account");
    notice.owner = text("owner");
    notice.note = text("note");
    notice.review = text("review");
    if (content.contains("quiet_until")) { // what was planned by an earlier version has none
        notice.quiet_until = parse_date(text("quiet_until")).value();
    }
    Composed composed;
    composed.rendered = message::render(notice, *context.templates, html);
    return composed;
}

/// The sender of mails on the channel, whom a calendar takes for the organizer.
std::string organizer_of(const Context& context, const std::string& channel) {
    for (const config::ChannelSettings& each : context.settings().channels) {
        const config::Node* from = each.name == channel ? each.node.find("from") : nullptr;
        if (from != nullptr && from->is_scalar()) {
            return from->text();
        }
    }
    return {};
}

/// The day of an appointment without a time; nothing: it has one.
std::optional<Date> whole_day_of(
    const json::object& content, TimePoint start, const review::Zone& zone
) {
    if (const json::value* const day = content.if_contains("day")) {
        return day->is_null() ? std::nullopt
                              : std::optional{parse_date(day->as_string().c_str()).value()};
    }
    // What was planned by an earlier version says so by midnight.
    return is_midnight(start, zone) ? std::optional{zone.civil_day(start)} : std::nullopt;
}

Result<Composed> compose_invitation(
    const Context& context,
    const store::Delivery& delivery,
    const json::object& content,
    message::Html html,
    TimePoint now
) {
    const ReviewId id{content.at("review").as_int64()};
    const std::optional<store::Review> review = store::Reviews{context.database}.find(id);
    if (!review) {
        return fail(ErrorCode::not_found, fmt::format("there is no review {}", id.value));
    }
    const PersonProfile& reader = context.people->owner(delivery.person);
    const TimePoint start{std::chrono::milliseconds{content.at("start_ms").as_int64()}};
    const bool is_off = content.at("is_cancelled").as_bool();
    message::CalendarText calendar;
    calendar.method =
        is_off ? message::CalendarText::Method::cancel : message::CalendarText::Method::request;
    calendar.zone = reader.zone.name();
    calendar.stamp = now;
    message::CalendarEvent event = event_of(context, *review, reader);
    if (content.contains("summary")) { // what was planned by an earlier version has none
        event.summary = content.at("summary").as_string().c_str();
        event.description = content.at("description").as_string().c_str();
    }
    const auto local = reader.zone.local_time(start);
    event.sequence = static_cast<int>(content.at("sequence").as_int64());
    const std::optional<Date> whole_day = whole_day_of(content, start, reader.zone);
    event.day = whole_day.value_or(reader.zone.civil_day(start));
    event.start = whole_day ? std::nullopt : std::optional{start};
    event.is_cancelled = is_off;
    event.organizer_email = organizer_of(context, delivery.channel);
    event.attendee_name = reader.name;
    event.attendee_email = reader.address_on(delivery.channel);
    message::Invitation words;
    words.id = delivery.key;
    words.recipient = reader.name;
    words.habits = message::habits_of(reader.language, *context.templates);
    words.summary = event.summary;
    words.when = message::show_date(event.day, reader.today(now), words.habits);
    if (event.start) {
        words.when += fmt::format(" {:02}:{:02}", local.count() / 60, local.count() % 60);
    }
    words.contact = event.description.substr(0, event.description.find('\n'));
    words.is_changed = event.sequence > 0;
    words.is_cancelled = is_off;
    if (content.contains("other")) { // what was planned by an earlier version has none
        words.other = content.at("other").as_string().c_str();
    }
    calendar.events.push_back(std::move(event));
    Composed composed;
    composed.rendered = message::render(words, *context.templates, html);
    composed.calendar = message::to_icalendar(calendar);
    composed.thread_id = thread_of(context, id);
    return composed;
}

/// What is stored as JSON: events, notices, invitations.
Result<Composed> compose_content(
    const Context& context, const store::Delivery& delivery, Extent extent, TimePoint now
) {
    boost::system::error_code error;
    json::value content = json::parse(delivery.content, error);
    const bool is_known =
        delivery.kind == "event" || delivery.kind == "notice" || delivery.kind == "invitation";
    if (error || !content.is_object() || !is_known) {
        return fail(
            ErrorCode::bad_data,
            fmt::format("delivery {} has a content that is not ours", delivery.id.value)
        );
    }
    if (delivery.kind == "event") {
        return compose_event(std::move(content.as_object()), extent.detail);
    }
    if (delivery.kind == "notice") {
        return compose_notice(context, delivery, content.as_object(), extent.html, now);
    }
    return compose_invitation(context, delivery, content.as_object(), extent.html, now);
}

} // namespace

bool carries_reminders(const std::string& kind) {
    return kind == "digest" || kind == "now";
}

Result<Composed> compose(
    const Context& context,
    const store::Delivery& delivery,
    const std::vector<RemindedReview>& reminded,
    Extent extent,
    TimePoint now
) {
    Composed composed;
    if (carries_reminders(delivery.kind)) {
        composed = compose_digest(context, delivery, reminded, extent, now);
    } else if (extent.detail == Detail::minimal && delivery.kind != "event") {
        const PersonProfile& reader = context.people->owner(delivery.person);
        composed.rendered = message::minimal(
            delivery.kind, delivery.key, message::habits_of(reader.language, *context.templates)
        );
    } else if (delivery.kind == "week") {
        const PersonProfile& reader = context.people->owner(delivery.person);
        message::WeeklyReport report = make_weekly_report(context, reader, now);
        report.id = delivery.key;
        composed.rendered = message::render(report, *context.templates, extent.html);
    } else if (delivery.kind == "operator") {
        const Result<message::OperatorDigest> digest = read_operator_digest(context, delivery, now);
        if (!digest.has_value()) {
            return digest.error();
        }
        composed.rendered = message::render(*digest, *context.templates, extent.html);
    } else {
        Result<Composed> made = compose_content(context, delivery, extent, now);
        if (!made.has_value()) {
            return made;
        }
        composed = *std::move(made);
    }
    composed.problems.insert(
        composed.problems.end(),
        composed.rendered.problems.begin(),
        composed.rendered.problems.end()
    );
    return composed;
}

} // namespace reviewd::service
