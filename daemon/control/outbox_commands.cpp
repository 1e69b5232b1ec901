#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/limits.hpp"
#include "daemon/control/shapes.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace reviewd::control {

namespace {

namespace json = boost::json;

constexpr std::int64_t largest_id = std::numeric_limits<std::int64_t>::max();

/// The delivery that the arguments name, or what is wrong with them.
Result<DeliveryId> named_delivery(Arguments& arguments) {
    const std::optional<std::int64_t> number = arguments.integer("delivery", 1, largest_id);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if (!number) {
        return fail(ErrorCode::usage, "name the delivery by its number; outbox.list shows them");
    }
    return DeliveryId{*number};
}

Result<json::value> shown(const Call& call, DeliveryId id) {
    const Result<service::DeliveryView> view = call.service.views().delivery(id);
    if (!view) {
        return view.error();
    }
    return json::value(delivery_view_json(*view));
}

Error unknown_state(const std::string& text) {
    using State = store::DeliveryState;
    std::vector<std::string> states;
    for (int at = 0; at <= static_cast<int>(State::superseded); ++at) {
        states.emplace_back(name(static_cast<State>(at)));
    }
    const std::string hint = did_you_mean(text, states);
    return fail(
        ErrorCode::usage,
        fmt::format(
            "no delivery is ever in state `{}`; {}",
            text,
            hint.empty() ? fmt::format("states are {}", fmt::join(states, ", ")) : hint
        )
    );
}

/// Whether there is a channel of that name; one that the settings have no more is known by its
/// deliveries.
Result<void> check_channel(const Call& call, const std::string& channel) {
    Result<void> known = call.service.outbox().check_channel(channel);
    store::DeliveryFilter any;
    any.channel = channel;
    any.limit = 1;
    return known || call.service.views().deliveries(any).empty() ? known : Result<void>{};
}

Result<DeliveryId> existing(const Call& call, Arguments& arguments) {
    const Result<DeliveryId> id = named_delivery(arguments);
    if (!id) {
        return id;
    }
    const Result<service::DeliveryView> view = call.service.views().delivery(*id);
    return view ? id : Result<DeliveryId>{view.error()};
}

} // namespace

Result<json::value> list_deliveries(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string state = arguments.text_or_empty("state");
    const std::string channel = arguments.text_or_empty("channel");
    store::DeliveryFilter filter;
    filter.after = DeliveryId{arguments.integer("after", 0, largest_id).value_or(0)};
    const std::int64_t limit =
        arguments.integer("limit", 1, delivery_rows.largest).value_or(delivery_rows.usual);
    filter.limit = static_cast<int>(limit) + 1;
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    if (!state.empty()) {
        filter.state = store::find_delivery_state(state);
        if (!filter.state) {
            return unknown_state(state);
        }
    }
    if (!channel.empty()) {
        const Result<void> known = check_channel(call, channel);
        if (!known) {
            return known.error();
        }
        filter.channel = channel;
    }
    const PersonKeys people = person_keys(call.service.views(), call.now);
    json::array deliveries;
    std::vector<store::Delivery> found = call.service.views().deliveries(filter);
    const bool is_cut = cut_to(found, limit);
    for (const store::Delivery& delivery : found) {
        const auto person = people.find(delivery.person);
        deliveries.push_back(
            delivery_json(delivery, person == people.end() ? std::string{} : person->second)
        );
    }
    return json::value(json::object{{"deliveries", std::move(deliveries)}, {"is_cut", is_cut}});
}

Result<json::value> show_delivery(const Call& call) {
    Arguments arguments{call.arguments};
    const Result<DeliveryId> id = named_delivery(arguments);
    if (!id) {
        return id.error();
    }
    return shown(call, *id);
}

Result<json::value> hold_delivery(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string because = arguments.text_or_empty("because");
    const Result<DeliveryId> id = existing(call, arguments);
    if (!id) {
        return id.error();
    }
    const std::string reason = because.empty() ? "held by " + call.actor.who : because;
    const Result<void> held = call.service.outbox().hold(*id, reason, call.actor, call.now);
    if (!held) {
        return held.error();
    }
    return shown(call, *id);
}

