// What people do with deliveries and channels, each with its line in the audit.
#include "daemon/service/channel_pause.hpp"
#include "daemon/service/composer.hpp"
#include "daemon/service/dispatcher.hpp"
#include "daemon/service/link_signing.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/standing.hpp"
#include "daemon/service/usefulness.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

/// Runs what a person does, with its line in the audit.
template <class Work>
auto audited(
    Context& context,
    const std::string& what,
    const Details& details,
    std::pair<const Actor&, TimePoint> by,
    Work work
) {
    return store::write(context.database, [&]() {
        const auto result = work();
        if (result.has_value()) {
            store::Audit{context.database}.record(
                {0, by.second, by.first.who, by.first.from, what, to_json(details)}
            );
        }
        return result;
    });
}

Details of(DeliveryId id) {
    return {{"delivery", std::to_string(id.value)}};
}

} // namespace

Result<void> Dispatcher::check_channel(std::string_view channel) const {
    std::vector<std::string> known;
    for (const config::ChannelSettings& each : context_.settings().channels) {
        known.push_back(each.name);
    }
    if (std::find(known.begin(), known.end(), channel) != known.end()) {
        return {};
    }
    const std::string all = known.empty() ? "none is configured, see `channels:`"
                                          : fmt::format("there are {}", fmt::join(known, ", "));
    const std::string hint = did_you_mean(channel, known);
    return fail(
        ErrorCode::not_found,
        fmt::format(
            "there is no channel `{}`; {}", escape_controls(channel), hint.empty() ? all : hint
        )
    );
}

Result<void> Dispatcher::pause_channel(
    std::string_view channel, std::string_view reason, const Actor& actor, TimePoint now
) {
    const Result<void> known = check_channel(channel);
    if (!known.has_value()) {
        return known;
    }
    const std::string words =
        reason.empty() ? fmt::format("paused by {}", actor.who) : std::string{reason};
    const Details details{{"channel", std::string{channel}}, {"reason", words}};
    const Result<void> kept =
        audited(context_, "channel.paused", details, {actor, now}, [&]() -> Result<void> {
            keep_channel_pause(context_.database, channel, words, now);
            return {};
        });
    if (kept.has_value()) {
        endpoint(channel).gate.hold(words);
    }
    return kept;
}

Result<void> Dispatcher::resume_channel(
    std::string_view channel, const Actor& actor, TimePoint now
) {
    // One that the settings have no more may still be paused.
    if (!endpoint(channel).gate.was_paused()) {
        const Result<void> known = check_channel(channel);
        if (!known.has_value()) {
            return known;
        }
        return fail(ErrorCode::not_found, fmt::format("channel `{}` is not paused", channel));
    }
    const Details details{{"channel", std::string{channel}}};
    const Result<void> resumed =
        audited(context_, "channel.resumed", details, {actor, now}, [&]() -> Result<void> {
            forget_channel_pause(context_.database, channel);
            // Whoever mended the channel wants to see the message go that found the trouble.
            store::Outbox{context_.database}.hurry_misconfigured(channel, now);
            return {};
        });
    if (resumed.has_value()) {
        endpoint(channel).gate.resume();
    }
    return resumed;
}

Result<void> Dispatcher::mark_read(DeliveryId delivery, TimePoint now) {
    return store::write(context_.database, [&]() -> Result<void> {
        store::Outbox{context_.database}.mark_read(delivery, now);
        return {};
    });
}

std::vector<Dispatcher::InboxEntry> Dispatcher::inbox(
    PersonId person, store::Outbox::Seen which, int limit
) {
    store::Outbox outbox{context_.database};
    std::vector<DeliveryId> ids;
    for (const config::ChannelSettings& channel : context_.settings().channels) {
        if (channel.traits.keeps_inbox) {
            const std::vector<DeliveryId> some =
                outbox.newest_accepted(person, channel.name, which, limit);
            ids.insert(ids.end(), some.begin(), some.end());
        }
    }
    std::sort(ids.rbegin(), ids.rend());
    ids.resize(std::min(ids.size(), static_cast<std::size_t>(limit)));
    std::vector<InboxEntry> entries;
    for (const DeliveryId id : ids) {
        InboxEntry entry{*outbox.find(id), outbox.is_read(id)};
        sign_links(context_, *entry.delivery.message);
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<void> Dispatcher::hold(
    DeliveryId id, std::string_view reason, const Actor& actor, TimePoint now
) {
    return audited(context_, "outbox.hold", of(id), {actor, now}, [&]() {
        return store::Outbox{context_.database}.hold(id, reason, std::nullopt, now);
    });
}

Result<void> Dispatcher::release(DeliveryId id, const Actor& actor, TimePoint now) {
    return audited(context_, "outbox.release", of(id), {actor, now}, [&]() {
        return store::Outbox{context_.database}.release(id, now);
    });
}

Result<DeliveryId> Dispatcher::retry(DeliveryId id, const Actor& actor, TimePoint now) {
    return audited(context_, "outbox.retry", of(id), {actor, now}, [&]() -> Result<DeliveryId> {
        store::Outbox outbox{context_.database};
        const auto given_up = outbox.find_without_message(id);
        if (const Result<void> known = given_up ? check_channel(given_up->channel) : Result<void>{};
            known.has_error()) {
            return known.error(); // nobody would send it
        }
        const PersonProfile& person =
            context_.people->owner(given_up ? given_up->person : PersonId{});
        const TimePoint expires = given_up_at(context_, person, now, now);
        const Result<DeliveryId> again = outbox.retry(id, expires, now);
        if (!again.has_value()) {
            return again;
        }
        // A review may have been closed since: what was given up is not told of that.
        const Result<bool> stands =
            still_stands(context_, outbox.find_without_message(*again).value(), now);
        if (!stands.has_value()) {
            return stands.error();
        }
        const store::Delivery made = *outbox.find_without_message(*again);
        if (store::is_final(made.state)) {
            const std::string words =
                carries_reminders(made.kind)
                    ? fmt::format(
                        "nothing that delivery {} reminds of is still to be done", id.value
                    )
                    : fmt::format("delivery {} is not sent again: {}", id.value, made.reason);
            return fail(ErrorCode::conflict, words);
        }
        return again;
    });
}

} // namespace reviewd::service
