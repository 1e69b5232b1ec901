#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace reviewd::control {

namespace {

namespace json = boost::json;

constexpr std::int64_t entry_limit = 50;
constexpr std::int64_t largest_entry_limit = 1'000;

} // namespace

Result<json::value> list_inbox(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string key = arguments.text("person");
    const bool wants_all = arguments.flag("all");
    const auto limit =
        static_cast<int>(arguments.integer("limit", 1, largest_entry_limit).value_or(entry_limit));
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<PersonId> person = call.service.views().person(key);
    if (!person) {
        return person.error();
    }
    using Seen = store::Outbox::Seen;
    const Seen which = wants_all ? Seen::all : Seen::unread;
    json::array messages;
    for (const auto& entry : call.service.outbox().inbox(*person, which, limit)) {
        const store::FrozenMessage& message = *entry.delivery.message;
        messages.push_back(json::object{
            {"delivery", entry.delivery.id.value},
            {"received", to_string(entry.delivery.changed)},
            {"read", entry.is_read},
            {"subject", message.subject},
            {"text", message.text},
        });
        if (!entry.is_read) {
            const Result<void> marked =
                call.service.outbox().mark_read(entry.delivery.id, call.now);
            if (!marked) {
                return marked.error();
            }
        }
    }
    return json::value(json::object{{"messages", std::move(messages)}});
}

} // namespace reviewd::control