Result<json::value> release_delivery(const Call& call) {
    Arguments arguments{call.arguments};
    const Result<DeliveryId> id = existing(call, arguments);
    if (!id) {
        return id.error();
    }
    const Result<void> released = call.service.outbox().release(*id, call.actor, call.now);
    if (!released) {
        return released.error();
    }
    return shown(call, *id);
}

Result<json::value> retry_delivery(const Call& call) {
    Arguments arguments{call.arguments};
    const Result<DeliveryId> id = existing(call, arguments);
    if (!id) {
        return id.error();
    }
    const Result<DeliveryId> sent = call.service.outbox().retry(*id, call.actor, call.now);
    if (!sent) {
        return sent.error();
    }
    return shown(call, *sent);
}

Result<json::value> list_channels(const Call& call) {
    if (const std::optional<Error> problem = Arguments{call.arguments}.problem()) {
        return *problem;
    }
    const std::vector<service::PausedChannel> paused = call.service.outbox().paused(call.now);
    json::array channels;
    for (const config::ChannelSettings& channel : call.service.configuration().settings->channels) {
        const auto found = std::find_if(paused.begin(), paused.end(), [&](const auto& each) {
            return each.channel == channel.name;
        });
        const bool is_paused = found != paused.end();
        channels.push_back(json::object{
            {"name", channel.name},
            {"type", channel.type},
            {"paused", is_paused ? json::value(found->reason) : json::value(nullptr)},
            {"until",
             is_paused && found->until ? json::value(to_string(*found->until))
                                       : json::value(nullptr)},
        });
    }
    return json::value(json::object{{"channels", std::move(channels)}});
}

Result<json::value> pause_channel(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string channel = arguments.text("channel");
    const std::string because = arguments.text_or_empty("because");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<void> paused =
        call.service.outbox().pause_channel(channel, because, call.actor, call.now);
    if (!paused) {
        return paused.error();
    }
    return json::value(json::object{{"channel", channel}});
}

Result<json::value> resume_channel(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string channel = arguments.text("channel");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<void> resumed =
        call.service.outbox().resume_channel(channel, call.actor, call.now);
    if (!resumed) {
        return resumed.error();
    }
    return json::value(json::object{{"channel", channel}});
}

Result<json::value> explain_route(const Call& call) {
    constexpr std::int64_t sends_shown = 5;
    constexpr std::int64_t sends_max = 50;
    Arguments arguments{call.arguments};
    const std::string account = arguments.text("account");
    const auto limit = arguments.integer("limit", 1, sends_max).value_or(sends_shown);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<service::RouteView> view =
        call.service.route(account, static_cast<int>(limit), call.now);
    if (!view) {
        return view.error();
    }
    json::array next;
    for (const service::PlannedSend& send : view->next) {
        const bool is_for_somebody = send.person != nullptr;
        const auto local =
            is_for_somebody ? send.person->zone.local_time(send.at) : std::chrono::minutes{0};
        next.push_back(json::object{
            {"at", to_string(send.at)},
            {"day",
             is_for_somebody ? json::value(to_string(send.person->today(send.at)))
                             : json::value(nullptr)},
            {"local_time", fmt::format("{:02}:{:02}", local.count() / 60, local.count() % 60)},
            {"step", send.step},
            {"repeat", send.repeat},
            {"person", is_for_somebody ? json::value(send.person->key) : json::value(nullptr)},
            {"channels", json::value_from(send.routing.channels)},
            {"send", service::name(send.routing.send)},
            {"why", json::value_from(send.routing.why)},
        });
    }
    return json::value(json::object{
        {"account", json::object{{"key", view->account.key}, {"name", view->account.name}}},
        {"review",
         json::object{
             {"id", view->review.id.value},
             {"state", name(view->review.state)},
             {"level", view->review.level},
             {"due", to_string(view->review.due)}}},
        {"owner", view->owner},
        {"next", std::move(next)},
    });
}

Result<json::value> show_feed(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string person = arguments.text("person");
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<std::string> address = call.service.feed_address(person, call.now);
    if (!address) {
        return address.error();
    }
    return json::value(json::object{{"address", *address}});
}

} // namespace reviewd::control
