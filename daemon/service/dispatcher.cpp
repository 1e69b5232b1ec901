#include "daemon/service/dispatcher.hpp"

#include "daemon/service/composer.hpp"
#include "daemon/service/digest_days.hpp"
#include "daemon/service/digest_maker.hpp"
#include "daemon/service/invitations.hpp"
#include "daemon/service/isolated_row.hpp"
#include "daemon/service/link_signing.hpp"
#include "daemon/service/recipients.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/standing.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

constexpr int freeze_batch = 20;
/// A message about many reviews takes as long as several: no batch goes on beyond these.
constexpr std::size_t freeze_reminders = 150;
/// After which somebody may have given the person an address.
constexpr std::chrono::hours address_wait{24};

/// Whether a reminder may still go out: its review is open, of the same occurrence, and the person
/// is the one whom the step is for.
bool stands(
    const Context& context,
    const store::Reminder& reminder,
    const std::optional<store::Review>& review,
    TimePoint now
) {
    if (reminder.is_cancelled || !review || !is_open(review->state)
        || review->occurrence != reminder.key.occurrence) {
        return false;
    }
    const auto step = review::find_step(reminder.key.step);
    const Date today = context.people->owner(review->owner).today(now);
    return step
           && may_receive(
               context, *review, {*step, reminder.key.repeat}, reminder.key.person, today
           );
}

/// The reminders that stand, with their reviews. What does not stand is taken out of the outbox,
/// and its review looked at again.
struct Checked {
    std::vector<RemindedReview> standing;
    bool is_complete = true;
};

Result<Checked> check_reminders(
    Context& context, const std::vector<store::Reminder>& reminders, TimePoint now
) {
    store::Reviews reviews{context.database};
    Checked checked;
    for (const store::Reminder& reminder : reminders) {
        if (reminder.is_cancelled) {
            continue;
        }
        std::optional<store::Review> review = reviews.find(reminder.key.review);
        if (stands(context, reminder, review, now)) {
            checked.standing.push_back({reminder, std::move(*review)});
            continue;
        }
        checked.is_complete = false;
        store::Outbox{context.database}.cancel_review(
            reminder.key.review, store::Outbox::Ending::superseded, "no longer stands", now
        );
        if (review && is_open(review->state)) {
            set_next_step(context, *review, now);
            const Result<void> updated = reviews.update(*review);
            if (!updated.has_value()) {
                return updated.error();
            }
        }
    }
    return checked;
}

/// Puts a delivery off while its person wants to be left in peace, and makes a digest of an earlier
/// day part of today's. @returns whether it may be claimed now
Result<bool> is_timely(Context& context, const store::Delivery& delivery, TimePoint now) {
    store::Outbox outbox{context.database};
    const PersonProfile* person = context.people->find(delivery.person);
    if (person == nullptr) {
        return true;
    }
    const DeliveryId id = delivery.id;
    const bool is_digest = !delivery.digest.empty();
    const review::Attention attention = person->attention();
    if (!review::may_write(attention, now)) {
        const TimePoint until =
            is_digest ? review::next_morning(attention, now) : review::next_opening(attention, now);
        const Result<void> held = outbox.hold(id, "quiet hours", until, now);
        return held.has_value() ? Result<bool>{false} : held.error();
    }
    const std::string today = to_string(person->today(now));
    if (!is_digest || delivery.digest >= today) {
        return true;
    }
    if (!person->is_reminded_at(now)) {
        const Result<void> held =
            outbox.hold(id, "the next morning", review::next_morning(attention, now), now);
        return held.has_value() ? Result<bool>{false} : held.error();
    }
    store::DeliveryPlan plan;
    plan.person = delivery.person;
    plan.channel = delivery.channel;
    plan.digest = today;
    plan.not_before = person->zone.moment(person->today(now), person->remind_at);
    plan.expires_at = now + context.settings().retry.give_up_after;
    return !outbox.renew(id, plan, now).has_value();
}

Result<bool> still_stands(
    Context& context,
    const store::Delivery& delivery,
    const std::vector<store::Reminder>& reminders,
    TimePoint now
) {
    if (delivery.kind == "invitation" && !is_newest_invitation(context, delivery)) {
        // As long as an attempt of the earlier one was under way it could not be taken back.
        const Result<void> cancelled = store::Outbox{context.database}.cancel(
            delivery.id, "a newer invitation replaces it", now
        );
        return cancelled.has_value() ? Result<bool>{false} : cancelled.error();
    }
    if (!carries_reminders(delivery.kind)) {
        return true;
    }
    const Result<Checked> checked = check_reminders(context, reminders, now);
    if (!checked.has_value()) {
        return checked.error();
    }
    return checked->is_complete && !checked->standing.empty();
}

Notice no_address(DeliveryId id, const std::string& refusal) {
    return {
        LogEvent::delivery_no_address,
        fmt::format("delivery {} has no address: {}", id.value, escape_controls(refusal))};
}

notify::Message to_message(const Context& context, store::Claim claim) {
    store::FrozenMessage& frozen = *claim.delivery.message;
    sign_links(context, frozen);
    notify::Message message;
    message.id = std::move(claim.delivery.key);
    message.message_id = std::move(frozen.message_id);
    message.thread_id = std::move(frozen.thread_id);
    message.date = frozen.date;
    message.recipient = {
        std::move(frozen.recipient_name), std::move(frozen.address), std::move(frozen.language)};
    message.subject = std::move(frozen.subject);
    message.text = std::move(frozen.text);
    message.html = std::move(frozen.html);
    message.payload = std::move(frozen.payload);
    message.calendar = std::move(frozen.calendar);
    for (const store::Reminder& reminder : claim.reminders) {
        message.reminder_ids.push_back(to_string(reminder.key));
    }
    return message;
}

store::FrozenMessage to_frozen(
    const store::Delivery& delivery,
    const PersonProfile& person,
    Composed composed,
    const std::string& host_name,
    TimePoint now
) {
    store::FrozenMessage frozen;
    if (delivery.person) {
        frozen.address = person.address_on(delivery.channel);
        frozen.recipient_name = person.name;
    }
    frozen.language = person.language;
    frozen.subject = std::move(composed.rendered.subject);
    frozen.text = std::move(composed.rendered.text);
    frozen.html = std::move(composed.rendered.html);
    frozen.payload = std::move(composed.rendered.payload);
    frozen.message_id = fmt::format("<{}@{}>", delivery.key, host_name);
    frozen.thread_id = std::move(composed.thread_id);
    frozen.date = now;
    frozen.calendar = std::move(composed.calendar);
    frozen.links = std::move(composed.links);
    return frozen;
}

} // namespace

Result<bool> still_stands(Context& context, const store::Delivery& delivery, TimePoint now) {
    return still_stands(
        context, delivery, store::Outbox{context.database}.reminders(delivery.id), now
    );
}

Dispatcher::Dispatcher(Context& context) : context_(context), times_(context.database) {}

Result<bool> Dispatcher::freeze_some(TimePoint now) {
    prepare();
    std::vector<std::string> channels;
    bool has_due = false;
    for (const OutboxTimes::Planned& planned : times_.planned()) {
        channels.push_back(planned.channel);
        has_due = has_due || planned.next <= now;
    }
    if (!has_due) {
        return false;
    }
    Notices notices;
    auto work = [&](const Rows& rows) {
        notices.clear(); // of a try that the database refused, or that one row spoilt
        return freeze_rows(channels, rows, now, notices);
    };
    const Result<bool> frozen = write_rows(context_.database, work);
    if (frozen.has_value()) {
        context_.notices.insert(context_.notices.end(), notices.begin(), notices.end());
    }
    return frozen;
}

Result<bool> Dispatcher::freeze_rows(
    const std::vector<std::string>& channels, const Rows& rows, TimePoint now, Notices& notices
) {
    store::Outbox outbox{context_.database};
    bool has_more = false;
    for (const std::string& channel : channels) {
        if (outbox.count_ready(channel, ready_most) >= ready_most) {
            continue; // its own deliveries make room; each end of one looks again
        }
        std::size_t reminders = 0;
        for (const store::Delivery& delivery :
             outbox.due_for_freezing(now, channel, freeze_batch)) {
            has_more = true;
            const Result<std::size_t> frozen = freeze(delivery, rows, now, notices);
            if (!frozen.has_value()) {
                return frozen.error();
            }
            reminders += *frozen;
            if (reminders >= freeze_reminders) {
                break;
            }
        }
    }
    return has_more;
}

/// @returns about how many reminders it is
Result<std::size_t> Dispatcher::freeze(
    const store::Delivery& delivery, const Rows& rows, TimePoint now, Notices& notices
) {
    std::size_t reminders = 0;
    std::vector<std::string> problems;
    std::string refusal;
    auto work = [&]() -> Result<void> {
        store::Outbox outbox{context_.database};
        std::vector<RemindedReview> standing;
        if (carries_reminders(delivery.kind)) {
            Result<Checked> checked = check_reminders(context_, outbox.reminders(delivery.id), now);
            if (!checked.has_value()) {
                return checked.error();
            }
            if (!checked->is_complete || checked->standing.empty()) {
                return {}; // taken out; what is left of it comes up again
            }
            standing = std::move(checked->standing);
            reminders = standing.size();
        }
        const PersonProfile& person = context_.people->owner(delivery.person);
        const std::string address = delivery.person ? person.address_on(delivery.channel) : "";
        refusal = refusal_of(delivery, address);
        if (!refusal.empty()) {
            return set_aside(delivery, "no address: " + refusal, now);
        }
        Result<Composed> composed =
            compose(context_, delivery, standing, endpoint(delivery.channel).extent, now);
        if (!composed.has_value()) {
            return composed.error();
        }
        problems = std::move(composed->problems);
        const store::FrozenMessage frozen =
            to_frozen(delivery, person, *std::move(composed), context_.options.host_name, now);
        if (delivery.kind == "digest") {
            remember_digest_day(context_, person, person.today(now));
        }
        return outbox.freeze(
            delivery.id, frozen, problems.empty() ? "" : "composed without a template", now
        );
    };
    const Result<void> written = rows.isolated(work);
    if (written.has_error()) {
        const Result<Notice> held = hold_row(context_, delivery.id, written.error(), now);
        if (held.has_value()) {
            notices.push_back(*held);
        }
        return held.has_value() ? Result<std::size_t>{reminders} : held.error();
    }
    if (!refusal.empty()) {
        notices.push_back(no_address(delivery.id, refusal));
    }
    for (const std::string& problem : problems) {
        notices.push_back({LogEvent::message_template, escape_controls(problem)});
    }
    return reminders;
}

/// The person cannot be reached over this channel: another one takes over at once, or the delivery
/// waits until somebody may have mended it.
Result<void> Dispatcher::set_aside(
    const store::Delivery& delivery, const std::string& reason, TimePoint now
) {
    store::Outbox outbox{context_.database};
    if (endpoint(delivery.channel).rules.fallback.empty()) {
        return outbox.hold(delivery.id, reason, now + address_wait, now);
    }
    const Result<void> given_up = outbox.give_up(delivery.id, reason, now);
    return given_up.has_value() ? fall_back(delivery, now) : given_up;
}

std::string Dispatcher::refusal_of(const store::Delivery& delivery, const std::string& address)
    const {
    const bool is_checked = context_.options.check_address && delivery.person;
    return is_checked ? context_.options.check_address(delivery.channel, address) : std::string{};
}

/// Who is written to is decided when it goes out: an address may have been mended since the message
/// was frozen, or taken away. @returns whether there is one
Result<bool> Dispatcher::follow_address(
    store::Delivery& delivery, TimePoint now, Notices& notices
) {
    const PersonProfile* const person = context_.people->find(delivery.person);
    if (person == nullptr || !delivery.message
        || person->address_on(delivery.channel) == delivery.message->address) {
        return true;
    }
    store::FrozenMessage& message = *delivery.message;
    message.address = person->address_on(delivery.channel);
    if (const std::string refusal = refusal_of(delivery, message.address); !refusal.empty()) {
        notices.push_back(no_address(delivery.id, refusal));
        const Result<void> aside = set_aside(delivery, "no address: " + refusal, now);
        return aside.has_value() ? Result<bool>{false} : aside.error();
    }
    if (!message.calendar.empty()) { // it names whom it invites
        const Extent no_html{Detail::full, message::Html::left_out};
        Result<Composed> composed = compose(context_, delivery, {}, no_html, now);
        if (!composed.has_value()) {
            return composed.error();
        }
        message.calendar = std::move(composed->calendar);
    }
    store::Outbox{context_.database}.readdress(delivery.id, message.address, message.calendar);
    return true;
}

Result<std::optional<SendOrder>> Dispatcher::claim_one(store::Delivery delivery, TimePoint now) {
    const Result<bool> timely = is_timely(context_, delivery, now);
    if (!timely.has_value()) {
        return timely.error();
    }
    store::Outbox outbox{context_.database};
    std::vector<store::Reminder> reminders = outbox.reminders(delivery.id);
    const Result<bool> stands = *timely ? still_stands(context_, delivery, reminders, now) : timely;
    if (!stands.has_value()) {
        return stands.error();
    }
    if (!*stands) {
        return std::optional<SendOrder>{};
    }
    Result<store::Claim> claimed = outbox.claim(std::move(delivery), std::move(reminders), now);
    if (!claimed.has_value()) {
        return std::optional<SendOrder>{};
    }
    SendOrder order{claimed->delivery.id, claimed->attempt, claimed->delivery.channel, {}};
    order.message = to_message(context_, *std::move(claimed));
    return std::optional<SendOrder>{std::move(order)};
}

} // namespace reviewd::service
